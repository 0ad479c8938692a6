"""A secret typed at the wizard's own question: used by commands, and left nowhere, not even by a crash."""

from __future__ import annotations

import re
import resource
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.e2e.secrets_seen import Lookout, files_with
from tests.run.journey import SETS, VERSIONS, guide, phase, step
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.program import Program

SECRET = 's3cret-\'"typed"-Grüße'
GIVEN = [word for one in SETS for word in ("--set", one)]


def using_a_secret(program: Program) -> Path:
    """Commands that take the secret by stdin and environment and say it aloud, with a confirmation between them."""
    questions = [
        VERSIONS,
        {"section": "Login", "ask": [{"id": "pass_word", "label": "The password", "type": "secret"}]},
    ]
    steps = [
        step("by-stdin", f"given=$(cat); echo \"got $given\"; echo ${{#given}} >>{program.place}/effects",
             stdin="${{ answers.pass_word }}"),
        step("by-environment", f"echo \"has $LOGIN\"; echo ${{#LOGIN}} >>{program.place}/effects",
             env={"LOGIN": "${{ answers.pass_word }}"}),
        step("agree", confirm={"say": "Is it so?"}),
        step("again", "echo again", env={"LOGIN": "${{ answers.pass_word }}"}),
    ]  # fmt: skip
    return program.guide(guide(phase(*steps), questions=questions))


def test_a_typed_secret_is_used_and_left_nowhere(program: Program) -> None:
    """Typed hidden, given to commands by stdin and environment; what they say of it is masked before the disk."""
    file = using_a_secret(program)
    with Lookout([SECRET]) as seen:
        child = program.spawn("run", str(file), *GIVEN, TERM="dumb")
        child.expect(r"The password \(typing is hidden\): ")
        child.sendline(SECRET)
        child.expect("What now — choose.*: ")
        child.sendline("1")
        child.expect("Is it so[\\s\\S]*choose: ")
        shown = str(child.before)
        child.sendline("yes")
        child.expect("The run is done")
        child.wait()
        child.close()
    assert child.exitstatus == 0
    assert program.lines("effects") == [str(len(SECRET))] * 2, "the commands did not get it whole"
    assert "s3cret" not in shown
    assert "got ••••••" in shown or "got ***" in shown, shown
    assert files_with(program.place, SECRET, "s3cret-") == []
    assert seen.words == set()
    # The command that was given it by its environment has it there, as the guide says; nobody else.
    assert not [words for words in seen.environments if "supervisor" in words or "-m wizard" in words]


@pytest.mark.parametrize(
    ("limit", "most"),
    [(resource.RLIMIT_NOFILE, 3), (resource.RLIMIT_FSIZE, 0)],
    ids=["descriptors", "disk"],
)
def test_a_crash_half_way_tells_no_secret(limit: int, most: int, program: Program) -> None:
    """What the machine gives runs out in a walk that knows a secret: an exit code, no value anywhere, and a resume."""
    file = using_a_secret(program)
    child = program.spawn("run", str(file), *GIVEN, TERM="dumb")
    child.expect(r"The password \(typing is hidden\): ")
    child.sendline(SECRET)
    child.expect("What now — choose.*: ")
    child.sendline("1")
    child.expect("Is it so[\\s\\S]*choose: ")
    assert child.pid is not None
    assert child.pid is not None
    resource.prlimit(child.pid, limit, (most, most))
    child.sendline("yes")
    words = ""
    while child.expect([pexpect.EOF, "choose: "]):
        # A step that could not be started has failed, which is for the operator to decide.
        words += str(child.before)
        stop = re.search(r"(\d+)\) Stop here", words)
        assert stop, words
        child.sendline(stop[1])
    words += str(child.before)
    child.wait()
    child.close()
    assert child.exitstatus == 10, words
    assert "Traceback" not in words
    assert "s3cret" not in words
    assert words.strip().count("\n") >= 1, "it says nothing about why it ended"
    assert files_with(program.place, SECRET, "s3cret-") == []

    until(lambda: program.status()["driver"] is None)
    child = program.spawn("resume", TERM="dumb")
    child.expect(r"The password[\s\S]*typing is hidden\): ")
    child.sendline(SECRET)
    child.expect(r"The run is done|choose: ")
    while child.after != "The run is done":
        child.sendline("1")
        child.expect(r"The run is done|choose: ")
    child.wait()
    child.close()
    assert child.exitstatus == 0
    assert program.lines("effects") == [str(len(SECRET))] * 2, "a step was done twice"
