"""Reports: what was done, from the journal alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import step
from tests.run.test_walking import at, log
from wizard.assemble import session_report
from wizard.report.data import to_json
from wizard.report.markdown import escape, to_markdown

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
    assert report.by_hand == ("1/work/two: skipped — not on this [machine]",)
    assert report.state == "failed"


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


@given(st.text())
def test_escaped_text_stays_on_its_line(text: str) -> None:
    """Nothing from outside can begin a heading, a list or a table cell of its own."""
    escaped = escape(text)
    assert "\n" not in escaped
    assert all(escaped[place - 1] == "\\" for place, char in enumerate(escaped) if char == "|")
