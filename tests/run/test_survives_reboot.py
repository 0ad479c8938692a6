"""A machine that was started anew in the middle of a run: another boot id, a clock near zero, no process left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import without_part
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import (
    GATE,
    NO_NAMESPACES,
    Wheel,
    dies_at,
    end_everything,
    in_another_boot,
    killed,
    nothing_left,
)
from tests.waiting import until
from wizard.errors import BlockedError, ExitCode
from wizard.paths import state_folder
from wizard.run.events import CheckAsked, Said
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BOOT = "22222222-2222-4222-8222-222222222222"


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, root_only: None) -> Iterator[None]:
    """What a test leaves running is ended."""
    with nothing_left(tmp_path), nothing_left(state_folder()):
        yield


def log(word: str) -> str:
    """A command text that leaves a line behind."""
    return f"echo {word} >> effects"


def rebooted_in(journey: Journey, name: str) -> None:
    """Begin, and lose everything while the command of a step runs, which has left its line."""
    killed(lambda: journey.begin(ScriptedOperator(watch=dies_at(name))), journey.place)
    until(lambda: name in journey.lines())
    end_everything(state_folder())


def elsewhen(journey: Journey, work: Callable[[], int]) -> int:
    """Let `work` drive in another boot; gives how it ended."""
    boot = journey.place / "boot-id"
    boot.write_text(f"{BOOT}\n", encoding="ascii")
    with Wheel(lambda: in_another_boot(work, boot), journey.place / "crash") as wheel:
        code = wheel.end()
    if code == NO_NAMESPACES:
        without_part("mounts and clocks of a process's own are not allowed here")
    return code


def resume_elsewhen(journey: Journey, operator: ScriptedOperator, check: Callable[[], None]) -> int:
    """Resume in another boot; what was asked and told is looked at there, by `check`."""

    def work() -> int:
        code = journey.resume(operator)
        check()
        return code

    return elsewhen(journey, work)


def journey_with(tmp_path: Path) -> Journey:
    """A fact, a step with a check, a step during which the machine goes down, and one that uses the fact."""
    (tmp_path / "app.env").write_text("A=1\n", encoding="utf-8")
    steps: tuple[dict[str, Any], ...] = (
        step("one", "touch proof; " + log("one"), done_when=[{"file": str(tmp_path / "proof")}]),
        step("long", log("long") + "\n" + GATE),
        step("use", ["sh", "-c", 'echo "use $0" >> effects', "${{ facts.settings.A }}"]),
    )
    parts = guide(
        phase(*steps),
        defaults={"folder": str(tmp_path)},
        facts={"settings": {"dotenv": str(tmp_path / "app.env")}},
    )
    return Journey(tmp_path, parts)


def test_a_command_of_another_boot_is_unknown_and_the_machine_is_looked_at_again(tmp_path: Path) -> None:
    """Nothing is assumed of it; where nothing changed nobody is asked but about that step."""
    journey = journey_with(tmp_path)
    rebooted_in(journey, "long")
    operator = ScriptedOperator({"unknown:long": ("done", "its line is there")})

    def check() -> None:
        assert [key for key, _ in operator.asked if ":" in key and not key.startswith("attend:")] == ["unknown:long"]
        assert "was started again since" in dict(operator.asked)["unknown:long"].text
        assert any("started anew" in one.text for one in operator.told(Said))
        assert operator.told(CheckAsked) == []

    assert resume_elsewhen(journey, operator, check) == ExitCode.DONE
    assert journey.lines() == ["one", "long", "use 1"]
    assert [entry.boot for entry in journey.entries][-1] == BOOT
    # The fact was read before the walk, and once more by the driver of the new boot.
    assert len([one for one in journey.entries if one.kind == "fact-read"]) == 2
    assert journey.state.word is SessionState.DONE


def test_a_fact_that_changed_over_a_reboot_is_a_finding_and_used_from_then_on(tmp_path: Path) -> None:
    """It is shown, blocks nothing by itself, and later steps are made of what is true now."""
    journey = journey_with(tmp_path)
    rebooted_in(journey, "long")
    (tmp_path / "app.env").write_text("A=2\n", encoding="utf-8")
    operator = ScriptedOperator({"unknown:long": ("done", "its line is there")})

    def check() -> None:
        assert [one.finding.key for one in operator.told(CheckAsked)] == ["fact-settings"]

    assert resume_elsewhen(journey, operator, check) == ExitCode.DONE
    assert journey.lines()[-1] == "use 2"


def test_a_step_that_is_not_done_any_more_after_a_reboot_needs_a_word(tmp_path: Path) -> None:
    """The last step that was done is asked again; going on over a difference is journalled with its reason."""
    journey = journey_with(tmp_path)
    rebooted_in(journey, "long")
    (tmp_path / "proof").unlink()
    operator = ScriptedOperator(
        {"changed-since": ("go-on", "it lay in memory only"), "unknown:long": ("done", "its line is there")}
    )

    def check() -> None:
        assert "One is not done any more" in dict(operator.asked)["changed-since"].lines[0]

    assert resume_elsewhen(journey, operator, check) == ExitCode.DONE
    assert journey.state.bypassed == {"done-one": "it lay in memory only"}
    assert journey.lines() == ["one", "long", "use 1"]


def test_nobody_there_means_that_a_difference_after_a_reboot_blocks(tmp_path: Path) -> None:
    """Unattended nothing is done over a machine that is not as the journal says."""
    journey = journey_with(tmp_path)
    rebooted_in(journey, "long")
    (tmp_path / "proof").unlink()

    def blocked() -> int:
        with pytest.raises(BlockedError, match="One is not done any more"):
            journey.resume(ScriptedOperator(attended=False))
        return ExitCode.BLOCKED

    assert elsewhen(journey, blocked) == ExitCode.BLOCKED
    assert journey.lines() == ["one", "long"]
    assert journey.status("long") == StepStatus.RUNNING
