"""The scenes of which pictures are made: each brings the real app, on real sessions, to one screen."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from screens.app import WizardApp
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.screens.frames import text_of, wait_for_text, wait_until
from wizard.assemble import Begin, Resume, begin, go_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from screens.engine import Job

ENVIRON: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "WIZARD_THEME": "dark", "USER": "verity"}

_MIGRATE: Final = (
    "for one in 1 2 3 4 5 6 7 8; do printf 'table %s: \\033[32mconverted\\033[0m\\n' $one; done; "
    "echo 'ERROR 1205: lock wait timeout exceeded' >&2; exit 3"
)


def stockroom(place: Path, *, migrate: str = _MIGRATE) -> Journey:
    """A small upgrade with an outage, a check that fails, and a step that does not work."""
    back_up = phase(
        step(
            "dump",
            "for one in items places users; do echo dumping $one; done",
            makes="backup",
            rerun="safe",
            takes="2m",
        ),
        title="Back up",
    )
    update = phase(
        step(
            "stop", "echo stopped", outage="starts", undo=[step("start-again", "echo started")], title="Stop Stockroom"
        ),
        step(
            "migrate",
            migrate,
            title="Convert the database",
            why="2.0 keeps the time each item was counted last, so every row is written anew.",
            notes=[{"kind": "danger", "text": "From here on only the backup brings 1.0 back."}],
            impact="needs_restore",
            takes="5m",
            rerun="safe",
        ),
        step("start", "echo on", outage="ends", title="Start Stockroom"),
        step("look", confirm="Open the page and count an item.", title="Look at it"),
        title="Update to 2.0",
    )
    checks = [
        {"id": "room", "title": "Room for the backup", "disk": {"path": str(place), "free": "1 MiB"}},
        {
            "id": "agreed",
            "title": "The users know of the outage",
            "file": str(place / "announced"),
            "blocks": "bypassable",
            "remedy": "Write to them, then create the file.",
        },
    ]
    questions = {
        "section": "Your installation",
        "ask": [
            {"id": "data", "label": "Folder of the data", "type": "path", "why": "It is backed up first."},
            {"id": "quiet", "label": "Stop outside working hours only?", "type": "yes_no", "default": True},
        ],
    }
    parts = guide(
        {**back_up, "id": "back-up"},
        {**update, "id": "update"},
        id="stockroom",
        product="Stockroom",
        title="Upgrade Stockroom",
        summary="Upgrades an inventory service from 1.0 to 2.0, with a way back.",
        defaults={"folder": str(place)},
        checks=checks,
        questions=[VERSIONS, questions],
        glossary={"item": "Something that lies in the stockroom."},
    )
    place.mkdir(parents=True, exist_ok=True)
    return Journey(place, parts, ("current_version=1.0", "target_version=2.0", f"data={place}", "quiet=yes"))


def _past_checks() -> dict[str, Any]:
    """Replies that bypass what can be bypassed, and begin."""
    from tests.fakes.operators import Turns

    return {"proceed": Turns(("bypass:agreed", "They were told by phone."), "start")}


# -- what is shown -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: `sessions` is made first, then the app does `job` (home without one) and `act` brings it there."""

    name: str
    shows: str
    """Words that stand in the picture."""
    act: Callable[[Pilot[Any]], Awaitable[None]]
    sessions: Callable[[Path], object] = lambda _: None
    job: Callable[[Path], Job] | None = None
    size: tuple[int, int] = (100, 30)
    theme: str = "dark"
    readme: bool = False


def pressing(*keys: str, first: str, then: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Wait for words, press keys, wait for other words."""

    async def act(pilot: Pilot[Any]) -> None:
        await wait_for_text(pilot, first, 30)
        await pilot.press(*keys)
        await wait_for_text(pilot, then, 30)

    return act


def opening(*keys: str, steps: tuple[str, ...]) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Wait for the first words, press the first key, wait for the second words, and so on."""

    async def act(pilot: Pilot[Any]) -> None:
        for words, key in zip(steps, (*keys, None), strict=True):
            await wait_for_text(pilot, words, 30)
            if key is not None:
                await pilot.press(key)

    return act


def stopped_at_failure(place: Path) -> None:
    """A session that failed while the database was converted."""
    stockroom(place / "failed").begin(
        ScriptedOperator({**_past_checks(), "failed:migrate": "stop"}), name="night shift"
    )


def all_done(place: Path) -> None:
    """A session that is done."""
    stockroom(place / "done", migrate="echo converted").begin(ScriptedOperator({**_past_checks(), "look": True}))


def several(place: Path) -> None:
    """One that is done, and one that needs somebody."""
    all_done(place)
    stopped_at_failure(place)


def go_on_with_newest(_: Path) -> Job:
    """Resume the newest session."""
    return lambda front_end: go_on(Resume(None), front_end)


def begin_stockroom(*given: str) -> Callable[[Path], Job]:
    """Begin with the guide, with these of its answers given."""

    def job(place: Path) -> Job:
        journey = stockroom(place / "begun")
        sets = tuple(one for one in journey.sets if one.split("=")[0] in given)
        return lambda front_end: begin(Begin(str(journey.file), sets=sets), front_end)

    return job


_ALL: Final = ("current_version", "target_version", "data", "quiet")
_HOME: Final = pressing(first="Cawemo", then="need somebody")

SCENES: Final[tuple[Scene, ...]] = (
    Scene("home-new", "New here?", pressing(first="Stockroom", then="New here?"), size=(80, 24)),
    Scene("home", "need somebody", _HOME, several, readme=True),
    Scene("home-light", "need somebody", _HOME, several, theme="light"),
    Scene("home-contrast", "need somebody", _HOME, several, theme="contrast"),
    Scene("home-terminal", "need somebody", _HOME, several, theme="terminal"),
    Scene("home-wide", "need somebody", _HOME, several, size=(200, 60)),
    Scene("home-menu", "Take back", pressing("enter", first="need somebody", then="Take back"), several),
    Scene("help", "This screen", pressing("question_mark", first="Cawemo", then="This screen")),
    Scene("palette", "Theme: Light", pressing("ctrl+p", *"theme", first="Cawemo", then="Theme: Light")),
    Scene(
        "report", "Decided by hand", pressing("p", first="need somebody", then="Decided by hand"), stopped_at_failure
    ),
    Scene("too-small", "80x24 is needed", pressing(first="needed", then="this is 60x20"), size=(60, 20)),
    Scene(
        "questions",
        "Folder of the data",
        pressing("pagedown", first="2 of 4 answered", then="Folder of the data"),
        job=begin_stockroom("current_version", "target_version"),
    ),
    Scene(
        "checks",
        "Write to them",
        pressing("ctrl+g", first="4 of 4 answered", then="Cannot start"),
        job=begin_stockroom(*_ALL),
        readme=True,
    ),
    Scene(
        "plan",
        "the outage starts",
        opening("ctrl+g", "p", steps=("4 of 4 answered", "Cannot start", "the outage starts")),
        job=begin_stockroom(*_ALL),
        readme=True,
    ),
    Scene(
        "failure",
        "ERROR 1205",
        pressing(first="table 8: converted", then="down: to the replies"),
        stopped_at_failure,
        job=go_on_with_newest,
        readme=True,
    ),
    Scene("summary", "✓ Done", pressing(first="✓ Done", then="What can be done next"), all_done, job=go_on_with_newest),
)


@asynccontextmanager
async def staged(scene: Scene, place: Path) -> AsyncIterator[WizardApp]:
    """The app as it shows the scene, on sessions made in the state folder of the environment."""
    await asyncio.to_thread(scene.sessions, place)
    app = WizardApp(scene.job(place) if scene.job else None, {**ENVIRON, "WIZARD_THEME": scene.theme})
    async with app.run_test(size=scene.size) as pilot:
        await scene.act(pilot)
        await wait_until(pilot, lambda: scene.shows in " ".join(text_of(app).split()), 30)
        await settled(pilot)
        yield app


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until the screen is the same for a while."""
    seen = [str(number) for number in range(5)]

    def same() -> bool:
        seen.pop(0)
        seen.append(text_of(pilot.app))
        return len(set(seen)) == 1

    await wait_until(pilot, same)
