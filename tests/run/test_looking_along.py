"""Checks that are asked while a person does something by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from wizard.errors import ExitCode
from wizard.run.operator import Confirmed

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.operator import ConfirmRequest, Looked


def by_hand(place: Path, *checks: dict[str, Any]) -> Journey:
    """A step with one part to do by hand, which `checks` look at."""
    part = {"do": "Make the file.", **({"check": list(checks)} if checks else {})}
    return Journey(place, guide(phase(step("make", manual=[part])), defaults={"folder": str(place)}))


def test_it_is_seen_while_the_word_is_waited_for_and_journalled_once(tmp_path: Path) -> None:
    """The look tells the truth each time; the journal has what it has without anybody looking."""
    made = tmp_path / "made"
    check = {"id": "made", "title": "The file", "file": str(made)}
    seen: list[Looked] = []

    def does(request: ConfirmRequest) -> Confirmed:
        assert request.look is not None
        entries = len(journey.entries)
        seen.append(request.look())
        made.touch()
        seen.append(request.look())
        assert len(journey.entries) == entries
        return Confirmed(yes=True)

    journey = by_hand(tmp_path, check)
    assert journey.begin(ScriptedOperator({"make": does})) is ExitCode.DONE
    assert [one.holds for one in seen] == [False, True]
    assert all(one.seen[0].startswith("The file: ") for one in seen)
    assert journey.state.step("1/work/make").status.value == "done"


def test_without_a_check_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    """A part that no check tells of is a person's word alone."""

    def does(request: ConfirmRequest) -> Confirmed:
        assert request.look is None
        return Confirmed(yes=True)

    assert by_hand(tmp_path).begin(ScriptedOperator({"make": does})) is ExitCode.DONE


def test_a_look_asks_nobody(tmp_path: Path) -> None:
    """What only a person can state is not asked in the middle of another question."""

    def does(request: ConfirmRequest) -> Confirmed:
        assert request.look is not None
        looked = request.look()
        assert not looked.holds
        assert "nobody" in looked.seen[0]
        return Confirmed(yes=True)

    journey = by_hand(tmp_path, {"id": "said", "title": "It was said", "ask": {"say": "Was it said?"}})
    operator = ScriptedOperator({"make": does, "state:said": Turns(Confirmed(yes=False), Confirmed(yes=True))})
    assert journey.begin(operator) is ExitCode.DONE
    assert operator.keys() == ["proceed", "state:said", "make", "state:said"]
