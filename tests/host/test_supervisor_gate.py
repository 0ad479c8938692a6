"""How a command is started: the files in their order, the gate, the terminal, the user, the secrets."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.host.attempts import PATH, Attempts, attempts_in, living, plain
from tests.waiting import until
from wizard.errors import HostError
from wizard.host.commands import LocalCommands
from wizard.host.protocols import FoundState, SecretInput, Spec
from wizard.host.supervisor.procfs import read_boot_id, read_process
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "correct-horse-battery"


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    yield from attempts_in(tmp_path)


@pytest.fixture
def permissive_umask() -> Iterator[None]:
    """The operator's umask is as open as can be."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_the_folder_holds_exactly_the_files_of_the_design(attempts: Attempts) -> None:
    """Nothing more and nothing less is left, and the spec's hash is that of the file."""
    attempt = attempts.prepare("true")
    assert {path.name for path in attempt.folder.iterdir()} == {"spec.json", "exit.json.tmp"}
    assert (attempt.folder / "exit.json.tmp").stat().st_size == 4096
    attempts.commands.start(attempt.folder, SecretInput())
    attempt.end()
    names = {path.name for path in attempt.folder.iterdir()}
    assert names == {"spec.json", "claim", "alive", "started.json", "output", "timing", "exit.json"}
    assert (attempt.folder / "claim").read_text() == "run\n"


def test_prepare_gives_the_hash_of_the_spec_on_disk(attempts: Attempts) -> None:
    """What the journal holds can be held against the file; a folder is never prepared twice."""
    spec = Spec(attempt="a", argv=("true",), folder="/")
    told = attempts.commands.prepare(attempts.base / "a", spec)
    assert told == sha256_of((attempts.base / "a/spec.json").read_bytes()).decode()
    with pytest.raises(HostError, match="File exists"):
        attempts.commands.prepare(attempts.base / "a", spec)


@pytest.mark.usefixtures("permissive_umask")
def test_modes_are_set_whatever_the_umask_and_the_command_gets_its_own(attempts: Attempts) -> None:
    """Folder 0700, files and socket 0600 under umask 0; the command's files follow the spec's umask."""
    attempt = attempts.bash("touch made; read", terminal=True, umask=0o027)
    until(lambda: (attempt.folder / "sock").exists() and (attempts.base / "made").exists())
    assert stat.S_IMODE(attempt.folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in attempt.folder.iterdir()}
    assert {"sock", "output", "timing", "claim", "started.json"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((attempts.base / "made").stat().st_mode) == 0o640


def test_started_json_tells_who_runs(attempts: Attempts) -> None:
    """Pid, kernel start time, boot, pid namespace and way are those of the running command."""
    attempt = attempts.begin("sleep", "60")
    told = attempt.started()
    process = read_process(told["pid"])
    assert process is not None
    assert (told["start"], told["boot"]) == (process.started, read_boot_id())
    assert told["pid_namespace"] == str(Path("/proc/self/ns/pid").readlink())
    assert (told["way"], told["scope"], told["attempt"]) == ("plain", "", attempt.folder.name)
    until(lambda: Path(f"/proc/{told['pid']}/comm").read_text() == "sleep\n")


def test_the_command_waits_at_the_gate_and_leaves_when_the_leader_dies(tmp_path: Path) -> None:
    """A child whose gate closes without a byte ends and executes nothing."""
    from wizard.host.supervisor.command import become_command
    from wizard.host.supervisor.order import Order, Stop

    order = Order(
        "a", str(tmp_path), ["touch", "ran"], None, {"PATH": PATH}, False, True, None, 24, 80, 0, None, False, [],
        Stop([], 1, 1, 1), 0o22, [], "plain", "", "", str(tmp_path),
    )  # fmt: skip
    for byte, runs in ((b"", False), (b"+", True)):
        gate, opener = os.pipe()
        told, failed = os.pipe()
        nothing = os.open(os.devnull, os.O_RDWR)
        child = os.fork()
        if child == 0:
            os.close(opener)
            become_command(order, terminal=nothing, stdin=nothing, gate=gate, failed=failed)
        os.close(failed)
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
        if byte:
            os.write(opener, byte)
        os.close(opener)
        os.waitpid(child, 0)
        assert os.read(told, 100) == b""
        assert (tmp_path / "ran").exists() is runs
        for descriptor in (gate, told, nothing):
            os.close(descriptor)


def test_a_claim_is_taken_once(attempts: Attempts) -> None:
    """A second leader over the same folder runs nothing, nor does one that comes after a void claim."""
    attempt = attempts.bash("echo once >> ran")
    attempt.end()
    with pytest.raises(HostError, match="begun before"):
        attempts.commands.start(attempt.folder, SecretInput())
    assert (attempts.base / "ran").read_text() == "once\n"

    void = attempts.prepare("touch", "never")
    assert attempts.commands.find(void.folder).state is FoundState.NEVER_RAN
    with pytest.raises(HostError, match="given up"):
        attempts.commands.start(void.folder, SecretInput())
    assert attempts.commands.find(void.folder).state is FoundState.NEVER_RAN
    assert not (attempts.base / "never").exists()


@pytest.mark.parametrize(
    ("argv", "more", "words"),
    [
        (("no-such-program",), {}, "cannot execute 'no-such-program': No such file or directory; check that"),
        (("/etc/passwd",), {}, "Permission denied"),
        (("true",), {"folder": "/no/such/folder"}, "cannot enter the folder /no/such/folder: No such file"),
        (("true",), {"user": "nobody-of-that-name"}, "knows no user 'nobody-of-that-name'"),
    ],
)
def test_what_keeps_a_command_from_starting_is_written_down(
    attempts: Attempts, argv: tuple[str, ...], more: dict[str, Any], words: str
) -> None:
    """The reason is in exit.json as exec_error, with neither an exit code nor a signal."""
    found = attempts.begin(*argv, **more).end()
    assert found.state is FoundState.ENDED
    assert found.exit is not None
    assert words in found.exit.exec_error
    assert (found.exit.code, found.exit.signal) == (None, None)


@pytest.mark.usefixtures("root_only")
def test_a_step_of_another_user_runs_as_that_user(attempts: Attempts, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Uid, gid and groups are dropped, and its scripts can still write to /dev/stderr."""
    nobody = pwd.getpwnam("nobody")
    attempt = attempts.bash("id -u; id -g; id -G; echo said > /dev/stderr; cat", user="nobody", folder="/", stdin="in")
    found = attempt.end()
    assert found.exit is not None
    assert found.exit.code == 0, attempt.output()
    lines = attempt.output().decode().split()
    assert lines[:2] == [str(nobody.pw_uid), str(nobody.pw_gid)]
    assert "0" not in lines[2:-2]
    assert lines[-2:] == ["said", "in"]


@pytest.mark.usefixtures("root_only")
def test_without_root_another_user_is_refused(tmp_path: Path) -> None:
    """A wizard that is not root runs its own commands, cannot become somebody else, and says what to do."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            base = Path(tempfile.mkdtemp(dir="/tmp"))
            os.chown(base, 65534, 65534)
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with Attempts(base, LocalCommands(python="/usr/bin/python3", way=plain)) as attempts:
                refused = attempts.begin("true", user="root").end()
                own = attempts.begin("true", user="nobody").end()
                os.write(tell, json.dumps([ending.exit and asdict(ending.exit) for ending in (refused, own)]).encode())
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    refused, own = json.loads(data)
    words = "cannot become the user root: only root can become another user; start the program again with sudo"
    assert refused["exec_error"] == words
    assert own["code"] == 0


def test_the_terminal_is_the_commands_own(attempts: Attempts) -> None:
    """The command's group is in front on its terminal of the asked size, without suspend and flow control."""
    attempt = attempts.bash(
        "tty; stty size; stty -a; ps -o pid=,pgid=,tpgid= -p $$; echo to-tty > /dev/tty",
        terminal=True,
        rows=33,
        columns=101,
    )
    attempt.end()
    text = attempt.output().decode()
    assert text.startswith("/dev/pts/")
    assert "33 101" in text
    assert "susp = <undef>" in text
    assert " -ixon" in text
    pid, group, front = text.strip().split("\n")[-2].split()
    assert pid == group == front
    assert "to-tty" in text


def test_without_a_terminal_of_its_own_it_reads_nothing_and_cannot_ask(attempts: Attempts) -> None:
    """terminal: False reads /dev/null while its output is live; without a controlling terminal /dev/tty is closed."""
    attempt = attempts.bash("test -t 1 && echo live; wc -c; cat /dev/tty", controlling_terminal=False)
    attempt.end()
    text = attempt.output().decode()
    assert text.startswith("live\r\n0\r\n")
    assert "No such device or address" in text


def test_stdin_text_arrives_whole_and_a_program_sees_its_end(attempts: Attempts) -> None:
    """A megabyte of input is read to its end although nobody feeds it."""
    attempt = attempts.begin("sha256sum", stdin="x" * 1_000_000)
    attempt.end()
    assert attempt.output().split()[0] == sha256_of(b"x" * 1_000_000)


def sha256_of(data: bytes) -> bytes:
    """Hash in hex."""
    return hashlib.sha256(data).hexdigest().encode()


def test_signals_are_as_a_login_shell_has_them(attempts: Attempts) -> None:
    """Nothing is ignored or blocked in the command, though the leader ignores HUP and more."""
    attempt = attempts.bash("grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | wc -l")
    attempt.end()
    lines = attempt.output().decode().split("\r\n")
    # Signals 32 and 33 belong to the C library, which lets nobody set or reset them.
    reserved = 3 << 31
    assert [int(line.split()[1], 16) & ~reserved for line in lines[:2]] == [0, 0]
    assert lines[2] == "4"  # 0, 1, 2, and the folder `ls` reads


def test_words_that_are_no_text_reach_the_command_as_they_are(attempts: Attempts) -> None:
    """Bytes that are no UTF-8, and text that is no ASCII, arrive unchanged in argv and environment."""
    odd = os.fsdecode(b"\xff\xfe caf\xc3\xa9 \xe2\x82\xac")
    attempt = attempts.begin("bash", "-c", 'printf %s "$1" "$ODD" | od -An -tx1', "bash", odd,
                             environment={"PATH": PATH, "ODD": odd})  # fmt: skip
    attempt.end()
    assert bytes.fromhex(attempt.output().decode()) == os.fsencode(odd) * 2


def test_a_secret_reaches_the_command_and_no_file_and_no_listing(attempts: Attempts) -> None:
    """By environment and by stdin; neither argv nor the environment of leader and pump hold it, and no file does."""
    given = SecretInput(environment={"PASS": Secret(SECRET)}, stdin=Secret(f"{SECRET}-in\n"), redact=(Secret(SECRET),))
    attempt = attempts.bash(
        'read -r line; test "$line" = "$PASS-in" && echo same; echo "it is $PASS"; touch ready; sleep 60',
        secret_names=("PASS",), stdin_secret=True, secrets=given,
    )  # fmt: skip
    until((attempts.base / "ready").exists)
    attempt.prints(b"it is")
    (pump,) = attempt.pumps()
    for pid in (attempt.leader(), pump):
        for name in ("cmdline", "environ"):
            assert SECRET.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    assert SECRET.encode() not in Path(f"/proc/{attempt.started()['pid']}/cmdline").read_bytes()
    assert attempt.output().startswith(b"same\r\nit is ***")
    attempt.live.stop()
    attempt.end()
    for path in attempt.folder.iterdir():
        assert SECRET.encode() not in path.read_bytes(), path


def test_leader_and_pump_cannot_be_dumped(attempts: Attempts) -> None:
    """Their /proc files belong to root whoever they run as: the kernel's mark of a process that is not dumpable."""
    attempt = attempts.begin("sleep", "60")
    attempt.started()
    for pid in (attempt.leader(), *until(attempt.pumps)):
        limit = Path(f"/proc/{pid}/coredump_filter")
        assert limit.stat().st_uid == 0
        assert not_dumpable(pid)


def not_dumpable(pid: int) -> bool:
    """Ask gently: a user without rights cannot even list the descriptors of such a process."""
    if os.geteuid() != 0:
        return not os.access(f"/proc/{pid}/fd", os.R_OK)
    return Path(f"/proc/{pid}/fd").stat().st_uid == 0


def test_a_missing_secret_begins_nothing(attempts: Attempts) -> None:
    """Where a secret of the spec does not come, the supervisor refuses before the claim, without quoting anything."""
    attempt = attempts.prepare("touch", "ran", secret_names=("PASS",))
    with pytest.raises(HostError, match="unfit order"):
        attempts.commands.start(attempt.folder, SecretInput(environment={"OTHER": Secret(SECRET)}))
    assert attempts.commands.find(attempt.folder).state is FoundState.NEVER_RAN
    assert not (attempts.base / "ran").exists()


def test_the_supervisor_imports_the_standard_library_only(repository: Path) -> None:
    """With no way to site-packages it starts; and neither `wizard` nor anything heavy is imported."""
    main = repository / "wizard/host/supervisor/__main__.py"
    code = (
        "import runpy, sys\n"
        f"runpy.run_path({str(main)!r}, run_name='looked-at')\n"
        "print(*(name for name in sys.modules if name.partition('.')[0] not in sys.stdlib_module_names))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    own = {name for name in done.stdout.split() if not name.startswith(("supervisor", "__main__"))}
    assert own == set()


def test_the_commands_environment_is_the_one_asked_for(attempts: Attempts) -> None:
    """Whole, with the marks of the attempt and nothing of the driver's."""
    attempt = attempts.begin("env", "-0", environment={"PATH": PATH, "A": "1"})
    attempt.end()
    told = dict(line.split("=", 1) for line in attempt.output().decode().strip("\0").split("\0"))
    assert told == {
        "PATH": PATH, "A": "1", "WIZARD_ATTEMPT": attempt.folder.name, "WIZARD_ATTEMPT_FOLDER": str(attempt.folder),
    }  # fmt: skip


def test_a_driver_that_is_killed_with_all_its_kin_leaves_the_command_alone(tmp_path: Path) -> None:
    """The starter, its group, its session and its terminal vanish by HUP and KILL; the command ends by itself."""
    folder = tmp_path / "0001-01"
    script = (
        "import sys, time; from pathlib import Path; from tests.host.attempts import Attempts\n"
        "attempts = Attempts(Path(sys.argv[1]))\n"
        "attempts.bash('echo one; sleep 1; echo two; exit 7')\n"
        "print('begun', flush=True); time.sleep(60)\n"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", script, str(tmp_path)])
    seen = b""
    while b"begun" not in seen:
        seen += os.read(terminal, 1000)
    os.killpg(pid, signal.SIGHUP)
    os.killpg(pid, signal.SIGKILL)
    os.close(terminal)
    os.waitpid(pid, 0)
    assert not living(pid)
    with Attempts(tmp_path) as again:
        ended = until(lambda: again.commands.find(folder).exit)
    assert ended is not None
    assert ended.code == 7
    assert (folder / "output").read_bytes() == b"one\r\ntwo\r\n"
