"""Commands that only look: what they give, how they end, and that nothing of them is left."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from wizard.errors import HostError
from wizard.host import looks
from wizard.host.local import LocalMachine
from wizard.host.protocols import Look, Seen

ENVIRONMENT = {"PATH": os.defpath + ":/usr/sbin:/sbin"}


def shell(script: str, *, timeout: float = 20.0, user: str | None = None) -> Seen:
    """Look with a script."""
    return LocalMachine().look(Look(("/bin/sh", "-c", script), environment=ENVIRONMENT, timeout=timeout, user=user))


def gone(pid: int) -> bool:
    """Whether a process has ended (within ten seconds)."""
    for _ in range(1000):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.01)
    return False


def test_output_errors_and_exit_are_told_apart() -> None:
    """What went to either stream is kept apart, and the exit is that of the command."""
    assert shell("echo out; echo err >&2; exit 3") == Seen(3, "out\n", "err\n")


def test_a_signal_is_told_as_a_shell_does() -> None:
    """A command that a signal ended has 128 and its number."""
    assert shell("kill -TERM $$").exit == 143


def test_words_reach_the_program_as_they_are() -> None:
    """No shell reads the words, and the environment is the one given, whole."""
    code = "import os, sys; print(sys.argv[1:], sorted(os.environ.items()))"
    seen = looks.look(Look((sys.executable, "-ISc", code, "$(id)", "a b; c"), environment={"ONE": "1", "LC_ALL": "C"}))
    assert seen.output == "['$(id)', 'a b; c'] [('LC_ALL', 'C'), ('ONE', '1')]\n"


def test_it_runs_in_the_folder_given(tmp_path: Path) -> None:
    """The folder is where the command starts."""
    seen = looks.look(Look(("/bin/pwd", "-P"), folder=str(tmp_path), environment=ENVIRONMENT))
    assert seen.output.strip() == str(tmp_path.resolve())


def test_it_has_neither_input_nor_terminal() -> None:
    """Reading input ends at once and there is no terminal to ask on."""
    assert shell("cat; (: </dev/tty) 2>/dev/null || echo none") == Seen(0, "none\n", "")


def test_time_over_kills_everything_in_the_group() -> None:
    """A command that takes too long is killed with its children, and what it said is kept."""
    began = time.monotonic()
    seen = shell("sleep 300 & echo $!; wait", timeout=4.0)
    assert (seen.exit, seen.timed_out) == (None, True)
    assert time.monotonic() - began < 60
    assert gone(int(seen.output))


def test_what_it_leaves_behind_is_killed_and_not_waited_for() -> None:
    """A child that holds the output open delays the end by a second at most and does not live on."""
    began = time.monotonic()
    seen = shell("sleep 300 & echo $!; exit 4")
    assert seen.exit == 4
    assert time.monotonic() - began < 60
    assert gone(int(seen.output))


def test_a_command_that_closes_its_output_is_waited_for() -> None:
    """The end of the output is not taken for the end of the command."""
    assert shell("exec >&- 2>&-; sleep 0.3; exit 5").exit == 5


def test_output_past_the_cap_is_dropped() -> None:
    """A flood of output neither fills the memory nor blocks the command."""
    seen = shell("head -c 9000000 /dev/zero | tr '\\0' x; echo end >&2")
    assert (seen.exit, len(seen.output), seen.errors) == (0, looks.OUTPUT_CAP, "end\n")


def test_bytes_that_are_no_text_are_replaced() -> None:
    """Output that is not UTF-8 is still given as text."""
    assert shell("printf 'a\\377b'").output == "a�b"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Look(("no-such-program-here",), environment={"PATH": "/bin"}), "is not installed, or not in /bin"),
        (Look(("/bin/true",), folder="/no/such/folder"), "there is no such folder"),
        (Look(("/etc/passwd",)), "cannot be run: Permission denied"),
        (Look(("/bin/echo", "a\0b")), "cannot be run: embedded null byte"),
        (Look(()), "no command"),
        (Look(("/bin/true",), user="nobody-by-that-name"), "there is no user 'nobody-by-that-name'"),
    ],
)
def test_what_cannot_be_started_is_said_plainly(command: Look, reason: str) -> None:
    """Each way in which a start fails has its words."""
    with pytest.raises(HostError, match=reason):
        looks.look(command)


@pytest.mark.usefixtures("root_only")
def test_root_looks_as_another_user_with_that_users_groups_only() -> None:
    """The command has the user's ids and groups and none of root's."""
    import pwd

    entry = pwd.getpwnam("nobody")
    seen = shell("id -u; id -g; id -G; grep ^CapEff /proc/self/status", user="nobody")
    user, group, groups, capabilities = seen.output.splitlines()
    assert (int(user), int(group)) == (entry.pw_uid, entry.pw_gid)
    assert set(map(int, groups.split())) == set(os.getgrouplist("nobody", entry.pw_gid))
    assert int(capabilities.split()[1], 16) == 0


@pytest.mark.usefixtures("root_only")
def test_only_root_may_look_as_somebody_else() -> None:
    """Another user gets the way out instead of a command that runs as the wrong one."""
    os.seteuid(65534)
    try:
        with pytest.raises(HostError, match="sudo wizard"):
            shell("id", user="root")
    finally:
        os.seteuid(0)


def test_many_looks_at_once_do_not_mix() -> None:
    """Looks of several threads each give their own output."""
    results: dict[int, str] = {}

    def one(number: int) -> None:
        results[number] = shell(f"echo {number}; sleep 0.05; echo {number}").output

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: f"{number}\n{number}\n" for number in range(12)}
