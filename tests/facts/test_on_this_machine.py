"""Facts and checks on the machine itself: a real server, a real database, real commands."""

from __future__ import annotations

import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from tests.fakes.guides import guide_of
from wizard.checks.ask import CheckContext, ask_checks
from wizard.checks.logs import note_log_offsets
from wizard.checks.model import Finding, Status
from wizard.expressions import Environment
from wizard.facts.files_in_expressions import file_function
from wizard.facts.gather import facts_as_names, read_facts
from wizard.facts.model import FactReading, FactStatus
from wizard.guide.models import StepCheck
from wizard.host.local import LocalMachine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[str]:
    """Serve JSON at / and 404 elsewhere; gives the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"version": "1.10", "status": "UP"}' if self.path == "/" else b"gone"
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def read(facts: dict[str, Any], answers: dict[str, Any], **parts: Any) -> dict[str, FactReading]:
    env = Environment(names={"answers": answers, "facts": {}})
    readings = read_facts(guide_of(facts=facts, **parts), list(facts), LocalMachine(), env)
    return {reading.id: reading for reading in readings}


def ask(checks: list[dict[str, Any]], answers: dict[str, Any], **parts: Any) -> list[Finding]:
    machine = LocalMachine()
    env = Environment(names={"answers": answers, "facts": {}}, file=file_function(machine))
    return ask_checks(
        TypeAdapter(list[StepCheck]).validate_python(checks), CheckContext(guide_of(**parts), machine, env)
    )


def test_an_installation_is_read_as_it_is(tmp_path: Path, server: str) -> None:
    """Settings, version, data, service and disk, each built on the one before where it needs to be."""
    (tmp_path / ".env").write_text(f"export URL='{server}' # here\nDB=app.db\n")
    connection = sqlite3.connect(tmp_path / "app.db")
    connection.executescript("create table users (name); insert into users values ('a'), ('b');")
    connection.close()
    for version in ("1.9", "1.10"):
        (tmp_path / f"backup-{version}.sql").touch()
    facts = {
        "users": {"sql": {"connection": "app", "query": "select count(*) from users where name > ${{ answers.name }}"}},
        "service": {"http": "${{ facts.settings.URL }}/"},
        "settings": {"dotenv": "${{ answers.dir }}/.env"},
        "backups": {"files": "${{ answers.dir }}/backup-*.sql", "order": "version"},
        "listed": {"command": "cd ${{ answers.dir }} && ls -1 *.sql | wc -l", "match": r"(?P<n>\d+)", "as": {"n": "n"}},
        "room": {"disk": "${{ answers.dir }}/not/there/yet"},
        "gone": {"yaml": "${{ answers.dir }}/compose.yml"},
        "failing": {"command": "ls /nowhere-at-all"},
    }
    connections = {"app": {"kind": "sqlite", "file": "${{ answers.dir }}/${{ facts.settings.DB }}"}}
    readings = read(facts, {"dir": str(tmp_path), "name": "a"}, connections=connections)
    known = facts_as_names(readings.values())
    assert known["users"] == 1
    assert known["service"]["json"] == {"version": "1.10", "status": "UP"}
    assert known["backups"] == [f"{tmp_path}/backup-1.9.sql", f"{tmp_path}/backup-1.10.sql"]
    assert known["listed"] == {"n": 2}
    assert 0 < known["room"]["free"] <= known["room"]["total"]
    assert readings["gone"].status is FactStatus.ABSENT
    assert readings["failing"].status is FactStatus.UNKNOWN
    assert "/nowhere-at-all" in readings["failing"].reason


HOSTILE = ["$(touch {0})", "`touch {0}`", "'; touch {0}; '", '"; touch {0}; "', "x\ntouch {0}", "-rf {0}", "*"]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_never_run_in_facts_and_checks(tmp_path: Path, value: str) -> None:
    """They arrive as they are, as one word, with and without a shell."""
    canary = tmp_path / "canary"
    hostile = value.format(canary)
    facts = {
        "shell": {"command": "printf '[%s]' ${{ answers.x }}"},
        "quoted": {"command": 'printf "[%s]" "a${{ answers.x }}b"'},
        "words": {"command": ["printf", "[%s]", "${{ answers.x }}"]},
    }
    readings = read(facts, {"x": hostile})
    assert readings["shell"].value == f"[{hostile}]"
    assert readings["quoted"].value == f"[a{hostile}b]"
    assert readings["words"].value == f"[{hostile}]"
    [finding] = ask(
        [{"command": {"run": "printf '[%s]' ${{ answers.x }}", "output": r"^\[${{ answers.x }}\]$"}}], {"x": hostile}
    )
    assert finding.status is Status.OK, finding.evidence
    assert not canary.exists()


def test_commands_get_no_more_of_the_environment_than_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operator exported for something else stays out of it."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leak")
    reading = read({"env": {"command": ["env"], "env": {"MODE": "${{ answers.mode }}"}}}, {"mode": "x"})["env"]
    assert "AWS_SECRET_ACCESS_KEY" not in reading.value
    assert "MODE=x" in reading.value.splitlines()
    assert "PAGER=cat" in reading.value.splitlines()


def test_a_command_that_hangs_is_ended_after_its_time() -> None:
    """The reading says so, and nothing is waited for longer."""
    reading = read({"hangs": {"command": "sleep 60", "timeout": "1s"}}, {})["hangs"]
    assert (reading.status, reading.reason) == (FactStatus.UNKNOWN, "`sleep 60` did not end within 1 s")
    assert reading.seconds < 30


def test_checks_look_at_the_real_thing(tmp_path: Path, server: str) -> None:
    """Passing, failing and not to be told, in the order of the guide."""
    port = int(server.rsplit(":", 1)[1])
    (tmp_path / "conf.yml").write_text("web:\n  version: 1.10\n")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "conf.yml")
    findings = ask(
        [
            {"http": {"url": f"{server}/", "json": 'reply.status == "UP"', "match": r"1\.10"}},
            {"http": f"{server}/other"},
            {"port": port},
            {"port": {"port": port, "is": "free"}},
            {"tcp": {"host": "127.0.0.1", "port": "${{ answers.port }}"}},
            {"yaml": {"file": "${{ answers.dir }}/conf.yml", "at": "web.version", "equals": "1.10"}},
            {"file": {"path": "${{ answers.dir }}/link", "is": "link"}},
            {"file": {"path": "${{ answers.dir }}/conf.yml", "is": "link"}},
            {"file": {"path": "${{ answers.dir }}", "count": 2}},
            {"process": {"match": "no process has such a command line, surely"}},
            {"command": ["no-such-program-anywhere"]},
            {"disk": {"path": "${{ answers.dir }}", "free": 1}},
            {"memory": {"available": 1}},
            {"cpu": {"at_least": 1}},
            {"load": {"at_most": 100000}},
            {"dns": {"name": "localhost"}},
            {"expr": 'file(answers.dir + "/conf.yml").size > 0'},
        ],
        {"dir": str(tmp_path), "port": port},
    )
    ok, fail, unknown = Status.OK, Status.FAIL, Status.UNKNOWN
    expected = [ok, fail, ok, fail, ok, ok, ok, fail, ok, fail, unknown, ok, ok, ok, ok, ok, ok]
    assert [finding.status for finding in findings] == expected, findings


def test_a_large_real_log_is_read_from_where_it_stood(tmp_path: Path) -> None:
    """Six MiB of old lines with the very words are not looked at; the new line across slices is found."""
    log = tmp_path / "app.log"
    log.write_bytes(b"migration done\n" * 420_000)
    machine, env = LocalMachine(), Environment(names={"answers": {}, "facts": {}})
    checks = TypeAdapter(list[StepCheck]).validate_python([{"log": {"file": str(log), "match": "^migration done$"}}])
    context = CheckContext(guide_of(), machine, env)
    offsets = note_log_offsets(checks, context)
    assert offsets == {str(log): 15 * 420_000}
    with log.open("ab") as file:
        file.write(b"migration begun\n" * 150_000)
    before = CheckContext(guide_of(), machine, env, log_offsets=offsets)
    assert ask_checks(checks, before)[0].status is Status.FAIL
    with log.open("ab") as file:
        file.write("Übergang\nmigration done\n".encode())
    assert ask_checks(checks, before)[0].status is Status.OK
