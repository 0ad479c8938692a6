"""Commands on the walk: the room they begin with, what they ask for without showing it, that they end by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.run.journey import Journey, guide, phase, step
from tests.screens.frames import text_of, wait_for_text, wait_until
from tests.screens.walking import PATIENCE, begun, card_open, driven
from wizard.run.operator import ChoiceRequest, ConfirmRequest

if TYPE_CHECKING:
    from pathlib import Path

SURE = step("sure", confirm="Really?")


def at(place: Path, *steps: dict[str, Any]) -> Journey:
    """A journey of one phase whose commands work in `place`."""
    return Journey(place, guide(phase(*steps), defaults={"folder": str(place)}))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_command_begins_with_the_size_it_is_shown_in(
    tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is typed into has every line and column from the start, the first and a later one; others the width."""
    # On a machine that stands still a command begins before its screen has said how much room there is.
    monkeypatch.setattr("screens.operator.ROOM_SECONDS", PATIENCE)
    says = "stty size <&2 | tee size; until test -e {}; do sleep 0.05; done"
    steps = [
        step("quiet", says.format("one")), step("typed", says.format("two"), terminal=True),
        step("later", says.format("three"), terminal=True), SURE,
    ]  # fmt: skip
    begun(at(tmp_path, *steps))
    printed = tmp_path / "size"
    async with driven(size) as (_, pilot, screen):
        for number, code in (("one", "1.1"), ("two", "1.2"), ("three", "1.3")):
            await wait_for_text(pilot, f"Output of {code}")
            await wait_until(pilot, lambda: printed.exists() and printed.read_text().endswith("\n"))
            rows, columns = printed.read_text().split()
            pane = screen.view.pane
            assert pane is not None
            await wait_until(pilot, lambda words=f"{rows} {columns}": words in text_of(pilot.app))  # type: ignore[misc]
            shown = pane.live.size
            assert (rows, columns) == (rows if code == "1.1" else str(shown.height), str(shown.width))
            printed.unlink()
            (tmp_path / number).touch()
        await card_open(pilot, screen)


async def test_a_command_that_ends_takes_the_question_about_it_away(tmp_path: Path) -> None:
    """Nobody replied, nothing is left to decide: the walk goes on, and says so until the next reply."""
    quiet = step("quiet", "until test -e go; do sleep 0.05; done", stall={"silence": "200ms"})
    begun(at(tmp_path, quiet, SURE))
    async with driven() as (_, pilot, screen):
        card = await card_open(pilot, screen)
        assert isinstance(card.requested.request, ChoiceRequest)
        assert card.requested.request.id == "stalled:quiet"
        (tmp_path / "go").touch()
        await wait_until(pilot, lambda: screen.view.card is not card)
        following = await card_open(pilot, screen)
        assert isinstance(following.requested.request, ConfirmRequest)
        await wait_for_text(pilot, "1.1 Quiet: it ended by itself, so that nothing was left to decide.")


async def test_what_is_typed_at_a_hidden_prompt_arrives_whole_wherever_the_keys_were(tmp_path: Path) -> None:
    """Also what are keys of the wizard elsewhere; the line below says where it goes before anything is typed."""
    asks = "until test -e go; do sleep 0.05; done; stty -echo; printf 'Password: '; read -r one; stty echo; "
    begun(at(tmp_path, step("asks", f'{asks}printf %s "$one" > typed', terminal=True), SURE))
    async with driven() as (app, pilot, screen):
        await wait_for_text(pilot, "Output of 1.1")
        await wait_until(pilot, lambda: screen.view.pane is not None and screen.view.pane.has_focus_within)
        await pilot.press("tab")
        await wait_until(pilot, lambda: screen.view.words.has_focus)
        (tmp_path / "go").touch()
        await wait_for_text(pilot, "typing goes to the command · typing is hidden")
        await pilot.press(*"ty/q?0[n", "enter")
        await card_open(pilot, screen)
        assert (tmp_path / "typed").read_text() == "ty/q?0[n"
        assert "ty/q" not in text_of(app)
