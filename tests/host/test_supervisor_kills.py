"""Hundreds of kills at random moments: what is said of an attempt afterwards is never wrong."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.host.attempts import Attempt, Attempts, children, kill, living
from tests.waiting import until
from wizard.errors import HostError
from wizard.host.protocols import Found, FoundState, SecretInput
from wizard.host.supervisor.procfs import read_command
from wizard.host.survivors import SUPERVISOR

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 320
LINES = b"".join(b"line %d\r\n" % number for number in range(1, 41))


class Round:
    """One attempt whose command has one effect, a line in a file, and some output around it."""

    def __init__(self, attempts: Attempts, number: int, chance: random.Random, delay: float) -> None:
        self.effect = attempts.base / f"effect-{number}"
        self.over = attempts.base / f"over-{number}"
        script = (
            f"for i in $(seq 1 20); do echo line $i; done; sleep 0.01; echo x >> {self.effect};"
            f" for i in $(seq 21 40); do echo line $i; done; sleep 0.01; echo x >> {self.over}; exit 5"
        )
        self.attempt: Attempt = attempts.prepare("bash", "-c", script)
        self.whom = chance.choice(["leader", "pump", "both", "starter"])
        self.delay = delay
        self.killed_pump = False

    def hit(self) -> None:
        """Start it, and kill at the chosen moment whoever was chosen and is there."""
        starter = os.fork()
        if starter == 0:
            try:
                self.attempt.commands.start(self.attempt.folder, SecretInput())
            except HostError:
                pass
            finally:
                os._exit(0)
        time.sleep(self.delay)  # the moment of the kill is what varies
        if self.whom == "starter":
            kill(starter)
        path = self.attempt.folder / "alive"
        leader = int((path.read_text() if path.exists() else "") or 0)
        if leader and SUPERVISOR in read_command(leader):
            pumps = [pid for pid in children(leader) if SUPERVISOR in read_command(pid)]
            if self.whom in ("leader", "both"):
                kill(leader)
            if self.whom in ("pump", "both"):
                # The command at its gate still looks like its leader and may be hit too: then it never ran,
                # or that is what exit.json tells.
                for pid in pumps:
                    kill(pid)
                    self.killed_pump = True
        os.waitpid(starter, 0)

    def effects(self) -> int:
        """How often the effect happened."""
        return len(self.effect.read_text().splitlines()) if self.effect.exists() else 0

    def judge(self) -> FoundState:
        """Hold what `find` says against what happened; gives the first verdict."""
        before = (self.attempt.folder / "exit.json").exists()
        found = self.attempt.commands.find(self.attempt.folder)
        verdict = found.state
        if verdict is FoundState.RUNNING:
            assert not before
            until(lambda: self.attempt.commands.find(self.attempt.folder).state is not FoundState.RUNNING)
            found = self.attempt.commands.find(self.attempt.folder)
        if found.state is FoundState.UNKNOWN:
            pids = [process.pid for process in found.survivors]
            until(lambda: not any(living(pid) for pid in pids))
        self.settled(found)
        return verdict

    def settled(self, found: Found) -> None:
        """What must hold of a verdict that is not RUNNING."""
        assert self.effects() <= 1
        match found.state:
            case FoundState.ENDED:
                self.ended(found)
            case FoundState.NEVER_RAN:
                assert self.effects() == 0
                # It cannot come later either: the claim is void, or its leader is dead.
                with pytest.raises(HostError):
                    self.attempt.commands.start(self.attempt.folder, SecretInput())
                assert self.attempt.commands.find(self.attempt.folder).state is FoundState.NEVER_RAN
                assert self.effects() == 0
            case FoundState.UNKNOWN:
                assert self.whom in ("leader", "both")
            case FoundState.RUNNING:
                pytest.fail("it runs for ever")

    def ended(self, found: Found) -> None:
        """Exit and spool are right: all of it, or the signal that hit the command at its gate."""
        assert found.exit is not None
        if found.exit.code == 5:
            assert self.effects() == 1
            assert self.over.exists()
            assert self.attempt.output() == LINES
        else:
            assert self.killed_pump
            assert found.exit.signal == 9
            assert self.effects() == 0


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_after_any_kill_the_verdict_is_right(tmp_path: Path) -> None:
    """Leader, pump, both or the starter, killed 320 times around a command with an effect: no verdict is ever wrong."""
    chance = random.Random()
    seed = int(os.environ.get("WIZARD_TEST_SEED", "0")) or chance.getrandbits(32)
    chance.seed(seed)
    verdicts: dict[FoundState, int] = dict.fromkeys(FoundState, 0)
    with Attempts(tmp_path) as attempts:
        # From before the claim until after the command's end, however fast this machine is at the moment.
        longest = 0.2
        for number in range(ROUNDS):
            one = Round(attempts, number, chance, chance.random() * longest)
            one.hit()
            try:
                verdict = one.judge()
            except AssertionError as error:
                message = f"round {number} of seed {seed}: {one.whom} after {one.delay:.4f} s in {one.attempt.folder}"
                raise AssertionError(message) from error
            verdicts[verdict] += 1
            if verdict is FoundState.ENDED:
                longest *= 0.9
            elif verdict is FoundState.RUNNING:
                longest *= 1.03
    # The kills reached every stage: before the start, the middle, and the end.
    # How often each comes depends on the load of the machine; one verdict alone would say nothing.
    assert sum(count > 0 for count in verdicts.values()) >= 2, verdicts
