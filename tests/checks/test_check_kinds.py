"""What each kind of check takes for a pass, a failure, and no verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.fakes.guides import guide_of
from tests.fakes.staged import MODIFIED, StagedMachine
from wizard.checks.ask import ask_check
from wizard.checks.comparing import same
from wizard.checks.context import CheckContext
from wizard.checks.kinds import log as log_kind
from wizard.checks.logs import note_log_offsets
from wizard.checks.model import Finding, Status
from wizard.expressions import Environment
from wizard.facts.files_in_expressions import file_function
from wizard.facts.looking import Surrounded
from wizard.guide.models import StepCheck
from wizard.host.protocols import FileFacts, HttpReply, Look, ProcessFacts, Seen

OK, FAIL, UNKNOWN, ERROR = Status.OK, Status.FAIL, Status.UNKNOWN, Status.ERROR
ANSWERS = {"dir": "/opt/app", "port": 8080, "version": "1.4.2", "id": "x' or 1=1", "pattern": "a.c"}
CONNECTIONS = {"db": {"kind": "sqlite", "file": "/var/app.db"}}
NOON = datetime.fromtimestamp(MODIFIED + 7200, UTC)


def checked(keys: dict[str, Any]) -> StepCheck:
    return TypeAdapter(StepCheck).validate_python(keys)


def context(machine: StagedMachine, **more: Any) -> CheckContext:
    names = {"answers": ANSWERS, "facts": {}}
    defaults = more.pop("defaults", {})
    return CheckContext(
        loaded=guide_of(connections=CONNECTIONS, defaults=defaults),
        machine=machine,
        env=Environment(names=names, file=file_function(machine)),
        now=lambda: NOON,
        **more,
    )


def ask(keys: dict[str, Any], machine: StagedMachine | None = None, **more: Any) -> Finding:
    return ask_check(checked(keys), context(machine or StagedMachine(), **more))


def judged(keys: dict[str, Any], machine: StagedMachine | None = None, **more: Any) -> tuple[Status, str]:
    """Ask one check; give its status and what was seen."""
    finding = ask(keys, machine, **more)
    return finding.status, finding.evidence[0].seen


@pytest.mark.parametrize(
    ("keys", "status", "words"),
    [
        ({"disk": {"path": "/", "free": "10 GiB"}}, OK, "10.0 GiB free"),
        ({"disk": {"path": "/", "free": "10.1 GiB"}}, FAIL, "10.1 GiB needed"),
        ({"disk": {"path": "/", "free": "${{ 2.0 * 1.5 }}"}}, OK, "3 B needed"),
        ({"disk": {"path": "/", "free": 1 << 40}}, FAIL, "1.0 TiB needed"),
        ({"memory": {"total": "8 GiB"}}, OK, "8.0 GiB in all (8.0 GiB needed)"),
        ({"memory": {"total": "8 GiB", "available": "5 GiB"}}, FAIL, "4.0 GiB available (5.0 GiB needed)"),
        ({"memory": {}}, UNKNOWN, "says neither"),
        ({"cpu": {"at_least": 4}}, OK, "4 processors"),
        ({"cpu": {"at_least": "5"}}, FAIL, "5 needed"),
        ({"cpu": {"at_least": "few"}}, ERROR, "'few' is not a number"),
        ({"load": {"at_most": "0.25"}}, OK, "load 1.00 over 5m on 4 processors is 0.25 each"),
        ({"load": {"at_most": "0.4", "over": "15m"}}, FAIL, "0.50 each"),
    ],
)
def test_room_memory_processors_and_load(keys: dict[str, Any], status: Status, words: str) -> None:
    """Sizes and numbers in whichever way they are written, at their limits."""
    found, seen = judged(keys)
    assert found is status
    assert words in seen


PORTS = {8080: ["java"], 80: ["?"], 443: ["nginx", "?"]}


@pytest.mark.parametrize(
    ("port", "status", "words"),
    [
        (8080, OK, "listened on by java"),
        ("${{ answers.port }}", OK, "listened on by java"),
        (81, FAIL, "nothing listens on port 81"),
        ({"port": 81, "is": "free"}, OK, "nothing listens"),
        ({"port": 80, "is": "free"}, FAIL, "by a process that cannot be seen"),
        ({"port": 8080, "by": "java"}, OK, "java expected"),
        ({"port": 8080, "by": "nginx"}, FAIL, "nginx expected"),
        ({"port": 81, "by": "nginx"}, FAIL, "nothing listens"),
        ({"port": 80, "by": "nginx"}, UNKNOWN, "takes root to see"),
        ({"port": 443, "by": "nginx"}, OK, "nginx expected"),
    ],
)
def test_ports(port: Any, status: Status, words: str) -> None:
    """Who cannot be seen is not guessed at."""
    found, seen = judged({"port": port}, StagedMachine(ports=PORTS))
    assert found is status
    assert words in seen


def test_connections_and_names() -> None:
    """Opening, refusing, resolving, resolving to something else."""
    machine = StagedMachine(ports={22: ["sshd"]}, names={"db.local": ["10.0.0.1", "10.0.0.2"]})
    assert judged({"tcp": {"host": "h", "port": 22}}, machine) == (OK, "a connection opened")
    assert judged({"tcp": {"host": "h", "port": 23}}, machine) == (FAIL, "no connection: connection refused")
    assert judged({"dns": {"name": "db.local"}}, machine)[0] is OK
    assert judged({"dns": {"name": "db.local", "to": "10.0.0.2"}}, machine)[0] is OK
    assert judged({"dns": {"name": "db.local", "to": "10.0.0.3"}}, machine)[0] is FAIL
    assert judged({"dns": {"name": "gone"}}, machine) == (FAIL, "gone does not resolve")


REPLIES = {
    "http://x/": HttpReply(200, {}, '{"status": "UP", "rows": [1, 2]}'),
    "http://x/moved": HttpReply(302, {}, ""),
    "http://x/text": HttpReply(200, {}, "a.c and abc"),
}


@pytest.mark.parametrize(
    ("http", "status", "words"),
    [
        ("http://x/", OK, "status 200"),
        ("http://x/moved", FAIL, "status 302, not 200"),
        ({"url": "http://x/moved", "status": [301, "302"]}, OK, "status 302"),
        ("http://gone/", FAIL, "no reply: http://gone/: connection refused"),
        ({"url": "http://x/", "contains": '"UP"'}, OK, "status 200"),
        ({"url": "http://x/", "contains": "DOWN"}, FAIL, "does not contain `DOWN`"),
        ({"url": "http://x/text", "match": "^${{ answers.pattern }} and a.c$"}, OK, "status 200"),
        ({"url": "http://x/text", "match": "${{ answers.pattern }}$"}, FAIL, "nothing in the reply matches"),
        ({"url": "http://x/", "json": 'reply.status == "UP" && size(reply.rows) == 2'}, OK, "status 200"),
        ({"url": "http://x/", "json": 'reply.status == "DOWN"'}, FAIL, "does not hold: {status: `UP`"),
        ({"url": "http://x/", "json": 'reply.health == "UP"'}, FAIL, "does not hold"),
        ({"url": "http://x/text", "json": 'reply.status == "UP"'}, FAIL, "the reply is not JSON"),
    ],
)
def test_http(http: Any, status: Status, words: str) -> None:
    """Status, text, pattern and JSON; no reply at all is a failure of what the check claims."""
    found, seen = judged({"http": http}, StagedMachine(replies=REPLIES))
    assert found is status
    assert words in seen


RUNNING = [
    ProcessFacts(10, 1, "java", "/usr/bin/java -jar /opt/app/app.jar", "app"),
    ProcessFacts(11, 2, "postgres: wri", "/usr/lib/postgresql/15/bin/postgres -D /var", "postgres"),
]


@pytest.mark.parametrize(
    ("process", "status", "words"),
    [
        ({"name": "java"}, OK, "10 (java)"),
        ({"name": "postgres"}, OK, "11 (postgres: wri)"),
        ({"name": "jav"}, FAIL, "no process named jav runs"),
        ({"match": r"-jar ${{ answers.dir }}/.*\.jar"}, OK, "10 (java)"),
        ({"name": "java", "match": "-D /var"}, FAIL, "no process named java and whose command line"),
        ({"name": "java", "is": "absent"}, FAIL, "runs: 10"),
        ({"name": "nginx", "is": "absent"}, OK, "no process"),
        ({"pid_file": "/run/app.pid"}, OK, "10 (java)"),
        ({"pid_file": "/run/old.pid"}, FAIL, "no process whose pid is in /run/old.pid"),
        ({"pid_file": "/run/gone.pid", "is": "absent"}, OK, "no process"),
        ({}, UNKNOWN, "says neither"),
    ],
)
def test_processes(process: dict[str, Any], status: Status, words: str) -> None:
    """By name, command line and pid file; all that is said must fit the same process."""
    files: dict[str, bytes | None] = {"/run/app.pid": b"10\n", "/run/old.pid": b"99\n"}
    found, seen = judged({"process": process}, StagedMachine(running=RUNNING, files=files))
    assert found is status
    assert words in seen


def test_the_wizard_itself_is_not_the_process_looked_for() -> None:
    """Its own command line may hold the words of the pattern."""
    import os

    machine = StagedMachine(running=[ProcessFacts(os.getpid(), 1, "wizard", "wizard run app --set name=java")])
    assert judged({"process": {"match": "java", "is": "absent"}}, machine)[0] is OK


UNITS = {
    "app": {"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled"},
    "old": {"LoadState": "loaded", "ActiveState": "failed", "UnitFileState": "disabled"},
}


@pytest.mark.parametrize(
    ("service", "status"),
    [
        ("app", OK),
        ({"name": "app", "is": "enabled"}, OK),
        ({"name": "app", "is": "inactive"}, FAIL),
        ({"name": "app", "is": "absent"}, FAIL),
        ("old", FAIL),
        ({"name": "old", "is": "inactive"}, OK),
        ({"name": "old", "is": "enabled"}, FAIL),
        ("gone", FAIL),
        ({"name": "gone", "is": "inactive"}, FAIL),
        ({"name": "gone", "is": "absent"}, OK),
    ],
)
def test_services(service: Any, status: Status) -> None:
    """A unit that does not exist is absent and nothing else."""
    assert judged({"service": service}, StagedMachine(units=UNITS))[0] is status


COMMANDS: dict[str, Seen | str] = {
    "good": Seen(0, "all well\n3 rows\n", "a warning"),
    "bad": Seen(2, "", "usage: bad\nno such option"),
    "slow": Seen(None, "", "", timed_out=True),
    "lost": Seen(127, "", "bash: lost: command not found"),
}


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        ("good", OK, "exit 0: `all well 3 rows`"),
        (["good"], OK, "exit 0"),
        ("bad", FAIL, "exit 2, not 0: no such option"),
        ({"run": "bad", "exit": 2}, OK, "exit 2"),
        ({"run": "good", "output": r"^\d+ rows$"}, OK, "printed `3 rows`"),
        ({"run": "good", "output": "a warning"}, OK, "printed `a warning`"),
        ({"run": "good", "output": "4 rows"}, FAIL, "nothing it printed matches `4 rows`: `all well"),
        ({"run": "good", "never": "warning"}, FAIL, "printed what must not appear: `warning`"),
        ({"run": "good", "never": "error"}, OK, "exit 0"),
        ("slow", UNKNOWN, "did not end within 30 s"),
        ("lost", UNKNOWN, "could not be run (exit 127): bash: lost: command not found"),
        ({"run": "lost", "exit": 127}, OK, "exit 127"),
    ],
)
def test_commands(command: Any, status: Status, words: str) -> None:
    """Exit first, then what must not and what must appear; one that did not run tells nothing."""
    found, seen = judged({"command": command}, StagedMachine(commands=COMMANDS))
    assert found is status
    assert words in seen


def test_commands_run_in_the_surroundings_of_the_step_or_the_guide() -> None:
    """The check's own folder wins; a default that needs an absent answer leaves the check unknown."""
    machine = StagedMachine(commands=COMMANDS)
    defaults = {"folder": "${{ answers.dir }}", "env": {"MODE": "prod"}}
    assert judged({"command": "good"}, machine, defaults=defaults)[0] is OK
    assert (machine.looks[-1].folder, machine.looks[-1].environment["MODE"]) == ("/opt/app", "prod")
    assert judged({"command": {"run": "good", "folder": "/own"}}, machine, defaults=defaults)[0] is OK
    assert machine.looks[-1].folder == "/own"
    step = Surrounded(folder="/step", environment={"PATH": "/bin"})
    assert judged({"command": "good"}, machine, defaults=defaults, where=step)[0] is OK
    assert (machine.looks[-1].folder, dict(machine.looks[-1].environment)) == ("/step", {"PATH": "/bin"})
    lost = {"folder": "${{ answers.nowhere }}"}
    assert judged({"command": "good"}, machine, defaults=lost)[0] is UNKNOWN
    assert judged({"command": {"run": "good", "folder": "/own"}}, machine, defaults=lost)[0] is OK


FILES: dict[str, bytes | None] = {
    "/etc/app.conf": b"# a\nport = 80\nport = 81\n",
    "/opt/app": None,
    "/opt/app/a.jar": b"",
    "/opt/app/b.jar": b"x",
}
STATS = {
    "/dangling": FileFacts(exists=False, kind="link"),
    "/script": FileFacts(True, "file", 10, 0o100755, "root", "root", MODIFIED, readable=True, writable=False),
    "/shut": FileFacts(True, "file", 10, 0o100600, "root", "root", MODIFIED),
}
HASH = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@pytest.mark.parametrize(
    ("file", "status", "words"),
    [
        ("/etc/app.conf", OK, "a file of 24 B, mode 0640, of app"),
        ("${{ answers.dir }}", OK, "a folder"),
        ("/gone", FAIL, "nothing is there"),
        ("/dangling", FAIL, "a link that leads nowhere"),
        ({"path": "/gone", "is": "absent"}, OK, "nothing is there"),
        ({"path": "/dangling", "is": "absent"}, FAIL, "is there"),
        ({"path": "/opt/app", "is": "absent"}, FAIL, "a folder is there"),
        ({"path": "/opt/app", "is": "file"}, FAIL, "it is a folder, not a file"),
        ({"path": "/opt/app", "is": "folder"}, OK, "a folder"),
        ({"path": "/script", "is": "executable"}, OK, "mode 0755"),
        ({"path": "/shut", "is": "executable"}, FAIL, "not executable (mode 0600)"),
        ({"path": "/shut", "is": "readable"}, FAIL, "cannot be read"),
        ({"path": "/script", "is": "readable"}, OK, "a file"),
        ({"path": "/script", "is": "writable"}, FAIL, "cannot be written"),
        ({"path": "/etc/app.conf", "is": "link"}, FAIL, "a file is no link"),
        ({"path": "/etc/app.conf", "contains": "port = 81"}, OK, "a file"),
        ({"path": "/etc/app.conf", "contains": "port = 8[0-9]"}, FAIL, "does not contain"),
        ({"path": "/etc/app.conf", "match": r"^port = \d+$"}, OK, "a file"),
        ({"path": "/etc/app.conf", "match": r"^host"}, FAIL, "nothing in it matches `^host`"),
        ({"path": "/etc/app.conf", "match": r"^port", "count": 2}, OK, "a file"),
        ({"path": "/etc/app.conf", "contains": "port", "count": 1}, FAIL, "found 2 times, not 1"),
        ({"path": "/etc/app.conf", "at_least": 24}, OK, "a file"),
        ({"path": "/etc/app.conf", "at_least": "1 KiB"}, FAIL, "it has 24 B; at least 1.0 KiB wanted"),
        ({"path": "/script", "mode": "0755", "owner": "root"}, OK, "mode 0755"),
        ({"path": "/script", "mode": "644"}, FAIL, "its mode is 0755, not 644"),
        ({"path": "/script", "mode": "u=rwx"}, ERROR, "is not a mode"),
        ({"path": "/script", "owner": "app"}, FAIL, "belongs to root, not to app"),
        ({"path": "/opt/app/b.jar", "sha256": HASH.upper()}, OK, "a file"),
        ({"path": "/opt/app/a.jar", "sha256": HASH}, FAIL, "its sha256 is e3b0"),
        ("/opt/app/*.jar", OK, "2 found: /opt/app/a.jar, /opt/app/b.jar"),
        ("/opt/app/*.war", FAIL, "none found"),
        ({"path": "/opt/app/*.war", "is": "absent"}, OK, "none found"),
        ({"path": "/opt/app/*.jar", "count": 3}, FAIL, "3 wanted"),
        ({"path": "/opt/app/*.jar", "count": "2"}, OK, "2 wanted"),
        ({"path": "/opt/app/*.jar", "contains": "x"}, UNKNOWN, "can only be counted"),
        ({"path": "/opt/app", "count": 2}, OK, "a folder"),
        ({"path": "/opt/app", "count": 3}, FAIL, "it has 2 entries, not 3"),
        ({"path": "/script", "count": 3}, ERROR, "`count` needs a folder"),
    ],
)
def test_files(file: Any, status: Status, words: str) -> None:
    """What it is, what it holds, its surface, and wildcards."""
    commands: dict[str, Seen | str] = {
        "ls -A1 -b -- /opt/app": "a.jar\nb.jar\n",
        "test -L /etc/app.conf": Seen(1, "", ""),
    }
    found, seen = judged({"file": file}, StagedMachine(files=FILES, stats=STATS, commands=commands))
    assert found is status, seen
    assert words in seen


DOCUMENTS: dict[str, bytes | None] = {
    "/.env": b"PORT='8080'\nDEBUG=true\nV=1.10\n",
    "/a.yml": b"services:\n  web:\n    image: app:1.4\n    ports: [80]\non: true\nempty:\n",
    "/a.json": b'{"a": {"b": 1}}',
    "/a.toml": b'[a]\nb = "x"\n',
    "/broken.json": b"{",
}


@pytest.mark.parametrize(
    ("keys", "status", "words"),
    [
        ({"dotenv": {"file": "/.env", "at": "PORT", "equals": 8080}}, OK, "PORT is `8080`"),
        ({"dotenv": {"file": "/.env", "at": "PORT", "equals": "${{ answers.port }}"}}, OK, "PORT is"),
        ({"dotenv": {"file": "/.env", "at": "PORT", "equals": "80"}}, FAIL, "PORT is `8080`, not `80`"),
        ({"dotenv": {"file": "/.env", "at": "V", "equals": "1.1"}}, FAIL, "V is `1.10`, not `1.1`"),
        ({"dotenv": {"file": "/.env", "at": "DEBUG", "equals": True}}, OK, "DEBUG is `true`"),
        ({"dotenv": {"file": "/.env", "at": "DEBUG", "equals": False}}, FAIL, "not false"),
        ({"dotenv": {"file": "/.env", "has": ["PORT", "HOST", "USER"]}}, FAIL, "HOST, USER are not there"),
        ({"dotenv": {"file": "/.env", "has": ["PORT"]}}, OK, "it has PORT"),
        ({"dotenv": {"file": "/.env", "at": "HOST"}}, FAIL, "HOST is not there"),
        ({"dotenv": {"file": "/.env", "at": "HOST", "is": "absent"}}, OK, "HOST is not there"),
        ({"dotenv": {"file": "/.env", "at": "PORT", "is": "absent"}}, FAIL, "PORT is `8080`"),
        ({"dotenv": {"file": "/gone", "at": "PORT", "is": "absent"}}, OK, "there is no file /gone"),
        ({"dotenv": {"file": "/gone", "at": "PORT"}}, FAIL, "there is no file /gone"),
        ({"dotenv": {"file": "/.env", "match": "^DEBUG=true$"}}, OK, "a line matches"),
        ({"dotenv": {"file": "/.env", "match": "^DEBUG=false$"}}, FAIL, "no line matches"),
        ({"dotenv": {"file": "/.env", "is": "absent"}}, FAIL, "the file /.env is there"),
        ({"dotenv": {"file": "/.env", "equals": 1}}, UNKNOWN, "`equals` without `at`"),
        ({"yaml": {"file": "/a.yml", "at": "services.web.image", "match": r":1\.4$"}}, OK, "`app:1.4`"),
        ({"yaml": {"file": "/a.yml", "at": "services.web", "match": "app"}}, FAIL, "does not match"),
        ({"yaml": {"file": "/a.yml", "at": "services.web.ports[0]", "equals": "80"}}, OK, "is 80"),
        ({"yaml": {"file": "/a.yml", "at": "empty"}}, OK, "empty is null"),
        ({"json": {"file": "/a.json", "at": "a.b", "equals": 1}}, OK, "a.b is 1"),
        ({"json": {"file": "/broken.json", "at": "a.b"}}, UNKNOWN, "cannot be read as json: line 1"),
        ({"json": {"file": "/a.json", "at": "a["}}, UNKNOWN, "is not a place"),
        ({"toml": {"file": "/a.toml", "at": "a.b", "equals": "x"}}, OK, "a.b is `x`"),
        ({"toml": {"file": "/a.toml"}}, OK, "it can be read"),
    ],
)
def test_settings_files(keys: dict[str, Any], status: Status, words: str) -> None:
    """Presence, values of any type, patterns; a broken file is no verdict."""
    found, seen = judged(keys, StagedMachine(files=DOCUMENTS))
    assert found is status, seen
    assert words in seen


@pytest.mark.parametrize(
    ("seen", "expected", "equal"),
    [
        ("5", 5, True), (5, "5", True), (5.0, "5", True), ("1.10", "1.1", False), ("1.10", 1.1, True),
        ("TRUE", True, True), (True, "true", True), (1, True, True), (0, False, True), (2, True, False),
        ("yes", True, False), (None, "", False), ("x", 5, False), (True, True, True), ([1], "[1]", True),
    ],
)  # fmt: skip
def test_values_are_compared_whatever_type_they_came_in(seen: Any, expected: Any, equal: bool) -> None:
    """Numbers with their texts, switches with theirs, texts as they stand."""
    assert same(seen, expected) is equal


LOG = b"old line\nstarted 1.3\nERROR old\n"
NEW = b"started 1.4\nall well\n"


def log_machine(data: bytes = LOG + NEW) -> StagedMachine:
    return StagedMachine(files={"/log": data})


@pytest.mark.parametrize(
    ("log", "status", "words"),
    [
        ({"match": r"started 1\.4"}, OK, "it says `started 1.4` (21 B since the step)"),
        ({"match": r"started 1\.3"}, FAIL, "no line matches"),
        ({"match": r"started 1\.3", "since": "start"}, OK, "started 1.3"),
        ({"never": "ERROR"}, OK, "nothing of it is there"),
        ({"never": "ERROR", "since": "run"}, FAIL, "must not appear: `ERROR old`"),
        ({"match": "started", "never": "well"}, FAIL, "must not appear: `all well`"),
        ({"match": "^all well$", "never": "ERROR"}, OK, "it says `all well`"),
        ({}, UNKNOWN, "says neither"),
    ],
)
def test_logs_are_read_from_where_the_step_or_the_run_began(log: dict[str, Any], status: Status, words: str) -> None:
    """An old success does not pass, an old error does not fail."""
    offsets = {"log_offsets": {"/log": len(LOG)}, "run_log_offsets": {"/log": 9}}
    found, seen = judged({"log": {"file": "/log", **log}}, log_machine(), **offsets)
    assert found is status, seen
    assert words in seen


def test_a_log_nobody_noted_is_no_verdict() -> None:
    """Old lines must not be taken for new ones, inside of a step or before any."""
    log = {"file": "/log", "match": "started"}
    assert judged({"log": log}, log_machine(), run_log_offsets={"/log": 0})[0] is UNKNOWN
    assert judged({"log": {**log, "since": "run"}}, log_machine(), log_offsets={"/log": 0})[0] is UNKNOWN
    assert judged({"log": {**log, "since": "start"}}, log_machine())[0] is OK


def test_a_log_that_was_begun_anew_is_read_from_its_start() -> None:
    """Rotation does not hide lines."""
    found, seen = judged({"log": {"file": "/log", "match": "all well"}}, log_machine(NEW), log_offsets={"/log": 500})
    assert found is OK
    assert "the log was begun anew" in seen


def test_a_log_that_is_not_there() -> None:
    """It cannot hold what must be there, and says nothing about what must not."""
    assert judged({"log": {"file": "/gone", "match": "x"}}) == (FAIL, "there is no such log")
    assert judged({"log": {"file": "/gone", "never": "x"}}) == (UNKNOWN, "there is no such log")


def test_a_large_log_is_read_in_slices_without_tearing_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line across two slices is still one line, and nothing before the offset is seen."""
    monkeypatch.setattr(log_kind, "READ_LIMIT", 10)
    monkeypatch.setattr(log_kind, "SLICE", 7)
    data = b"NO start\n" + b"first line\nsecond NEEDLE here\nlast without end"

    def look(command: Look) -> Seen:
        begin, _, count = command.argv[-3:]
        return Seen(0, data[int(begin) - 1 :][: int(count)].decode(), "")

    machine = StagedMachine(files={"/log": data}, acts={"look": look})
    offsets = {"log_offsets": {"/log": 9}}
    assert judged({"log": {"file": "/log", "match": "^second NEEDLE here$"}}, machine, **offsets)[0] is OK
    assert judged({"log": {"file": "/log", "match": "without end$"}}, machine, **offsets)[0] is OK
    assert judged({"log": {"file": "/log", "never": "NO"}}, machine, **offsets)[0] is OK
    monkeypatch.setattr(log_kind, "MOST", 20)
    assert judged({"log": {"file": "/log", "never": "NO"}}, machine, **offsets)[0] is UNKNOWN


def test_where_logs_stand_is_noted_for_the_checks_of_a_step() -> None:
    """By rendered path; a log to come counts from its first byte, other kinds and unknown paths are left out."""
    checks = [
        checked({"log": {"file": "/log", "match": "x"}}),
        checked({"log": {"file": "${{ answers.dir }}/log", "match": "x"}}),
        checked({"log": {"file": "${{ answers.gone }}/log", "match": "x"}}),
        checked({"check": "gone"}),
        checked({"port": 80}),
    ]
    assert note_log_offsets(checks, context(log_machine())) == {"/log": len(LOG + NEW), "/opt/app/log": 0}


ROWS: dict[str, Any] = {
    "count": [(3,)], "none": [], "null": [(None,)], "text": [("3",)], "name": [("alice", 1), ("bob", 2)],
    "bad": [("x",)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "status", "words"),
    [
        ({"query": "count", "equals": 3}, OK, "it gives 3"),
        ({"query": "text", "equals": 3}, OK, "it gives `3`"),
        ({"query": "count", "equals": "4"}, FAIL, "it gives 3, not `4`"),
        ({"query": "count", "at_least": 3, "at_most": 3}, OK, "it gives 3"),
        ({"query": "text", "at_least": "3.5"}, FAIL, "at least 3.5 wanted"),
        ({"query": "count", "at_most": 2}, FAIL, "at most 2 wanted"),
        ({"query": "bad", "at_least": 1}, UNKNOWN, "no number"),
        ({"query": "none", "at_least": 0}, FAIL, "it gives no rows"),
        ({"query": "null", "equals": 0}, FAIL, "it gives null"),
        ({"query": "name", "match": "^ali"}, OK, "it gives `alice`"),
        ({"query": "null", "match": ""}, FAIL, "does not match"),
        ({"query": "name"}, OK, "it gives 2 rows, first [`alice`, 1]"),
        ({"query": "none"}, FAIL, "it gives no rows"),
        ({"query": "name", "expr": 'result == "alice" && size(rows) == 2 && rows[1][1] == 2'}, OK, "2 rows"),
        ({"query": "name", "expr": "size(rows) == 3"}, FAIL, "does not hold: it gives 2 rows"),
        ({"query": "none", "expr": "size(rows) == 0"}, OK, "no rows"),
        ({"query": "none", "expr": "result > 0"}, FAIL, "does not hold"),
        ({"query": "select from gone"}, FAIL, "no such table"),
    ],
)
def test_sql(sql: dict[str, Any], status: Status, words: str) -> None:
    """The first value, the rows, an expression over both; a table that is not there is a failure."""
    machine = StagedMachine(files={"/var/app.db": b""}, rows=ROWS)
    found, seen = judged({"sql": {"connection": "db", **sql}}, machine)
    assert found is status, seen
    assert words in seen


def test_values_in_a_query_are_bound() -> None:
    """A hostile value stays a value; without the database the check fails, without the connection it is unknown."""
    machine = StagedMachine(files={"/var/app.db": b""}, rows={"select 1 where a = ?": [(1,)]})
    query = "select 1 where a = ${{ answers.id }}"
    assert judged({"sql": {"connection": "db", "query": query}}, machine)[0] is OK
    assert machine.queries == [("/var/app.db", "select 1 where a = ?", ("x' or 1=1",))]
    assert judged({"sql": {"connection": "db", "query": "count"}})[0] is FAIL
    assert judged({"sql": {"connection": "gone", "query": "count"}})[0] is UNKNOWN


@pytest.mark.parametrize(
    ("version", "status", "words"),
    [
        ({"value": "${{ answers.version }}", "in": ">=1.4,<2"}, OK, "it is 1.4.2; >=1.4,<2 wanted"),
        ({"value": "1.10", "in": "<1.9"}, FAIL, "it is 1.10"),
        ({"value": "unknown", "in": "<1.9"}, UNKNOWN, "is not a version"),
        ({"value": "1.10", "in": "~>1"}, ERROR, "the check cannot be asked: '~>1'"),
    ],
)
def test_versions(version: dict[str, Any], status: Status, words: str) -> None:
    """In the range or not; what is no version is no verdict."""
    found, seen = judged({"version": version})
    assert found is status, seen
    assert words in seen


def test_expressions_may_look_at_files() -> None:
    """`file()` reads the machine the check is about."""
    machine = StagedMachine(files={"/opt/app": None})
    assert judged({"expr": 'file(answers.dir).kind == "folder"'}, machine) == (OK, "answers.dir is `/opt/app`")
    assert judged({"expr": "!file(answers.dir).exists"}, machine)[0] is FAIL
