"""Reading facts: order, laziness, what is absent and what is unknown."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.fakes.guides import guide_of
from tests.fakes.staged import StagedMachine
from wizard.errors import HostError
from wizard.expressions import Environment
from wizard.facts.gather import facts_as_names, read_facts, readable_now
from wizard.facts.model import FactReading, FactStatus
from wizard.host.protocols import FileFacts, Look, Seen
from wizard.secrets import MASK, Secret


def environment(**names: Any) -> Environment:
    return Environment(names={"answers": {}, "facts": {}, **names})


def read(facts: dict[str, Any], machine: StagedMachine, *names: str, **more: Any) -> dict[str, FactReading]:
    """Read facts of a guide with just these, all or those named, with `answers` and other names in `more`."""
    earlier = more.pop("earlier", None)
    values = more.pop("values", {})
    loaded = guide_of(facts=facts, values=values)
    readings = read_facts(loaded, names or list(facts), machine, environment(**more), earlier=earlier)
    return {reading.id: reading for reading in readings}


def test_facts_are_read_after_those_they_need_and_given_in_the_order_asked() -> None:
    """A chain written backwards is read forwards, through a value too."""
    machine = StagedMachine(files={"/etc/app": b"dir=/opt/app\n", "/opt/app/.env": b"PORT=8080\n"})
    facts = {
        "port": {"value": "facts.settings.PORT"},
        "settings": {"dotenv": "${{ values.folder }}/.env"},
        "conf": {"properties": "/etc/app"},
    }
    readings = read(facts, machine, values={"folder": "facts.conf.dir"})
    assert [(one.id, one.value) for one in readings.values()] == [
        ("port", "8080"),
        ("settings", {"PORT": "8080"}),
        ("conf", {"dir": "/opt/app"}),
    ]
    assert readings["settings"].source == "/opt/app/.env"


def test_facts_that_need_nothing_of_each_other_are_read_at_the_same_time() -> None:
    """Eight commands wait for each other and all come back."""
    together = threading.Barrier(8, timeout=30)

    def look(command: Look) -> Seen:
        together.wait()
        return Seen(0, command.argv[-1], "")

    facts = {f"f{number}": {"command": ["echo", str(number)]} for number in range(8)}
    readings = read(facts, StagedMachine(acts={"look": look}))
    assert [one.value for one in readings.values()] == [str(number) for number in range(8)]


def test_a_slow_fact_holds_up_only_what_needs_it() -> None:
    """Thirty facts behind it in the guide are read before it ends."""
    others = threading.Semaphore(0)

    def look(command: Look) -> Seen:
        if command.argv == ("slow",):
            for _ in range(30):
                assert others.acquire(timeout=30)
        else:
            others.release()
        return Seen(0, "x", "")

    facts: dict[str, Any] = {"slow": {"command": ["slow"]}, "after": {"value": "facts.slow + 'y'"}}
    facts |= {f"f{number}": {"command": ["quick"]} for number in range(30)}
    readings = read(facts, StagedMachine(acts={"look": look}))
    assert all(one.status is FactStatus.KNOWN for one in readings.values())
    assert readings["after"].value == "xy"


def test_a_reading_that_never_ends_is_unknown_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other facts are read, and the reason says how long was waited."""
    monkeypatch.setattr("wizard.facts.gather.GRACE", 0.0)
    never = threading.Event()

    def stat(path: str) -> FileFacts:
        if path == "/net/dead":
            never.wait(60)
        return FileFacts(exists=False)

    facts = {"dead": {"file": "/net/dead", "timeout": "100ms"}, "alive": {"file": "/here"}}
    readings = read(facts, StagedMachine(acts={"stat": stat}))
    never.set()
    assert readings["dead"].status is FactStatus.UNKNOWN
    assert "did not answer within" in readings["dead"].reason
    assert readings["alive"].value["exists"] is False


def test_a_crash_makes_one_fact_unknown_and_no_other() -> None:
    """Whatever is raised, a reading comes back with the reason."""

    def read_file(path: str) -> bytes:
        raise RuntimeError(f"boom at {path}")

    machine = StagedMachine(files={"/a": b"x"}, commands={"echo": "fine"}, acts={"read": read_file})
    readings = read({"broken": {"yaml": "/a"}, "fine": {"command": ["echo"]}}, machine)
    assert readings["broken"].status is FactStatus.UNKNOWN
    assert "crashed: RuntimeError: boom at /a" in readings["broken"].reason
    assert readings["fine"].value == "fine"


def test_absent_and_unknown_are_told_apart() -> None:
    """A file that is not there is absent; one that may not be looked at is unknown."""

    def stat(path: str) -> FileFacts:
        if path.startswith("/root"):
            raise HostError("/root: permission denied")
        return FileFacts(exists=False)

    facts = {"gone": {"dotenv": "/gone"}, "shut": {"dotenv": "/root/.env"}}
    readings = read(facts, StagedMachine(acts={"stat": stat}))
    assert (readings["gone"].status, readings["gone"].reason) == (FactStatus.ABSENT, "there is no such file")
    assert (readings["shut"].status, readings["shut"].reason) == (FactStatus.UNKNOWN, "/root: permission denied")


def test_a_fact_that_needs_an_unknown_one_is_unknown_and_names_it() -> None:
    """The reason goes through, from this reading and from an earlier one."""
    facts = {"conf": {"command": ["conf"]}, "built": {"dotenv": "${{ facts.conf }}/.env"}}
    readings = read(facts, StagedMachine())
    assert readings["built"].status is FactStatus.UNKNOWN
    assert readings["built"].reason == "it needs facts.conf, which is unknown: conf: no such command"
    earlier = {"conf": readings["conf"]}
    assert read(facts, StagedMachine(), "built", earlier=earlier)["built"].reason == readings["built"].reason


def test_a_fact_that_needs_an_absent_one_is_absent() -> None:
    """What is made of nothing is nothing, and says of what; `default()` catches it."""
    facts = {
        "newest": {"files": "/backup/*.gz"},
        "age": {"file": "${{ facts.newest[0] }}"},
        "caught": {"value": 'default(facts.newest, ["none"])'},
    }
    readings = read(facts, StagedMachine())
    assert readings["age"].status is FactStatus.ABSENT
    assert "facts.newest[0] is absent" in readings["age"].reason
    assert readings["caught"].value == ["none"]


def test_a_needed_fact_that_was_never_read_is_no_absent_one() -> None:
    """Nobody knows whether there is something, so nothing is concluded."""
    facts = {"conf": {"command": ["conf"]}, "built": {"dotenv": "${{ facts.conf }}/.env"}}
    reading = read(facts, StagedMachine(), "built")["built"]
    assert (reading.status, reading.reason) == (FactStatus.UNKNOWN, "it needs facts.conf, which has not been read")


def test_facts_in_a_circle_and_unheard_of_ones_are_unknown() -> None:
    """Nothing waits for ever."""
    facts = {"a": {"value": "facts.b"}, "b": {"value": "facts.a"}}
    readings = read(facts, StagedMachine(), "a", "b", "c")
    assert "it needs b, by way" in readings["a"].reason
    assert "it needs a, by way" in readings["b"].reason
    assert readings["c"].reason == "the guide has no fact of that name"
    assert {one.status for one in readings.values()} == {FactStatus.UNKNOWN}


def test_a_fact_whose_when_does_not_hold_is_absent_and_nothing_is_looked_at() -> None:
    """Laziness: the machine is left alone."""
    machine = StagedMachine(commands={"look": "x"})
    facts = {"maybe": {"command": ["look"], "when": "answers.kind == 'docker'"}}
    reading = read(facts, machine, answers={"kind": "rpm"})["maybe"]
    assert reading.status is FactStatus.ABSENT
    assert "answers.kind == 'docker'" in reading.reason
    assert machine.looks == []


def test_first_of_takes_the_first_that_is_known() -> None:
    """Ways that find nothing or fail are passed over; where none is known and one failed, nobody can tell."""
    ways = [{"dotenv": "/gone"}, {"command": ["broken"]}, {"value": "'fallback'"}]
    assert read({"one": {"first_of": ways}}, StagedMachine())["one"].value == "fallback"
    failed = read({"one": {"first_of": ways[:2]}}, StagedMachine())["one"]
    assert failed.status is FactStatus.UNKNOWN
    assert failed.reason == "there is no such file; broken: no such command"
    absent = read({"one": {"first_of": ways[:1]}}, StagedMachine())["one"]
    assert (absent.status, absent.reason) == (FactStatus.ABSENT, "there is no such file")


def test_what_this_version_does_not_carry_out_is_unknown_with_that_reason() -> None:
    """Never ignored, never taken for absent."""
    fact = {"command": ["x"], "machine": "answers.nodes[0]"}
    reading = read({"f": fact}, StagedMachine(commands={"x": "y"}), answers={"nodes": ["a"]})["f"]
    assert reading.status is FactStatus.UNKNOWN
    assert "carried out by this version of the wizard" in reading.reason


def test_a_secret_is_never_kept_in_a_reading() -> None:
    """Neither as a value, nor printed by a command that had it in its environment, nor in a reason or source."""
    machine = StagedMachine(
        commands={"env": "TOKEN=hunter2-hunter2", "fail": Seen(1, "", "bad token hunter2-hunter2")},
    )
    facts = {
        "value": {"value": "answers.token"},
        "printed": {"command": ["env"], "env": {"TOKEN": "${{ answers.token }}"}},
        "failed": {"command": ["fail"], "env": {"TOKEN": "${{ answers.token }}"}},
        "placed": {"file": "/x/${{ answers.token }}"},
    }
    readings = read(facts, machine, answers={"token": Secret("hunter2-hunter2")})
    assert machine.looks[0].environment["TOKEN"] == "hunter2-hunter2"
    assert readings["printed"].value == f"TOKEN={MASK}"
    assert "secret cannot be kept" in readings["value"].reason
    assert readings["failed"].reason.endswith(f"bad token {MASK}")
    assert "hunter2" not in repr(readings)


def test_foreign_text_loses_its_control_characters() -> None:
    """Values, sources and reasons can be shown as they are."""
    machine = StagedMachine(files={"/a": b"A=x\x1b[2Jy\n"}, commands={"b": Seen(3, "", "no\x07pe")})
    readings = read({"a": {"dotenv": "/a"}, "b": {"command": ["b"]}}, machine)
    assert readings["a"].value == {"A": "xy"}
    assert readings["b"].reason == "`b` ended with exit 3, not 0: nope"


def test_facts_as_names_holds_the_known_ones_and_the_last_reading_counts() -> None:
    """A fact that was known and is unknown now is no longer there."""
    known, unknown = FactStatus.KNOWN, FactStatus.UNKNOWN
    readings = [FactReading("a", known, 1), FactReading("b", known, 2), FactReading("a", unknown)]
    assert facts_as_names(readings) == {"b": 2}


FACTS: dict[str, Any] = {
    "alone": {"command": ["x"]},
    "asked": {"dotenv": "${{ answers.folder }}/.env"},
    "behind": {"value": "facts.asked.PORT"},
    "by_value": {"value": "values.folder"},
    "gated": {"command": ["x"], "when": "answers.kind == 'docker'"},
    "hop": {"command": ["x", "${{ hop.to }}"], "per": "hop"},
    "db": {"sql": {"connection": "db", "query": "select ${{ facts.alone }}"}},
    "later": {"value": "captured.rows"},
}


@pytest.mark.parametrize(
    ("answers", "done", "more", "readable"),
    [
        ({}, [], {}, ["alone"]),
        ({"folder": "/a"}, ["alone"], {}, ["asked", "behind", "by_value", "db"]),
        ({"folder": "/a"}, ["alone", "asked"], {}, ["behind", "by_value", "db"]),
        ({"kind": "rpm"}, ["alone"], {}, ["gated"]),
        ({}, ["alone"], {"hop": {"to": "2.0"}}, ["hop"]),
        ({}, ["alone"], {"captured": {"rows": 3}}, ["later"]),
    ],
)
def test_facts_are_readable_once_what_they_need_is_there(
    answers: dict[str, Any], done: list[str], more: dict[str, Any], readable: list[str]
) -> None:
    """Through values, connections and other facts."""
    loaded = guide_of(
        facts=FACTS,
        values={"folder": "answers.folder + '/x'"},
        connections={"db": {"kind": "sqlite", "file": "${{ answers.folder }}/db"}},
    )
    assert readable_now(loaded.guide, environment(answers=answers, **more), done) == readable


def test_after_the_questionnaire_missing_answers_hinder_nothing() -> None:
    """They will never come: such a fact is read then, and is absent."""
    loaded = guide_of(facts=FACTS, values={"folder": "answers.folder + '/x'"}, connections={
        "db": {"kind": "sqlite", "file": "${{ answers.folder }}/db"}})  # fmt: skip
    readable = readable_now(loaded.guide, environment(), [], all_asked=True)
    assert readable == ["alone", "asked", "behind", "by_value", "gated", "db"]
    reading = read({"asked": FACTS["asked"]}, StagedMachine())["asked"]
    assert reading.status is FactStatus.ABSENT
    assert "answers.folder is absent" in reading.reason


NODES = [{"name": "a", "port": 1}, {"name": "b", "port": 2}, {"name": "c", "port": 3}]


def test_a_fact_for_each_item_is_a_map_by_their_keys() -> None:
    """The first column tells items apart unless `key` does; what is absent for one is left out of the map."""
    facts = {
        "by_name": {"dotenv": "/n/${{ node.name }}", "for_each": {"node": "answers.nodes"}},
        "by_port": {"value": "node.name", "for_each": {"node": "answers.nodes", "key": "node.port"}},
        "of_texts": {"value": "word + '!'", "for_each": {"word": "['x', 'y']"}},
        "of_a_map": {"value": "one.name", "for_each": {"one": "{'k': answers.nodes[1]}"}},
    }
    machine = StagedMachine(files={"/n/a": b"V=one\n", "/n/c": b"V=three\n"})
    readings = read(facts, machine, answers={"nodes": NODES})
    assert readings["by_name"].value == {"a": {"V": "one"}, "c": {"V": "three"}}
    assert readings["by_port"].value == {"1": "a", "2": "b", "3": "c"}
    assert readings["of_texts"].value == {"x": "x!", "y": "y!"}
    assert readings["of_a_map"].value == {"k": "b"}


def test_a_fact_that_fails_for_one_item_is_unknown_and_names_it() -> None:
    """A map that lacks an item because its reading failed would pass for one where there is nothing."""
    machine = StagedMachine(commands={"look-a": "1", "look-c": "3"})
    facts = {"all": {"command": ["look-${{ node.name }}"], "for_each": {"node": "answers.nodes"}}}
    reading = read(facts, machine, answers={"nodes": NODES})["all"]
    assert reading.status is FactStatus.UNKNOWN
    assert reading.reason.startswith("b: ")


@pytest.mark.parametrize(
    ("nodes", "status", "words"),
    [
        ([], FactStatus.ABSENT, "no items"),
        (["a", "a"], FactStatus.UNKNOWN, "a is there more than once"),
        ([{}], FactStatus.UNKNOWN, "nothing tells it apart"),
        ([Secret("hidden-hidden")], FactStatus.UNKNOWN, "is a secret"),
        ("text", FactStatus.UNKNOWN, "is no list"),
    ],
)
def test_items_that_cannot_be_gone_through_are_told(nodes: Any, status: FactStatus, words: str) -> None:
    """No items is nothing found; items that cannot be told apart are no reading."""
    reading = read(
        {"f": {"value": "1", "for_each": {"node": "answers.nodes"}}}, StagedMachine(), answers={"nodes": nodes}
    )["f"]
    assert reading.status is status
    assert words in reading.reason


def test_a_fact_for_each_item_is_readable_once_its_list_is_there() -> None:
    """The name of the item is no name that has to come from somewhere."""
    facts = {"up": {"value": "node.name", "for_each": {"node": "answers.nodes", "key": "node.name"}}}
    guide = guide_of(facts=facts).guide
    assert readable_now(guide, environment(answers={}), ()) == []
    assert readable_now(guide, environment(answers={"nodes": NODES}), ()) == ["up"]


def test_items_are_read_at_the_same_time() -> None:
    """Eight nodes wait for each other and all come back."""
    together = threading.Barrier(8, timeout=30)

    def look(command: Look) -> Seen:
        together.wait()
        return Seen(0, command.argv[-1], "")

    facts = {"all": {"command": ["echo", "${{ n }}"], "for_each": {"n": "answers.nodes"}}}
    reading = read(facts, StagedMachine(acts={"look": look}), answers={"nodes": list("abcdefgh")})["all"]
    assert reading.value == {one: one for one in "abcdefgh"}


def test_a_relative_path_lies_in_the_folder_of_the_fact() -> None:
    """Without one the fact is unknown: what lies where the wizard was started is no fact of the machine."""
    machine = StagedMachine(files={"/opt/app/VERSION": b"2.0\n"})
    facts = {
        "placed": {"file": "VERSION", "match": "(.*)", "folder": "${{ answers.home }}"},
        "lost": {"file": "VERSION", "match": "(.*)"},
    }
    readings = read(facts, machine, answers={"home": "/opt/app"})
    assert readings["placed"].value == "2.0"
    assert (readings["lost"].status, "no whole path" in readings["lost"].reason) == (FactStatus.UNKNOWN, True)


def test_a_fact_that_is_not_needed_needs_no_list() -> None:
    """Where `when` does not hold the items may be absent, and the reason is that; one about the item chooses items."""
    facts = {
        "whole": {"value": "n", "for_each": {"n": "answers.nodes"}, "when": "answers.cluster"},
        "some": {"value": "n", "for_each": {"n": "['a', 'b']"}, "when": "n == 'b'"},
    }
    readings = read(facts, StagedMachine(), answers={"cluster": False})
    assert readings["whole"].status is FactStatus.ABSENT
    assert readings["whole"].reason == "it is not needed here: `answers.cluster` does not hold"
    assert readings["some"].value == {"b": "b"}
