"""What was told and what the journal says, in one course."""

from __future__ import annotations

from screens.widgets.told_lines import log_lines, told_lines
from tests.fakes.plans import finding
from wizard.checks.model import Status
from wizard.run.events import CheckAsked, Difference, Owed, Said
from wizard.run.session_view import LogLine, ToldSeen

LOG = (
    LogLine(1, "2026-03-01T22:04:05.100Z", "1.1 One: began", "1/a/one"),
    LogLine(2, "2026-03-01T22:04:06.100Z", "1.1 One: failed — exit 4", "1/a/one", ends=True),
    LogLine(3, "2026-03-01T22:05:00.100Z", "1.1 One: began", "1/a/one"),
    LogLine(4, "2026-03-01T22:05:01.100Z", "1.1 One: done", "1/a/one", ends=True),
    LogLine(5, "2026-03-01T22:05:01.200Z", "1.2 Two: began", "1/a/two"),
)


def told(number: int, after: int, words: str) -> ToldSeen:
    """A remark that came behind an event."""
    return ToldSeen(1, number, after, "2026-03-01T22:04:05.200Z", "1/a/one", Said(words))


def test_what_was_told_stands_behind_the_event_it_came_after() -> None:
    """So before the end of the try it was told in; what came after the last event stands last."""
    remarks = [told(1, 0, "of none"), told(2, 1, "first try"), told(3, 3, "second\ntry"), told(4, 5, "of two")]
    words = [line.text[9:] for line in log_lines(LOG, remarks)]
    assert words == [
        "of none", "1.1 One: began", "first try", "1.1 One: failed — exit 4", "1.1 One: began", "second", "try",
        "1.1 One: done", "1.2 Two: began", "of two",
    ]  # fmt: skip
    assert [line.tone for line in log_lines(LOG, ()) if "failed" in line.text] == ["bad"]


def test_events_become_lines_that_say_without_colour_what_they_are() -> None:
    """Kinds, verdicts and signs are words; control characters of foreign text are gone."""
    failed = finding("disk", Status.FAIL, title="Room \x1b[2Jenough", remedy="Make room")
    assert told_lines(Said("Mind\nthe gap", "danger"))[0].text == "DANGER: Mind"
    assert told_lines(CheckAsked(failed))[0].text.startswith("FAIL Room enough")
    assert told_lines(CheckAsked(failed))[-1].text == "  What to do: Make room"
    assert [line.tone for line in told_lines(Difference("a", ("-old", "+new", " same")))] == ["", "bad", "good", ""]
    assert told_lines(Owed((("1.1", "set back"),)))[0].text == "Still owed: 1.1 set back"
