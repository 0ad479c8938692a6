"""Sessions of small guides on this machine, made by the engine itself, for screens that show sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.run.test_walking import log

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.session import Session


def journey(place: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `place`."""
    place.mkdir(parents=True, exist_ok=True)
    return Journey(place, guide(phase(*steps), defaults={"folder": str(place)}, **more))


def failed_session(place: Path, **more: Any) -> Session:
    """One that stopped at its second step, which failed."""
    walked = journey(
        place, step("one", log("one"), undo=[step("un-one", log("un-one"))], takes="2m"), step("two", "exit 3")
    )
    walked.begin(ScriptedOperator({"failed:two": "stop"}), **more)
    return newest()


def done_session(place: Path, **more: Any) -> Session:
    """One that is done, and offers a procedure."""
    tidy = {"title": "Tidy up", "offer": {"after": "one"}, "steps": [step("sweep", log("sweep"))]}
    walked = journey(place, step("one", log("one"), takes="2m"), procedures={"tidy": tidy})
    walked.begin(ScriptedOperator(), **more)
    return newest()


def newest() -> Session:
    """The session that was made last."""
    from wizard.assemble import store

    return store().open()
