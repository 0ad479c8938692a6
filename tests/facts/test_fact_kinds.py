"""What each kind of fact gives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.guides import guide_of
from tests.fakes.staged import StagedMachine
from wizard.errors import HostError
from wizard.expressions import Environment
from wizard.facts.files_in_expressions import file_function
from wizard.facts.gather import read_facts
from wizard.facts.looking import Surrounded
from wizard.facts.model import FactReading, FactStatus
from wizard.host.protocols import HttpReply, Seen

ANSWERS = {"dir": "/opt/my app", "nodes": ["a b", "c"], "id": "1' or '1'='1"}
CONNECTIONS = {"db": {"kind": "sqlite", "file": "/var/app.db"}, "pg": {"kind": "postgres", "host": "x", "name": "y"}}


def read(fact: dict[str, Any], machine: StagedMachine, **more: Any) -> FactReading:
    """Read one fact."""
    loaded = guide_of(facts={"f": fact}, connections=CONNECTIONS, defaults={"folder": "/defaults"})
    [reading] = read_facts(loaded, ["f"], machine, Environment(names={"answers": ANSWERS, "facts": {}}), **more)
    return reading


def value(fact: dict[str, Any], machine: StagedMachine) -> Any:
    """Read one fact that must be known."""
    reading = read(fact, machine)
    assert reading.status is FactStatus.KNOWN, reading.reason
    return reading.value


def test_a_command_gives_its_trimmed_output() -> None:
    """Run by a strict bash, values in variables and never in the text, nothing inherited but what is named."""
    machine = StagedMachine(acts={"look": lambda look: Seen(0, f"  {look.environment['w1']}\n\n", "warning")})
    fact = {"command": "ls ${{ answers.dir }}", "env": {"MODE": "x${{ answers.dir }}"}, "folder": "${{ answers.dir }}"}
    reading = read(fact, machine, where=Surrounded(environment={"PATH": "/bin"}))
    assert reading.value == "/opt/my app"
    [look] = machine.looks
    assert look.argv[:4] == ("bash", "-euo", "pipefail", "-c")
    assert "/opt/my app" not in look.argv[4]
    assert look.environment == {"PATH": "/bin", "MODE": "x/opt/my app", "w1": "/opt/my app"}
    assert look.folder == "/opt/my app"
    assert look.timeout == 20.0
    assert "/opt/my app" in reading.source


def test_a_command_given_as_words_needs_no_shell() -> None:
    """Each word stays one; the guide's default folder is not taken over by facts."""
    machine = StagedMachine(commands={"cat /opt/my app/VERSION": "1.4\n"})
    assert value({"command": ["cat", "${{ answers.dir }}/VERSION"]}, machine) == "1.4"
    assert machine.looks[0].argv == ("cat", "/opt/my app/VERSION")
    assert machine.looks[0].folder is None


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Seen(1, "", "first\nno such thing\n"), "`app` ended with exit 1, not 0: no such thing"),
        (Seen(None, "", "", timed_out=True), "`app` did not end within 20 s"),
    ],
)
def test_a_command_that_fails_gives_no_value(seen: Seen, reason: str) -> None:
    """Half an output is no reading: unknown, with the last complaint."""
    reading = read({"command": ["app"]}, StagedMachine(commands={"app": seen}))
    assert (reading.status, reading.reason) == (FactStatus.UNKNOWN, reason)


def test_a_command_may_be_expected_to_end_otherwise() -> None:
    """`expect_exit` says how."""
    machine = StagedMachine(commands={"app": Seen(3, "2.0", "")})
    assert value({"command": ["app"], "expect_exit": 3}, machine) == "2.0"


def test_a_user_who_does_not_exist_is_a_reason() -> None:
    """The command is not run as somebody else instead."""
    machine = StagedMachine(commands={"app": "x"})
    reading = read({"command": ["app"], "user": "nobody-of-that-name"}, machine)
    assert reading.status is FactStatus.UNKNOWN
    assert "does not exist on this machine" in reading.reason
    assert machine.looks == []


def test_a_command_that_prints_nothing_is_absent() -> None:
    """Nothing found, though it went well."""
    reading = read({"command": ["app"]}, StagedMachine(commands={"app": " \n"}))
    assert (reading.status, reading.reason) == (FactStatus.ABSENT, "it printed nothing")


OUTPUT = "app 1.10.2 (4 KiB)\nlib v1.9 (2 MiB)\n"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"match": r"^\w+ \S+"}, "app 1.10.2"),
        ({"match": r"^lib (\S+)"}, "v1.9"),
        ({"match": r"^(?P<name>\w+) (?P<v>\S+)(?P<no>x)?"}, {"name": "app", "v": "1.10.2"}),
        ({"match": r"^lib (?P<v>\S+) \((?P<size>[^)]+)", "as": {"v": "version", "size": "size"}},
         {"v": "1.9", "size": 2 << 20}),
        ({"match": r"\.(?P<n>\d+)(?P<r>\.\d)", "as": {"n": "n", "r": "number"}}, {"n": 10, "r": 0.2}),
        ({"match": r"^\w+", "all": True}, ["app", "lib"]),
        ({"match": r"\d+\.\d+(?:\.\d+)?", "all": True, "order": "version"}, ["1.9", "1.10.2"]),
        ({"match": r"\((?P<n>\d) ", "as": {"n": "n"}, "all": True, "order": "number"}, [{"n": 2}, {"n": 4}]),
        ({"all": True, "order": "text"}, ["app 1.10.2 (4 KiB)", "lib v1.9 (2 MiB)"]),
    ],
)  # fmt: skip
def test_match_all_as_and_order(keys: dict[str, Any], expected: Any) -> None:
    """Named groups give a map, one group or none its text, `all` a list, `order` sorts it."""
    assert value({"command": ["app"], **keys}, StagedMachine(commands={"app": OUTPUT})) == expected


@pytest.mark.parametrize(
    ("keys", "status", "reason"),
    [
        ({"match": "nothing like it"}, FactStatus.ABSENT, "nothing in it matches"),
        ({"match": "nothing like it", "all": True}, FactStatus.ABSENT, "nothing in it matches"),
        ({"match": "("}, FactStatus.UNKNOWN, "not a regular expression"),
        ({"match": "(?P<n>app)", "as": {"n": "number"}}, FactStatus.UNKNOWN, "'app' is not a number"),
        ({"match": "(?P<n>app)", "as": {"n": "version"}}, FactStatus.UNKNOWN, "'app' is not a version"),
        ({"match": "(?P<n>app)", "as": {"m": "n"}}, FactStatus.UNKNOWN, "`match` has no group of that name"),
    ],
)
def test_a_match_that_gives_nothing_says_why(keys: dict[str, Any], status: FactStatus, reason: str) -> None:
    """Not found is absent, not convertible is unknown."""
    reading = read({"command": ["app"], **keys}, StagedMachine(commands={"app": OUTPUT}))
    assert reading.status is status
    assert reason in reading.reason


def test_values_in_a_match_are_taken_for_themselves() -> None:
    """A value with regex characters matches itself only."""
    machine = StagedMachine(commands={"app": "1' or '1'='1 = yes\n"})
    assert value({"command": ["app"], "match": r"^${{ answers.id }} = (\w+)"}, machine) == "yes"


def test_settings_files_give_maps_or_the_place_named() -> None:
    """With `match`, a whole file is held against its text."""
    machine = StagedMachine(
        files={"/a.yml": b"image: app:1.10\nports: [80, 81]\nv: 1.10\n", "/a.ini": b"[web]\nport = 1\n"}
    )
    assert value({"yaml": "/a.yml"}, machine) == {"image": "app:1.10", "ports": [80, 81], "v": "1.10"}
    assert value({"yaml": {"file": "/a.yml", "at": "ports[1]"}}, machine) == 81
    assert value({"yaml": {"file": "/a.yml", "at": "image"}, "match": r":(?P<tag>.+)"}, machine) == {"tag": "1.10"}
    assert value({"yaml": "/a.yml", "match": r"^image: (\S+)"}, machine) == "app:1.10"
    assert value({"ini": "/a.ini"}, machine) == {"web": {"port": "1"}}
    absent = read({"yaml": {"file": "/a.yml", "at": "ports[7]"}}, machine)
    assert (absent.status, absent.reason) == (FactStatus.ABSENT, "there is no ports[7] in /a.yml")


def test_a_broken_settings_file_is_unknown_with_its_line() -> None:
    """So is one that is too large to be read whole, and a folder."""
    machine = StagedMachine(files={"/a.json": b'{"a":\n', "/big": b"x" * ((4 << 20) + 1), "/folder": None})
    broken = read({"json": "/a.json"}, machine)
    assert broken.status is FactStatus.UNKNOWN
    assert broken.reason.startswith("/a.json cannot be read as json: line 2")
    assert "at most 4.0 MiB are read" in read({"dotenv": "/big"}, machine).reason
    assert "is a folder" in read({"toml": "/folder"}, machine).reason


def test_files_are_a_list_of_paths() -> None:
    """Sorted by name, or by the version in the name; `match` takes out of each path what it finds."""
    machine = StagedMachine(files={f"/b/app-{one}.tar.gz": b"" for one in ("1.9", "1.10.1", "1.10.1-rc1", "new")})
    assert value({"files": "/b/*.tar.gz", "order": "version"}, machine) == [
        "/b/app-new.tar.gz", "/b/app-1.9.tar.gz", "/b/app-1.10.1-rc1.tar.gz", "/b/app-1.10.1.tar.gz",
    ]  # fmt: skip
    assert value({"files": "/b/*.tar.gz"}, machine)[0] == "/b/app-1.10.1-rc1.tar.gz"
    assert value({"files": "/b/*", "match": r"-(\d[\d.]*\d)\.tar"}, machine) == ["1.10.1", "1.9"]
    assert read({"files": "/c/*"}, machine).status is FactStatus.ABSENT


def test_a_file_is_what_it_is_or_what_its_text_holds() -> None:
    """Without a file it says so; a match on it is absent."""
    machine = StagedMachine(files={"/v": b"VERSION=1.2\n"})
    assert value({"file": "/v"}, machine) == {
        "exists": True, "readable": True, "writable": True, "kind": "file", "size": 12, "mode": "0640",
        "owner": "app", "group": "app", "modified": "2023-11-14T22:13:20Z",
    }  # fmt: skip
    assert value({"file": "/v", "match": "=(.+)"}, machine) == "1.2"
    assert value({"file": "/gone"}, machine)["exists"] is False
    assert read({"file": "/gone", "match": "=(.+)"}, machine).status is FactStatus.ABSENT


def test_expressions_see_files_the_same_way() -> None:
    """`file(path)` of expressions gives the fields a `file` fact gives."""
    machine = StagedMachine(files={"/v": b"x"})
    env = Environment(names={}, file=file_function(machine))
    from wizard.expressions import compile_expression

    assert compile_expression('file("/v").exists && file("/v").size == 1 && !file("/w").exists').holds(env)


def test_sql_gives_a_value_a_row_or_all_rows() -> None:
    """Values are bound, never pasted; null and no rows are absent."""
    one = "select n from t where id = ?"
    machine = StagedMachine(
        files={"/var/app.db": b""},
        rows={one: [(3,), (4,)], "select a, b": [("x", "y")], "select null": [(None,)], "select none": []},
    )
    query = {"connection": "db", "query": "select n from t where id = ${{ answers.id }}"}
    assert value({"sql": query}, machine) == 3
    assert machine.queries == [("/var/app.db", one, (ANSWERS["id"],))]
    assert value({"sql": query, "all": True}, machine) == [3, 4]
    assert value({"sql": {"connection": "db", "query": "select a, b"}}, machine) == ["x", "y"]
    for nothing in ("select null", "select none"):
        assert read({"sql": {"connection": "db", "query": nothing}}, machine).status is FactStatus.ABSENT


def test_a_database_that_is_not_there_is_absent_and_one_that_fails_is_unknown() -> None:
    """No file of SQLite is an answer; a server that does not answer, or an unknown connection, tells nothing."""
    reading = read({"sql": {"connection": "db", "query": "select 1"}}, StagedMachine())
    assert (reading.status, reading.reason) == (FactStatus.ABSENT, "there is no such database")
    broken = read({"sql": {"connection": "db", "query": "select 1"}}, StagedMachine(files={"/var/app.db": b""}))
    assert broken.status is FactStatus.UNKNOWN
    postgres = read({"sql": {"connection": "pg", "query": "select 1"}}, StagedMachine())
    assert (postgres.status, postgres.reason) == (FactStatus.UNKNOWN, "y on x: no such table in select 1")
    unknown = read({"sql": {"connection": "nope", "query": "select 1"}}, StagedMachine())
    assert unknown.reason == "the guide has no connection 'nope'"


def test_http_gives_status_text_and_json() -> None:
    """A status of an error is a value; no reply is not."""
    machine = StagedMachine(
        replies={
            "http://x/json": HttpReply(200, {}, '{"v": "1.4"}'),
            "http://x/text": HttpReply(503, {}, "version 1.4"),
        }
    )
    assert value({"http": "http://x/json"}, machine) == {"status": 200, "text": '{"v": "1.4"}', "json": {"v": "1.4"}}
    assert value({"http": {"url": "http://x/text"}}, machine) == {"status": 503, "text": "version 1.4"}
    assert value({"http": "http://x/text", "match": r"version (\S+)"}, machine) == "1.4"
    assert read({"http": "http://gone/"}, machine).status is FactStatus.UNKNOWN


def test_disk_and_service_and_value() -> None:
    """Room in bytes, switches of a unit, and an expression."""
    machine = StagedMachine(units={"app.service": {"ActiveState": "active", "UnitFileState": "disabled"}})
    assert value({"disk": "${{ answers.dir }}"}, machine) == {
        "path": "/opt/my app",
        "total": 100 << 30,
        "free": 10 << 30,
    }
    assert value({"service": "app.service"}, machine) == {"active": True, "enabled": False, "state": "active"}
    assert read({"service": "gone"}, machine).status is FactStatus.ABSENT
    assert value({"value": "size(answers.nodes)"}, machine) == 2
    assert read({"value": "answers.none"}, machine).status is FactStatus.ABSENT


def test_a_machine_that_cannot_tell_makes_the_reading_unknown() -> None:
    """The machine's own words are the reason."""

    def disk(path: str) -> Any:
        raise HostError(f"{path}: stale file handle")

    reading = read({"disk": "/net"}, StagedMachine(acts={"disk": disk}))
    assert (reading.status, reading.reason) == (FactStatus.UNKNOWN, "/net: stale file handle")
