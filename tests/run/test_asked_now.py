"""Which replies are a person's: after them, what was before their eyes is taken as read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.operators import ScriptedOperator
from wizard.run.asked_now import SeenOperator
from wizard.run.operator import NOTHING_LEFT, Choice, ChoiceRequest, ConfirmRequest, ProceedRequest, SecretRequest
from wizard.run.telling import Telling
from wizard.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.plan.model import Plan

STALLED = ChoiceRequest(
    "stalled:one", "It seems stuck", "No word of it.", (Choice("wait", "Wait on"),), over=lambda: True
)


def seen(folder: Path, inside: ScriptedOperator) -> tuple[SeenOperator, list[str]]:
    """An operator whose asking others see, and what becomes longer with each reply that counts."""
    clock = StandingClock()
    telling = Telling(folder, epoch=1, clock=clock, secrets=lambda: (), seq=lambda: 0)
    operator = SeenOperator(inside, folder, telling, epoch=1, clock=clock, secrets=lambda: ())
    replies: list[str] = []
    operator.on_reply(lambda: replies.append("replied"))
    return operator, replies


@pytest.mark.parametrize("attended", [True, False])
@pytest.mark.parametrize(
    ("ask", "request_"),
    [
        ("proceed", ProceedRequest(cast("Plan", None), ())),
        ("confirm", ConfirmRequest("sure", "Sure", "Really?")),
        ("choose", STALLED),
        ("secret", SecretRequest("password", "Password")),
    ],
    ids=["proceed", "confirm", "choose", "secret"],
)
def test_each_reply_of_a_person_counts_and_none_of_a_file(
    tmp_path: Path, ask: str, request_: Any, *, attended: bool
) -> None:
    """Whatever was asked, somebody looked at the screen to reply; an answers file looks at nothing."""
    inside = ScriptedOperator({"stalled:one": "wait", "password": Secret("hunter22")}, attended=attended)
    operator, replies = seen(tmp_path, inside)
    reply = getattr(operator, ask)(request_)
    assert reply == getattr(inside, ask)(request_)
    assert replies == ["replied"] * attended


def test_what_went_away_by_itself_was_replied_to_by_nobody(tmp_path: Path) -> None:
    """The command went on while the question stood there."""
    operator, replies = seen(tmp_path, ScriptedOperator({"stalled:one": NOTHING_LEFT}))
    assert operator.choose(STALLED) == NOTHING_LEFT
    assert replies == []
