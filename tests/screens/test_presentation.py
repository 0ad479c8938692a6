"""The layout for sharing the screen: what is covered, where, and that it comes and goes without a trace."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.widgets import Static

from screens.app import WizardApp
from screens.presentation import MaskFilter, Masking, names_here
from screens.requests import JobEnded
from screens.stage import WizardScreen
from screens.summary import SummaryScreen
from screens.widgets.status_line import StatusLine
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.screens.frames import OneScreen, text_of, wait_for_text, wait_until
from tests.screens.looking import FINDINGS, Looking
from tests.screens.some_sessions import done_session
from wizard.errors import ExitCode
from wizard.looking import hosts_of

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

ENVIRON = {"TERM": "xterm-256color", "USER": "verity", "SSH_CONNECTION": "192.0.2.7 51234 192.0.2.1 22"}


class Shared(WizardScreen[None]):
    """A screen that names a machine, with a large status line."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Static(self._words, markup=False)


def test_names_are_covered_and_can_be_told_apart() -> None:
    """Each name has a word of its own, as wide as the name; parts of other words stay."""
    masking = Masking(("db-prod-01.example.com", "web-1"), ("verity",))
    text = "ssh verity@db-prod-01.example.com, WEB-1, db-prod-01 and web-10; localhost, verityx"
    covered = masking.text(text)
    assert len(covered) == len(text)
    assert covered.startswith("ssh user1·@host1" + "·" * 17)
    assert "host3, host2·····" in covered
    assert covered.endswith("and web-10; localhost, verityx")


@given(st.lists(st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True), max_size=6), st.text(max_size=80))
def test_covering_keeps_the_length_and_leaves_no_name(names: list[str], around: str) -> None:
    """Whatever the names, no line becomes longer or shorter, and no whole name is left."""
    masking = Masking(names)
    text = " ".join((around, *names))
    covered = masking.text(text)
    assert len(covered) == len(text)
    assert not masking.names & set(covered.lower().split())


def test_a_name_in_two_styles_is_covered() -> None:
    """Lines are made of parts; a name may begin in one and end in another."""
    bold = Style(bold=True)
    parts = [Segment("on db-"), Segment("prod", bold), Segment("-01 now")]
    covered = MaskFilter(Masking(("db-prod-01",))).apply(parts, Color.parse("black"))
    assert "".join(part.text for part in covered) == "on host1····· now"
    assert [part.style for part in covered] == [None, bold, None]


def test_what_this_place_gives_away() -> None:
    """The machine, both ends of the SSH connection, and the user."""
    hosts, users = names_here(ENVIRON)
    assert hosts == (os.uname().nodename, "192.0.2.7", "192.0.2.1")
    assert users == ("verity",)


async def test_w_covers_the_whole_screen_and_uncovers_it() -> None:
    """Every widget is drawn with names covered, the class for styles is there, and a second `w` takes both away."""
    words = f"verity from 192.0.2.7 works on {platform.node()}"
    app = WizardApp(None, ENVIRON)
    screen = Shared(words)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.push_screen(screen)
        await wait_for_text(pilot, words)
        status = screen.query_one(StatusLine)
        undone = "what 2.4, 3.1.1.1, 3.1.1.2 and 6 more did has no undo"
        status.show("4.2", "Move the users", "running", f"can still go back until 5.1; {undone}; 4 steps have none")
        assert not status.display
        await pilot.press("w")
        await wait_until(pilot, lambda: "user1· from" in text_of(app))
        assert "verity" not in text_of(app)
        assert "192.0.2.7" not in text_of(app)
        assert app.has_class("-presenting")
        assert "Move the users" in text_of(app)
        assert "can still go back until 5.1; …" in text_of(app), "whole clauses only, and the first one always"
        await wait_for_text(pilot, "w uncovers them")
        await pilot.press("w")
        await wait_for_text(pilot, words)
        assert "Move the users" not in text_of(app)


async def test_machines_in_the_answers_are_covered(tmp_path: Path) -> None:
    """Answers and columns of the types for hosts are read from the session's folder."""
    questions = {
        "section": "Machines",
        "ask": [
            {"id": "database", "label": "Database", "type": "host_port"},
            {
                "id": "nodes",
                "label": "Nodes",
                "type": "table",
                "columns": [
                    {"id": "name", "label": "Name"},
                    {"id": "host", "label": "Host", "type": "host"},
                ],
            },
        ],
    }
    parts = guide(phase(step("look", "true")), questions=[VERSIONS, questions])
    sets = (
        "current_version=1.0",
        "target_version=2.0",
        "database=db.intern:5432",
        "nodes=a,n1.intern",
    )
    journey = Journey(tmp_path, parts, sets)
    journey.begin(ScriptedOperator())
    session = journey.folder.name
    assert hosts_of(session) == ("db.intern", "n1.intern")
    app = WizardApp(None, ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Shared("n1.intern and db.intern"))
        await wait_for_text(pilot, "n1.intern")
        app.present(session, ENVIRON)
        await wait_until(pilot, lambda: "intern" not in text_of(app))


async def test_machines_of_a_session_that_is_only_looked_at_are_covered_too(tmp_path: Path) -> None:
    """Who opens a session from home to look on shares no more of it than who drives it."""
    ask = {"section": "Machines", "ask": [{"id": "node", "label": "Node", "type": "host"}]}
    parts = guide(phase(step("look", ["echo", "${{ answers.node }}"])), questions=[VERSIONS, ask])
    journey = Journey(tmp_path, parts, ("current_version=1.0", "target_version=2.0", "node=n1.intern"))
    journey.begin(ScriptedOperator())
    app = WizardApp(None, ENVIRON)
    async with app.run_test(size=(80, 24)) as pilot:
        app.look_on(journey.folder.name)
        await wait_for_text(pilot, "n1.intern")
        await pilot.press("w")
        await wait_until(pilot, lambda: "intern" not in text_of(app))
        assert "host" in text_of(app)


async def test_checks_and_summary_have_the_large_line_too(tmp_path: Path) -> None:
    """Who looks on at a shared screen reads how it stands at every stage, and nothing of it twice."""
    checks = Looking()
    async with checks.app.run_test(size=(80, 24)) as pilot:
        checks.look(FINDINGS)
        await pilot.press("w")
        await wait_until(pilot, lambda: checks.screen.query_one(StatusLine).display)
        text = text_of(checks.app)
        assert text.splitlines()[1].strip().startswith("Cannot start: 2 findings block")
        assert text.count("2 findings block") == 2, "the large line, and the verdict above the keys"
    summary = OneScreen(SummaryScreen(done_session(tmp_path / "done").id, None, JobEnded(ExitCode.DONE, None)))
    async with summary.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "✓ Done")
        await pilot.press("w")
        await wait_until(pilot, lambda: summary.screen.query_one(StatusLine).display)
        assert text_of(summary).splitlines()[0].strip().startswith("✓ Done")
