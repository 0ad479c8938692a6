"""The words for what happens, at 80 columns, in ASCII, without colour, and clean."""

from __future__ import annotations

import re

import pytest

from tests.fakes.plans import finding, planned_phase, planned_step, small_plan
from wizard.checks.model import Status
from wizard.checks.words import findings_summary, sorted_findings
from wizard.facts.model import FactReading, FactStatus
from wizard.guide.models.steps import Impact
from wizard.plain.render import (
    event_lines,
    findings_lines,
    progress_words,
    show_value,
    walked_steps,
)
from wizard.plain.style import Style, cells
from wizard.plan.model import Included
from wizard.questions.model import Answer, AnswerSource
from wizard.run.events import (
    AnswerTaken,
    CheckAsked,
    ChecksEnded,
    CommandEnded,
    CommandStarted,
    Difference,
    Event,
    FactRead,
    Owed,
    PhaseBegan,
    PlanMade,
    RunEnded,
    Said,
    SessionOpened,
    StepBegan,
    StepEnded,
)
from wizard.secrets import MASK, Secret

EVIL = "evil\x1b]0;t\x07\x1b[2J\u202e\x9b6n text with — dashes… and “quotes”, " + "long " * 40
BOXES = (("danger", EVIL, EVIL), ("note", "", "Short."))
STEP = planned_step(title=EVIL, impact=Impact.IRREVERSIBLE, takes=200.0)

EVENTS: list[Event] = [
    SessionOpened("20260101-demo", EVIL, resumed=True),
    FactRead(FactReading("settings", FactStatus.KNOWN, {"PORT": EVIL}, source=EVIL)),
    FactRead(FactReading("settings", FactStatus.ABSENT, reason=EVIL)),
    FactRead(FactReading("settings", FactStatus.UNKNOWN, reason=EVIL)),
    AnswerTaken(Answer("install_dir", EVIL, AnswerSource.FILE), EVIL),
    ChecksEnded((finding(title=EVIL),), (("disk", EVIL),)),
    PlanMade(small_plan(), BOXES),
    PhaseBegan(planned_phase(STEP, title=EVIL), EVIL, BOXES),
    StepBegan(STEP, EVIL, EVIL, (), BOXES),
    StepEnded(STEP, "failed", EVIL),
    CommandStarted(STEP, "0042-01", "psql -c 'select 1'", attached=True),
    CommandEnded("0042-01", EVIL, 200.0),
    Said(EVIL),
    Said(EVIL, "warning"),
    CheckAsked(finding(say=EVIL, remedy=EVIL, fix=EVIL, links=("https://example.org/",))),
    Owed((("3.1", EVIL),)),
    RunEnded("failed", EVIL, (EVIL,)),
]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("width", [80, 40])
def test_every_event_fits_and_is_clean(event: Event, width: int) -> None:
    """No event gives a line that is too wide or holds a control character, whatever the guide or machine says."""
    lines = event_lines(event, Style(width=width))
    assert lines
    for line in lines:
        assert cells(line) <= width or " " not in line.strip()
        assert line.isprintable()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_can_be_told_in_ascii(event: Event) -> None:
    """A terminal without UTF-8 gets the same words, spelled in ASCII."""
    lines = event_lines(event, Style(unicode=False))
    assert all(line.isascii() for line in lines)
    assert len("".join(lines)) > 10


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_colour_only_adds(event: Event) -> None:
    """Taking the colours away gives exactly the lines without colour."""
    plain = event_lines(event, Style())
    assert [_COLOUR.sub("", line) for line in event_lines(event, Style(colour=True))] == plain


def test_a_step_is_announced_with_code_why_boxes_commands_and_progress() -> None:
    """The code that is said aloud comes first, then how far one is, why, and the whole command."""
    command = "docker run -it --rm " + "--env-file /opt/product/.env " * 4
    began = StepBegan(planned_step(), "Migrate the database", "Nobody can log in without it.", (command,))
    lines = event_lines(began, Style(), "step 2 of 2")
    assert lines[1] == "Step 3.2 — Migrate the database  (step 2 of 2)"
    assert lines[2] == "Nobody can log in without it."
    assert lines[-1] == f"    $ {command}"


def test_a_command_shows_its_hidden_characters() -> None:
    """A command is never made shorter than what will run."""
    began = StepBegan(planned_step(), "x", "", ("echo a\x1b[2K\nsecond",))
    assert event_lines(began, Style())[-2:] == ["    $ echo a\\x1b[2K", "      second"]


def test_a_box_says_its_kind_in_words() -> None:
    """DANGER is a word, not only a colour."""
    lines = event_lines(Said("All data is lost.", "danger"), Style())
    assert lines == ["│ DANGER", "│ All data is lost."]


def test_a_phase_says_whether_one_can_go_back() -> None:
    """Impact and the way back stand under the phase's title."""
    lines = event_lines(PhaseBegan(planned_phase(), "you can go back until 4.1"), Style())
    assert "Phase 3 — Update the product" in lines
    assert "Impact: only the backup brings it back." in lines
    assert "Way back: you can go back until 4.1" in lines


def test_findings_come_with_what_matters_first() -> None:
    """What blocks is first, what was bypassed is not among it, and passes are last."""
    findings = (
        finding("fine", Status.OK),
        finding("risk", Status.RISK),
        finding("unknown", Status.UNKNOWN),
        finding("bypassed", Status.FAIL),
        finding("fail", Status.FAIL),
        finding("skipped", Status.SKIPPED),
    )
    ordered = sorted_findings(findings, {"bypassed": "why"})
    assert [one.key for one in ordered] == ["fail", "unknown", "risk", "bypassed", "fine", "skipped"]
    assert findings_summary(findings, {"bypassed": "why"}) == (
        "Checks: 2 fail, 1 unknown, 1 risk, 1 ok, 1 skipped; 3 block."
    )


def test_a_finding_carries_everything_that_helps() -> None:
    """Evidence, what to do, the fix, the link, the check's key, and the reason of a bypass."""
    one = finding(fix="Empty the cache", links=("https://example.org/disk",))
    shown = "\n".join(findings_lines((one,), Style(), {"disk": "enough for us"}))
    for part in (
        "FAIL    Room for the dump (bypassed)",
        "Seen: 1.0 GiB free (statvfs)",
        "What to do: Free some space.",
        "Fix offered: Empty the cache",
        "https://example.org/disk",
        "Check: disk",
        "Bypassed because: enough for us",
    ):
        assert part in shown


def test_a_difference_is_shown_whole() -> None:
    """Lines of a difference are not wrapped, so they can be compared and copied."""
    line = "+PORT=" + "8" * 120
    assert event_lines(Difference("/opt/x/.env", ("-PORT=1", line)), Style())[1:] == ["    -PORT=1", f"    {line}"]


def test_a_command_is_not_shown_twice() -> None:
    """A command that its step announced a moment ago is not repeated when it starts; another one is shown."""
    started = CommandStarted(planned_step(), "0042-01", "migrate")
    assert event_lines(started, Style(), shown=("migrate",)) == ["Running (attempt 0042-01)."]
    assert event_lines(started, Style(), shown=("other",)) == ["Running (attempt 0042-01):", "    $ migrate"]


def test_progress_counts_the_steps_that_are_walked() -> None:
    """Groups count by their parts; what is not part of the run does not count."""
    group = planned_step("group", steps=(planned_step("one"), planned_step("two", included=Included.NO)))
    plan = small_plan(
        planned_phase(group, planned_step("three")), planned_phase(planned_step("x"), included=Included.NO)
    )
    steps = walked_steps(plan)
    assert steps == ["1/update/one", "1/update/three"]
    assert progress_words(steps, "1/update/three") == "step 2 of 2"
    assert progress_words(steps, "elsewhere") == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Secret("hush"), MASK),
        (True, "yes"),
        (["a", False], "a, no"),
        ([{"name": "a", "token": Secret("hush")}], f"(name: a, token: {MASK})"),
        ("", "(empty)"),
        (None, "(empty)"),
        ("two\nlines", "two lines"),
    ],
)
def test_values_for_a_person(value: object, shown: str) -> None:
    """Values are one line, secrets are masked however deep they lie."""
    assert show_value(value) == shown


def test_no_secret_is_told() -> None:
    """An answer that is a secret is told as its mask."""
    event = AnswerTaken(Answer("password", Secret("hush-hush"), AnswerSource.FILE), "Password")
    assert event_lines(event, Style()) == [f"  Password: {MASK} (answers file)"]
