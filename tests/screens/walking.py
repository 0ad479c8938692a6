"""Runs to be shown: a small guide, a session that was begun, and apps that drive it or look on."""

from __future__ import annotations

import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import pytest

from screens.app import WizardApp
from screens.walk import WalkScreen
from screens.widgets.card_base import Card
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.screens.frames import wait_until
from wizard.assemble import Resume, go_on
from wizard.errors import Gone
from wizard.run.events import WalkBegan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

    from wizard.errors import ExitCode
    from wizard.run.events import Event

ENVIRON = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "WIZARD_THEME": "dark"}
PATIENCE = 60.0
"""Seconds after which what was waited for fails the test: a request is held as long as a slow machine needs."""


def upgrade(place: Path, *, migrate: str = "echo portion one; echo error: odd", **more: Any) -> Journey:
    """A small upgrade that goes through an outage, waits for words, and ends with what cannot be undone."""
    update = phase(
        step("count", "for one in 1 2 3; do echo item $one; done", impact="read_only", makes="backup", rerun="safe"),
        step("stop", "echo stopped", outage="starts", undo=[step("start-again", "echo started")]),
        step(
            "migrate",
            migrate,
            why="Every item gets the time it was counted last.",
            notes=[{"kind": "danger", "text": "From here on only the backup brings 1.0 back."}],
            impact="needs_restore",
            ask_first="once",
            rerun="safe",
            undo=[step("restore", "echo restored", rerun="safe", ask_first="once")],
            **more,
        ),
        step("start", "echo on", outage="ends", undo=[step("stop-again", "echo off")]),
        step("look", confirm="Open the page and look."),
        impact="reversible",
        title="Update to 2.0",
    )
    parts = guide(update, product="Stockroom", defaults={"folder": str(place)})
    return Journey(place, parts)


def begun(journey: Journey) -> str:
    """Begin a session and leave it as its walk begins; gives its id."""

    def leave(event: Event) -> None:
        if isinstance(event, WalkBegan):
            raise Gone("left by the test")

    with pytest.raises(Gone):
        journey.begin(ScriptedOperator(watch=leave))
    return journey.folder.name


@asynccontextmanager
async def driven(
    size: tuple[int, int] = (80, 24), *, notifications: bool = False
) -> AsyncIterator[tuple[WizardApp, Pilot[ExitCode], WalkScreen]]:
    """The newest session, gone on with in the full screen; `notifications` are shown where they are waited for.

    The engine is gone behind it, also where it was asked something or attended a command.
    """
    app = WizardApp(lambda front_end: go_on(Resume(None), front_end), ENVIRON)
    try:
        async with app.run_test(size=size, notifications=notifications) as pilot:
            await wait_until(pilot, lambda: isinstance(app.screen, WalkScreen))
            screen = app.screen
            assert isinstance(screen, WalkScreen)
            yield app, pilot, screen
    finally:
        if (engine := app._engine) is not None:
            engine.lose("the test is over")
            engine.join(PATIENCE)


async def card_open(pilot: Pilot[Any], screen: WalkScreen) -> Card:
    """Wait for a card that can be answered."""
    await wait_until(pilot, lambda: isinstance(screen.view.card, Card) and screen.view.card.open)
    card = screen.view.card
    assert isinstance(card, Card)
    return card


class Driver:
    """Somebody else who drives the newest session, in a thread, and stays at a request until `let_go`, or its end."""

    def __init__(self, journey: Journey, request: str, reply: Any = True, **replies: Any) -> None:
        self._free = threading.Event()
        self.asked = threading.Event()
        self._reply = reply
        self._looks = threading.Event()
        self._operator = ScriptedOperator({request: self._wait, **replies})
        self._thread = threading.Thread(target=lambda: journey.resume(self._operator), daemon=True)
        self._thread.start()
        assert self.asked.wait(PATIENCE)

    def _wait(self, _: object) -> Any:
        self.asked.set()
        ends = time.monotonic() + PATIENCE
        while not self._free.wait(0.02):
            assert time.monotonic() < ends
            if self._looks.is_set():
                self._looks.clear()
                self._operator.glance()
        return self._reply

    def glance(self) -> None:
        """Let the engine look around, in its thread, while the request waits."""
        self._looks.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Let the run go on to its end."""
        self._free.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
