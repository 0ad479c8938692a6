"""What is said of an attempt's folder, line by line of the table, and of what survived."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.host.attempts import Attempt, Attempts, attempts_in, children, kill, living, plain
from tests.waiting import until
from wizard.errors import BlockedError, HostError
from wizard.host.commands import LocalCommands
from wizard.host.logout import Way, WayKind
from wizard.host.protocols import FoundState, SecretInput, Spec, WatchFor
from wizard.host.supervisor.procfs import read_command, read_process

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


@contextlib.contextmanager
def leader_alive(attempt: Attempt) -> Iterator[None]:
    """Hold `alive` as a leader does."""
    with (attempt.folder / "alive").open("w") as file:
        file.write(f"{os.getpid()}\n")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_started(attempt: Attempt, **more: object) -> None:
    """Write what a leader writes before the gate, of a process that is long gone."""
    told = {
        "pid": 2**22 - 1, "start": 1, "boot": "this-boot", "pid_namespace": str(Path("/proc/self/ns/pid").readlink()),
        "way": "plain", "scope": "", "cgroup": "", "attempt": attempt.folder.name, "place": str(attempt.folder),
        "leader": 1, "leader_start": 1, "terminal": "/dev/pts/0", "time": 0.0, "boottime": 0.0, **more,
    }  # fmt: skip
    (attempt.folder / "started.json").write_text(json.dumps(told))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Attempts]:
    """Attempts on a machine whose boot is known, with little patience."""
    with Attempts(tmp_path, LocalCommands(way=plain, boot_id=lambda: "this-boot", start_patience=0.3)) as made:
        yield made


def test_no_folder_is_unknown(here: Attempts) -> None:
    """The journal tells of an attempt whose folder is gone."""
    assert here.commands.find(here.base / "gone").state is FoundState.UNKNOWN


def test_no_claim_is_made_void(here: Attempts) -> None:
    """Nobody began, and then nobody can; a watcher looks without making anything."""
    attempt = here.prepare("true")
    watched = here.commands.find(attempt.folder, void=False)
    assert watched.state is FoundState.NEVER_RAN
    assert not (attempt.folder / "claim").exists()
    assert here.commands.find(attempt.folder).state is FoundState.NEVER_RAN
    assert (attempt.folder / "claim").read_text() == "void\n"
    assert here.commands.find(attempt.folder).state is FoundState.NEVER_RAN


def test_a_claim_without_leader_and_start_never_ran(here: Attempts) -> None:
    """The leader died between its claim and the gate."""
    attempt = here.prepare("true")
    (attempt.folder / "claim").write_text("run\n")
    (attempt.folder / "alive").touch()
    assert here.commands.find(attempt.folder).state is FoundState.NEVER_RAN


def test_a_leader_that_has_started_runs(here: Attempts) -> None:
    """Lock held and started.json there."""
    attempt = here.prepare("true")
    (attempt.folder / "claim").write_text("run\n")
    write_started(attempt)
    with leader_alive(attempt):
        assert here.commands.find(attempt.folder).state is FoundState.RUNNING


def test_a_leader_that_has_not_started_is_waited_for(here: Attempts) -> None:
    """started.json that comes within the time is running; where it does not come, nothing may be concluded."""
    attempt = here.prepare("true")
    (attempt.folder / "claim").write_text("run\n")
    with leader_alive(attempt):
        silent = here.commands.find(attempt.folder)
        assert silent.state is FoundState.UNKNOWN
        assert [process.pid for process in silent.survivors] == [os.getpid()]
        patient = LocalCommands(way=plain, boot_id=lambda: "this-boot", start_patience=60.0)
        later = threading.Timer(0.1, write_started, [attempt])
        later.start()
        assert patient.find(attempt.folder).state is FoundState.RUNNING
        later.join()


def test_a_start_without_an_end_is_unknown(here: Attempts) -> None:
    """The leader died behind the gate."""
    attempt = here.prepare("true")
    (attempt.folder / "claim").write_text("run\n")
    (attempt.folder / "alive").touch()
    write_started(attempt)
    found = here.commands.find(attempt.folder)
    assert (found.state, found.survivors) == (FoundState.UNKNOWN, ())


def test_an_end_counts_first(attempts: Attempts) -> None:
    """exit.json is looked at before all else, also where the lock seems held."""
    attempt = attempts.bash("exit 3")
    attempt.end()
    with leader_alive(attempt):
        found = attempts.commands.find(attempt.folder)
    assert found.state is FoundState.ENDED
    assert found.exit is not None
    assert found.exit.code == 3


def test_a_spool_that_is_too_short_makes_the_end_unknown(attempts: Attempts) -> None:
    """The disk lost output the leader had seen on it: what was judged by that output cannot be trusted."""
    attempt = attempts.bash("seq 1 1000; exit 3")
    attempt.end()
    os.truncate(attempt.folder / "output", 100)
    found = attempts.commands.find(attempt.folder)
    assert found.state is FoundState.UNKNOWN
    assert "only 100" in found.reason
    assert found.exit is not None
    assert found.exit.code == 3


@pytest.mark.parametrize("name", ["claim", "started.json", "exit.json"])
def test_damaged_files_are_unknown(attempts: Attempts, name: str) -> None:
    """Half a file or another text is never taken for a verdict."""
    attempt = attempts.bash("exit 3")
    attempt.end()
    if name != "exit.json":
        (attempt.folder / "exit.json").unlink()
    (attempt.folder / name).write_text('{"code": 0')
    assert attempts.commands.find(attempt.folder).state is FoundState.UNKNOWN


def test_a_link_in_the_place_of_a_file_is_not_followed(attempts: Attempts, tmp_path: Path) -> None:
    """A planted symbolic link to a fine exit.json is no end."""
    attempt = attempts.bash("exit 3")
    attempt.end()
    shutil.move(attempt.folder / "exit.json", tmp_path / "planted")
    (attempt.folder / "exit.json").symlink_to(tmp_path / "planted")
    assert attempts.commands.find(attempt.folder).state is FoundState.UNKNOWN


def test_many_finders_and_a_leader_agree_on_one_claim(attempts: Attempts) -> None:
    """Finders that void and a leader that begins race for the claim: it ran or it never will, for all alike."""
    for number in range(12):
        attempt = attempts.prepare("bash", "-c", f"echo x >> ran-{number}")
        verdicts: list[FoundState] = []

        def look(one: Attempt = attempt, into: list[FoundState] = verdicts) -> None:
            into.append(attempts.commands.find(one.folder).state)

        finder = threading.Timer(0.004 * number, look)
        finder.start()
        with contextlib.suppress(HostError):
            attempts.commands.start(attempt.folder, SecretInput())
        finder.join()
        last = attempt.end()
        ran = (attempts.base / f"ran-{number}").exists()
        assert ran == (last.state is FoundState.ENDED)
        assert (verdicts[0] is FoundState.NEVER_RAN) == (not ran)


def kill_leader(attempt: Attempt) -> None:
    """KILL the leader, and wait until it is gone."""
    leader = attempt.leader()
    kill(leader)
    until(lambda: not living(leader))


def test_survivors_are_found_by_pid_and_by_their_mark(attempts: Attempts) -> None:
    """The command, its child, and a child in a session of its own, all of an attempt whose leader was killed."""
    script = "trap '' HUP; sleep 301 & setsid sleep 302 & echo ready; exec sleep 303"
    attempt = attempts.bash(script)
    attempt.prints(b"ready")
    command = attempt.started()["pid"]
    sleepers = ["sleep 301", "sleep 302", "sleep 303"]
    until(lambda: sorted(read_command(pid) for pid in (command, *children(command))) == sleepers)
    kill_leader(attempt)
    found = until(lambda: (one := attempts.commands.find(attempt.folder)).state is FoundState.UNKNOWN and one)
    assert found
    assert sorted(process.command for process in found.survivors) == sleepers
    assert all(process.user for process in found.survivors)
    assert list(attempts.commands.kill_survivors(attempt.folder)) == []
    assert attempts.commands.find(attempt.folder).survivors == ()


def test_survivors_that_ignore_term_are_killed(attempts: Attempts) -> None:
    """KILL follows; a process that got the pid of a survivor is never touched."""
    from wizard.host.protocols import ProcessFacts
    from wizard.host.survivors import end_survivors

    attempt = attempts.bash("trap '' HUP TERM; echo ready; while :; do sleep 0.1; done")
    attempt.prints(b"ready")
    pid = attempt.started()["pid"]
    process = read_process(pid)
    assert process is not None
    other = ProcessFacts(pid=pid, started=process.started + 1, name="other", command="other")
    assert end_survivors([other], patience=0.1) == ()
    assert living(pid)
    kill_leader(attempt)
    right = ProcessFacts(pid=pid, started=process.started, name="right", command="right")
    assert end_survivors([right], patience=0.5) == ()
    assert not living(pid)


def test_a_command_that_is_attended_is_not_killed_as_a_survivor(attempts: Attempts) -> None:
    """It is stopped by its leader instead."""
    attempt = attempts.begin("sleep", "300")
    attempt.started()
    with pytest.raises(HostError, match="still attended"):
        attempts.commands.kill_survivors(attempt.folder)
    assert living(attempt.started()["pid"])


def test_after_another_boot_no_pid_counts(tmp_path: Path) -> None:
    """The same pid and start time of another boot, or of another pid namespace, is somebody else."""
    boots = ["first"]
    with Attempts(tmp_path, LocalCommands(way=plain, boot_id=lambda: boots[0])) as attempts:
        attempt = attempts.bash("trap '' HUP; echo ready; exec sleep 300")
        attempt.prints(b"ready")
        kill_leader(attempt)
        found = until(lambda: (one := attempts.commands.find(attempt.folder)).survivors and one)
        assert found
        boots[0] = "second"
        found = attempts.commands.find(attempt.folder)
        assert found.state is FoundState.UNKNOWN
        assert found.survivors == ()
        assert "started again" in found.reason
        assert list(attempts.commands.kill_survivors(attempt.folder)) == []
        assert living(attempt.started()["pid"])


def test_the_same_attempt_of_another_session_is_not_mine(tmp_path: Path) -> None:
    """Ids repeat between sessions; survivors of one are never taken for the other's."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with Attempts(tmp_path / "one") as one, Attempts(tmp_path / "two") as two:
        mine, theirs = (made.bash("trap '' HUP; echo ready; exec sleep 300") for made in (one, two))
        for attempt in (mine, theirs):
            attempt.prints(b"ready")
        assert mine.folder.name == theirs.folder.name
        kill_leader(mine)
        found = until(lambda: (seen := one.commands.find(mine.folder)).state is FoundState.UNKNOWN and seen)
        assert found
        assert [process.pid for process in found.survivors] == [mine.started()["pid"]]


def test_a_killed_leader_leaves_a_pump_that_still_writes(attempts: Attempts) -> None:
    """What the command prints after its leader's death is kept, and the pump goes when the command does."""
    attempt = attempts.bash("trap '' HUP; echo one; until test -e go; do sleep 0.02; done; echo two")
    attempt.prints(b"one")
    (pump,) = attempt.pumps()
    kill_leader(attempt)
    (attempts.base / "go").touch()
    until(lambda: not living(pump))
    assert attempt.output() == b"one\r\ntwo\r\n"


def test_where_nothing_keeps_a_command_alive_nothing_is_started(tmp_path: Path) -> None:
    """A way that is blocked raises with the words what to do, before any process."""
    blocked = Way(WayKind.BLOCKED, "it would end at logout", hint="Switch lingering on.")
    with Attempts(tmp_path, LocalCommands(way=lambda: blocked)) as attempts:
        attempt = attempts.prepare("touch", "ran")
        with pytest.raises(BlockedError, match="it would end at logout") as caught:
            attempts.commands.start(attempt.folder, SecretInput())
        assert caught.value.hint == "Switch lingering on."
        assert {path.name for path in attempt.folder.iterdir()} == {"spec.json", "exit.json.tmp"}


def test_a_scope_is_entered_by_the_program_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for systemd-run: it gets the scope's name and the supervisor's words, and nothing secret."""
    stand_in = tmp_path / "bin" / "systemd-run"
    stand_in.parent.mkdir()
    stand_in.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\nwhile test "$1" != --; do shift; done\nshift\nexec "$@"\n'
    )
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")
    way = Way(WayKind.SYSTEM_SCOPE, "a test", ("--scope", "--quiet"))
    with Attempts(tmp_path, LocalCommands(way=lambda: way)) as attempts:
        attempt = attempts.begin("true")
        found = attempt.end()
        told = attempt.started()
    assert found.state is FoundState.ENDED
    words = (tmp_path / "words").read_text().split("\n")
    assert words[:2] == ["--scope", "--quiet"]
    assert words[2] == f"--unit={told['scope']}"
    assert told["scope"].startswith("wizard-0001-01-")
    assert told["scope"].endswith(".scope")
    assert told["way"] == "system-scope"
    assert words[3] == "--"
    assert words[5:7] == ["-I", "-S"]


def test_a_supervisor_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    """No such python, or one that fails at once: a HostError, and the attempt never ran."""
    for python, words in (("/no/such/python", "No such file"), ("/bin/false", "ended with 1")):
        with Attempts(
            tmp_path / python.strip("/").replace("/", "-"), LocalCommands(python=python, way=plain)
        ) as attempts:
            attempts.base.mkdir()
            attempt = attempts.prepare("true")
            with pytest.raises(HostError, match=words):
                attempts.commands.start(attempt.folder, SecretInput())
            assert attempts.commands.find(attempt.folder).state is FoundState.NEVER_RAN


def test_texts_to_watch_for_must_be_regular_expressions_and_few(attempts: Attempts) -> None:
    """A broken one begins nothing; more than the pump can note are refused when the attempt is prepared."""
    attempt = attempts.prepare("touch", "ran", watch_for=(WatchFor("a", "("),))
    with pytest.raises(HostError, match="unfit order"):
        attempts.commands.start(attempt.folder, SecretInput())
    assert attempts.commands.find(attempt.folder).state is FoundState.NEVER_RAN
    many = tuple(WatchFor(str(number), "x") for number in range(65))
    with pytest.raises(HostError, match="64 texts at most"):
        attempts.commands.prepare(attempts.base / "many", Spec("many", ("true",), "/", watch_for=many))
