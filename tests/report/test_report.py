"""Reports: what was done, from the journal alone."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.run.test_walking import at, log
from wizard.assemble import session_report, session_status, store
from wizard.looking import folded
from wizard.report.data import to_json
from wizard.report.markdown import escape, to_markdown
from wizard.report.model import make_report
from wizard.run.journal import read_journal

if TYPE_CHECKING:
    from pathlib import Path


def test_a_report_tells_what_was_done_skipped_and_left(tmp_path: Path) -> None:
    """Every step is in it, with how it ended, what ran, and what a person decided."""
    journey = at(
        tmp_path,
        step("one", log("one"), takes="5m"),
        step("two", "exit 7"),
        step("three", log("three"), when="outcome('two') == 'done'", not_needed="Two was not done."),
        step("four", "exit 9"),
    )
    journey.begin(ScriptedOperator({"failed:two": ("skip", "not on this [machine]"), "failed:four": "stop"}))
    report = session_report(None)
    assert [(line.code, line.status) for line in report.phases[0].steps] == [
        ("1.1", "done"),
        ("1.2", "skipped"),
        ("1.3", "not needed"),
        ("1.4", "failed"),
    ]
    assert report.phases[0].steps[0].commands == ("echo one >> effects",)
    assert report.by_hand == ("1.2 Two: skipped — not on this [machine]",)
    assert report.state == "failed"
    assert (report.took < 60, report.expected) == (True, 300.0)


def test_a_clock_that_is_set_changes_no_time(tmp_path: Path) -> None:
    """Within a boot only its own clock counts; over a reboot the time of day, unless it went back."""
    at(tmp_path, step("one", log("one"))).begin(ScriptedOperator())
    opened = store().open()
    state, plan = folded(opened)
    entries = read_journal(opened.folder).entries
    half = len(entries) // 2

    def seconds(*, at: str, boot: str = "") -> float:
        later = [replace(entry, at=at, boot=boot or entry.boot) for entry in entries[half:]]
        return make_report(session_status(opened.id), state, plan, [*entries[:half], *later], None).seconds

    took = session_report(None).seconds
    assert 0 <= took < 60
    assert seconds(at="2001-01-01T00:00:00.000Z") == took
    assert 0 <= seconds(at="2001-01-01T00:00:00.000Z", boot="another") <= took
    whole = datetime.fromisoformat(entries[half - 1].at) + timedelta(hours=2)
    assert 7200 <= seconds(at=whole.isoformat(), boot="another") < 7260


def test_the_wait_for_a_word_is_told_apart_from_the_work(tmp_path: Path) -> None:
    """Where it is worth telling, with the step and altogether; a rehearsal tells no time of work."""
    walked = at(tmp_path, step("one", log("one"), takes="5m", ask_first="once"))
    walked.begin(ScriptedOperator())
    report = session_report(None)
    assert (report.asked < 60, "of waiting" in to_markdown(report)) == (True, False)
    line = replace(report.phases[0].steps[0], seconds=61.0, asked=700.0)
    slow = replace(report, asked=700.0, phases=(replace(report.phases[0], steps=(line,)),))
    markdown = to_markdown(slow)
    assert "in 1 min 1 s (expected 5 min), 11 min 40 s of waiting for a word" in markdown
    assert "- Steps waited 11 min 40 s for the word of a person" in markdown
    walked.begin(ScriptedOperator(), rehearse=True)
    assert session_report(None).expected == 0


def test_a_rehearsal_tells_of_no_outage(tmp_path: Path) -> None:
    """The service was there all the time, though the rehearsal went past the step at which an outage starts."""
    begins, ends = step("stop", log("stop"), outage="starts"), step("start", log("start"), outage="ends")
    thinks = ScriptedOperator({"sure": lambda _: not threading.Event().wait(0.1)})
    at(tmp_path, begins, step("sure", confirm="Really?"), ends, begins | {"id": "again"}).begin(thinks, rehearse=True)
    report = session_report(None)
    assert (report.rehearsal, report.outage_seconds, report.outage_on) == (True, 0.0, False)


def test_markdown_and_json_say_the_same(tmp_path: Path) -> None:
    """Text from outside is escaped in Markdown and whole in JSON."""
    at(tmp_path, step("one", "echo '# not a heading' >> effects"), step("two", "exit 1")).begin(
        ScriptedOperator({"failed:two": ("skip", "a *bold* reason")})
    )
    report = session_report(None)
    markdown = to_markdown(report)
    assert "a \\*bold\\* reason" in markdown
    assert "```sh\n  echo '# not a heading' >> effects\n  ```" in markdown
    data = json.loads(to_json(report))
    assert data["format"] == 1
    assert [one["title"] for one in data["phases"][0]["steps"]] == ["One", "Two"]
    assert data["answers"][0] == {"id": "current_version", "value": "1.0", "source": "operator"}


def test_a_report_ends_with_what_support_asks_for(tmp_path: Path) -> None:
    """Text and contact of the guide, and the answers of the sections its form names, and of no other."""
    people = {"section": "People", "ask": [{"id": "who", "label": "Who (by name)", "type": "text", "default": "Ada"}]}
    secret = {"section": "Keys", "ask": [{"id": "key", "label": "Key", "type": "secret"}]}
    parts = guide(
        phase(step("one", "true", env={"KEY": "${{ answers.key }}"})),
        questions=[VERSIONS, people, secret],
        support={"text": "Ask us.", "contact": "help@example.org", "form": ["Keys", "People"]},
    )
    Journey(tmp_path, parts).begin(ScriptedOperator({"key": "hush-hush-hush"}))
    report = session_report(None)
    lines = to_markdown(report).split("## Support\n")[1].split("\n")
    assert [line for line in lines if line] == [
        "Ask us.",
        "Contact: help@example.org",
        "### Keys",
        "- Key: not shown",
        "### People",
        "- Who \\(by name\\): Ada",
    ]
    assert json.loads(to_json(report))["support"]["form"][1]["answer"] == "Ada"


@given(st.text())
def test_escaped_text_stays_on_its_line(text: str) -> None:
    """Nothing from outside can begin a heading, a list or a table cell of its own."""
    escaped = escape(text)
    assert "\n" not in escaped
    assert all(escaped[place - 1] == "\\" for place, char in enumerate(escaped) if char == "|")


def test_what_no_undo_took_back_is_not_told_as_taken_back(tmp_path: Path) -> None:
    """After an undo of the whole run a step without a way back says so; one that changed nothing had nothing."""
    journey = at(tmp_path, step("kept", log("kept")), step("told", say="Hello."))
    journey.begin(ScriptedOperator())
    journey.undo(ScriptedOperator())
    details = {line.id: line.detail for line in session_report(None).phases[0].steps}
    assert details == {"kept": "nothing was taken back: it has no undo", "told": "nothing to take back"}
