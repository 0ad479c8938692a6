"""The questionnaire with the real engine: where answers come from, tables by keys and paste, versions without a way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events

from screens.app import WizardApp
from screens.questionnaire import QuestionnaireScreen
from screens.summary import SummaryScreen
from screens.widgets.form_grid import FormTableGrid
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.screens.form_app import GuideApp, focused
from tests.screens.frames import lines_of, text_of, wait_for_text, wait_until
from tests.screens.walking import ENVIRON
from wizard.assemble import Begin, begin
from wizard.errors import ExitCode
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot


def asking(place: Path) -> dict[str, Any]:
    """A guide with a question for every source of an answer, and a table."""
    nodes = [{"id": "name", "label": "Name", "unique": True}, {"id": "port", "label": "Port", "type": "number"}]
    ask = [
        {"id": "owner", "label": "Owner", "type": "text"},
        {"id": "grace", "label": "Grace", "type": "duration", "default": "5m"},
        {"id": "cluster", "label": "Cluster", "type": "yes_no"},
        {"id": "nodes", "label": "Nodes", "type": "table", "columns": nodes, "when": "answers.cluster"},
    ]
    found = {**VERSIONS["ask"][0], "found_in": "facts.now"}  # type: ignore[dict-item]
    questions = [{**VERSIONS, "ask": [found, VERSIONS["ask"][1]]}, {"section": "Service", "ask": ask}]
    facts = {"now": {"command": "echo 1.0"}}
    return guide(phase(step("one", "true")), questions=questions, facts=facts, defaults={"folder": str(place)})


def line_with(app: GuideApp, words: str) -> str:
    """The line of the screen with these words; empty where none has them."""
    return next((line for line in lines_of(app) if words in line), "")


async def test_every_answer_says_where_it_came_from(tmp_path: Path) -> None:
    """An answers file, this machine, a default, you: each in its words, at the question."""
    answers = tmp_path / "answers.yaml"
    answers.write_text("answers:\n  target_version: '2.0'\n", encoding="utf-8")
    app = GuideApp(Begin(str(Journey(tmp_path, asking(tmp_path)).file), answers=str(answers)))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: focused(app) == "current_version")
        await wait_for_text(pilot, "(found on this machine: ")
        await wait_until(pilot, lambda: line_with(app, "✓ Then").endswith("answers file"))
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "owner")
        await pilot.press(*"Ada", "enter")
        await wait_until(pilot, lambda: focused(app) == "grace")
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "cluster")
        await wait_until(pilot, lambda: line_with(app, "✓ Owner").endswith("you"))
        await wait_until(pilot, lambda: line_with(app, "✓ Grace").endswith("default"))
        await pilot.press("pageup")
        await wait_for_text(pilot, "✓ Now")
        await wait_until(pilot, lambda: line_with(app, "✓ Now").endswith("found on this machine"))


async def test_rows_are_pasted_and_moved_and_the_screen_says_what_came(tmp_path: Path) -> None:
    """Several lines at once become rows, one moves up by a key, and the engine takes them in that order."""
    journey = Journey(tmp_path, asking(tmp_path))
    app = GuideApp(Begin(str(journey.file), sets=("target_version=2.0", "owner=Ada", "grace=1m")))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: focused(app) == "current_version")
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "cluster")
        await pilot.press("enter")
        await wait_for_text(pilot, "Asked now: Nodes")
        await wait_until(pilot, lambda: isinstance(app.focused, FormTableGrid))
        grid = app.focused
        assert isinstance(grid, FormTableGrid)
        grid.post_message(events.Paste("one 81\ntwo 82\nthree 83\n"))
        await wait_for_text(pilot, "three")
        await pilot.press("down", "down", "k")
        await wait_until(pilot, lambda: text_of(app).index("three") < text_of(app).index("two"))
        await pilot.press("t")
        await wait_for_text(pilot, "All is answered")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.proceeding)
    rows = journey.state.answers["nodes"]["value"]
    assert [(row["name"], row["port"]) for row in rows] == [("one", 81), ("three", 83), ("two", 82)]


async def left_at_the_form(app: WizardApp, pilot: Pilot[ExitCode]) -> None:
    """Leave by keys, as somebody does who has to look something up."""
    await wait_until(pilot, lambda: isinstance(app.screen, QuestionnaireScreen))
    await wait_for_text(pilot, "would be a downgrade")
    await pilot.press("ctrl+q")
    await wait_for_text(pilot, "Leave?")
    await pilot.press("down", "enter")
    await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))


async def test_leaving_where_no_way_leads_to_the_version_ends_as_in_plain_lines(tmp_path: Path) -> None:
    """Exit 21 with the reason; the session is kept, and r asks for the versions again."""
    journey = Journey(tmp_path, guide(phase(step("one", "true"))), ("current_version=2.0", "target_version=1.0"))
    request = Begin(str(journey.file), sets=journey.sets)
    app = WizardApp(lambda front_end: begin(request, front_end), ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        await left_at_the_form(app, pilot)
        assert app.last_code is ExitCode.VERSION_PATH
        await wait_for_text(pilot, "r  wizard resume")
        assert "would be a downgrade" in text_of(app)
        assert (journey.state.word, journey.state.closed) == (SessionState.STOPPED, "")
        await pilot.press("r")
        await left_at_the_form(app, pilot)
