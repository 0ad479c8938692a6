"""Asking checks: what passes, what never does, order, patience, and who is asked."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.fakes.guides import guide_of
from tests.fakes.staged import StagedMachine
from wizard.checks.ask import ask_check, ask_checks, check_key
from wizard.checks.context import CheckContext
from wizard.checks.model import Finding, Statement, StatementRequest, Status
from wizard.errors import Gone, StoppedError
from wizard.expressions import Environment
from wizard.facts.model import FactReading, FactStatus
from wizard.guide.models import StepCheck
from wizard.guide.models.checks import Blocks
from wizard.host.protocols import HttpReply, Look, Seen
from wizard.secrets import MASK, Secret

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def check(**keys: Any) -> StepCheck:
    return TypeAdapter(StepCheck).validate_python(keys)


def context(machine: StagedMachine | None = None, **more: Any) -> CheckContext:
    """A context on a guide with the parts named; `answers`, `facts` (readings) and fields of the context besides."""
    parts = {name: more.pop(name) for name in ("checks", "connections", "values", "defaults") if name in more}
    readings = {reading.id: reading for reading in more.pop("facts", ())}
    known = {name: one.value for name, one in readings.items() if one.status is FactStatus.KNOWN}
    names = {"answers": more.pop("answers", {}), "facts": known, **more.pop("names", {})}
    return CheckContext(
        loaded=guide_of(**parts),
        machine=machine or StagedMachine(),
        env=Environment(names=names),
        facts=readings,
        now=lambda: NOON,
        **more,
    )


def unknown(name: str, reason: str) -> FactReading:
    return FactReading(name, FactStatus.UNKNOWN, reason=reason)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def seen(finding: Finding) -> str:
    return finding.evidence[0].seen


def test_a_pass_says_what_was_seen_by_what_and_when() -> None:
    """Evidence is there for good findings too; `say`, `remedy` and `fix` are for the others."""
    one = check(
        id="room", title="Room in ${{ answers.dir }}", disk={"path": "${{ answers.dir }}", "free": "5 GiB"},
        say="Too full.", remedy="Clean up.", fix={"title": "Clean", "run": "rm x"},
        links=["https://x${{ answers.dir }}"],
    )  # fmt: skip
    finding = ask_check(one, context(answers={"dir": "/opt"}))
    assert finding == Finding(
        key="room",
        title="Room in /opt",
        status=Status.OK,
        evidence=(replace(finding.evidence[0], at="2026-01-02T12:00:00Z"),),
        links=("https://x/opt",),
    )
    assert seen(finding) == "10.0 GiB free of 100.0 GiB at /opt; 5.0 GiB needed"


def test_a_failure_says_so_with_remedy_and_fix() -> None:
    """The texts are rendered as far as they can be: an ellipsis stands where a name is missing."""
    one = check(
        disk={"path": "/opt", "free": "50 GiB"}, say="Only ${{ answers.x }}.", remedy="Needs ${{ answers.gone }}.",
        fix={"title": "Clean ${{ answers.x }}", "run": "rm x"}, blocks="bypassable",
    )  # fmt: skip
    finding = ask_check(one, context(answers={"x": "this"}), key="here/disk-1")
    assert (finding.key, finding.status, finding.blocks) == ("here/disk-1", Status.FAIL, Blocks.BYPASSABLE)
    assert (finding.say, finding.remedy, finding.fix) == ("Only this.", "Needs ….", "Clean this")
    assert finding.blocking
    assert finding.title == "Room at /opt"


def test_a_failure_that_never_blocks_is_a_risk() -> None:
    """It stays visible and is still no pass."""
    finding = ask_check(check(disk={"path": "/", "free": "50 GiB"}, blocks="never"), context())
    assert (finding.status, finding.passed, finding.blocking) == (Status.RISK, False, False)


@pytest.mark.parametrize("crash", [RuntimeError("boom"), KeyError("x"), TypeError("y"), RecursionError("z")])
def test_a_check_that_crashes_is_an_error_and_never_a_pass(crash: Exception) -> None:
    """Whatever is raised, alone or among others, with or without patience."""

    def disk(_: str) -> Any:
        raise crash

    machine = StagedMachine(acts={"disk": disk})
    one = check(disk={"path": "/", "free": 1})
    findings = ask_checks([one, check(cpu={"at_least": 1}), check(check="room")], context(
        machine, checks=[{"id": "room", "title": "Room", "disk": {"path": "/", "free": 1}}]))  # fmt: skip
    assert [finding.status for finding in findings] == [Status.ERROR, Status.OK, Status.ERROR]
    assert seen(findings[0]) == f"the check itself crashed: {type(crash).__name__}: {crash}"
    assert findings[0].blocking


def test_a_crash_outside_of_the_kind_is_an_error_too() -> None:
    """A state that cannot be asked for, a clock that fails: no pass comes out of it."""

    def state(_: StatementRequest) -> Statement | None:
        raise OSError("terminal gone")

    [asked] = ask_checks([check(ask="Is it?")], context(state=state))
    assert asked.status is Status.ERROR
    broken = CheckContext(guide_of(), StagedMachine(), Environment(names={}), monotonic=lambda: 1 // 0)
    [finding] = ask_checks([check(cpu={"at_least": 1})], broken)
    assert (finding.status, "ZeroDivisionError" in seen(finding)) == (Status.ERROR, True)


def test_what_cannot_be_told_gets_no_advice_for_a_failure() -> None:
    """The machine's own hint is shown, not the guide's words for the case that it is wrong."""
    words = {"say": "It is too old.", "remedy": "Upgrade it first."}
    asked = ask_check(check(command=["missing"], **words), context())
    assert (asked.status, asked.say) == (Status.UNKNOWN, "")
    assert "Upgrade" not in asked.remedy
    crashed = ask_check(check(expr="1 / 0 == 1", **words), context())
    assert (crashed.status, crashed.say, crashed.remedy) == (Status.ERROR, "", "")
    failed = ask_check(check(expr="1 == 2", **words), context())
    assert (failed.status, failed.say, failed.remedy) == (Status.FAIL, "It is too old.", "Upgrade it first.")


def test_a_machine_that_cannot_tell_leaves_the_check_unknown() -> None:
    """HostError is no verdict; unknown is no pass and blocks."""
    finding = ask_check(check(command=["missing"]), context())
    assert (finding.status, seen(finding)) == (Status.UNKNOWN, "missing: no such command")
    assert finding.blocking


def test_findings_come_in_the_order_of_the_guide_however_long_each_takes() -> None:
    """The first of fifty waits until all others have ended, and is still the first."""
    others = threading.Semaphore(0)

    def http(url: str) -> HttpReply:
        if url.endswith("/slow"):
            for _ in range(49):
                assert others.acquire(timeout=30)
        else:
            others.release()
        return HttpReply(200, {}, url)

    urls = ["http://x/slow", *(f"http://x/{number}" for number in range(49))]
    findings = ask_checks([check(http=url) for url in urls], context(StagedMachine(acts={"http": http})))
    assert [finding.title for finding in findings] == [f"Reply of {url}" for url in urls]
    assert all(finding.passed for finding in findings)


def test_eight_checks_are_asked_at_the_same_time() -> None:
    """They wait for each other, and all come back."""
    together = threading.Barrier(8, timeout=30)

    def http(url: str) -> HttpReply:
        together.wait()
        return HttpReply(200, {}, "")

    machine = StagedMachine(acts={"http": http})
    findings = ask_checks([check(http=f"http://x/{number}") for number in range(8)], context(machine))
    assert all(finding.passed for finding in findings)


def test_a_check_that_never_comes_back_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others have their verdicts, and the walk goes on."""
    monkeypatch.setattr("wizard.checks.ask.LIMITS", {"disk": 0.05})
    never = threading.Event()

    def disk(_: str) -> Any:
        never.wait(60)

    checks = [check(id="hangs", title="Hangs", disk={"path": "/net", "free": 1}), check(expr="true")]
    findings = ask_checks(checks, context(StagedMachine(acts={"disk": disk})))
    never.set()
    assert [finding.status for finding in findings] == [Status.UNKNOWN, Status.OK]
    assert (findings[0].key, findings[0].title) == ("hangs", "Hangs")
    assert seen(findings[0]).startswith("the machine did not answer within")


def test_a_check_that_needs_an_unknown_fact_is_unknown_and_names_it() -> None:
    """Directly, through a value, and in a connection; the machine is not even asked."""
    facts = [unknown("size", "df: permission denied")]
    parts: dict[str, Any] = {
        "values": {"needed": "double(facts.size) * 1.5"},
        "connections": {"db": {"kind": "sqlite", "file": "/var/${{ facts.size }}"}},
        "facts": facts,
    }
    checks = [
        check(disk={"path": "/", "free": "${{ values.needed }}"}),
        check(expr="default(facts.size, 1) > 0"),
        check(sql={"connection": "db", "query": "select 1"}),
        check(expr="true", when="facts.size > 1"),
    ]
    findings = ask_checks(checks, context(**parts))
    assert {finding.status for finding in findings} == {Status.UNKNOWN}
    assert [seen(finding) for finding in findings[:3]] == ["facts.size is unknown: df: permission denied"] * 3
    assert seen(findings[3]).startswith("whether it is needed cannot be told: facts.size is unknown")


def test_an_unknown_fact_in_a_remedy_does_not_hinder_the_check() -> None:
    """What is only said to people is no need of the check."""
    one = check(cpu={"at_least": 64}, remedy="You have ${{ facts.size }}.")
    finding = ask_check(one, context(facts=[unknown("size", "x")]))
    assert (finding.status, finding.remedy) == (Status.FAIL, "You have ….")


def test_an_absent_name_makes_an_expression_fail_and_a_text_unknown() -> None:
    """Nothing to compare with is a failure that is named; nothing to look at is no verdict."""
    absent = FactReading("size", FactStatus.ABSENT, reason="there is no such file")
    given = context(facts=[absent])
    compared = ask_check(check(expr="facts.size > 1"), given)
    assert (compared.status, seen(compared)) == (Status.FAIL, "facts.size is absent")
    looked = ask_check(check(disk={"path": "/", "free": "${{ facts.size }}"}), given)
    assert looked.status is Status.UNKNOWN
    assert seen(looked) == "it cannot be told, because facts.size is absent (there is no such file)"


def test_an_expression_at_fault_is_an_error_of_the_guide() -> None:
    """A number compared with a text is no failure of the machine."""
    finding = ask_check(check(expr="answers.n"), context(answers={"n": 5}))
    assert finding.status is Status.ERROR
    assert "expression" in seen(finding)
    size = ask_check(check(disk={"path": "/", "free": "many"}), context())
    assert (size.status, "is not a size" in seen(size)) == (Status.ERROR, True)
    regex = ask_check(check(process={"match": "("}), context())
    assert (regex.status, "no regular expression" in seen(regex)) == (Status.ERROR, True)
    machine = StagedMachine(files={"/.env": b"A=hunter2-hunter2\n"})
    secret = context(machine, answers={"token": Secret("hunter2-hunter2")})
    compared = ask_check(check(dotenv={"file": "/.env", "at": "A", "equals": "${{ answers.token }}"}), secret)
    assert (compared.status, "is a secret" in seen(compared)) == (Status.ERROR, True)


def test_a_check_that_is_not_needed_is_skipped_with_the_guide_s_reason() -> None:
    """Skipped is neither pass nor blocker, and the machine is left alone."""
    machine = StagedMachine()
    keys = {"command": ["look"], "when": "answers.kind == 'docker'"}
    given = context(machine, answers={"kind": "rpm"})
    plain = ask_check(check(**keys), given)
    assert (plain.status, plain.passed, plain.blocking) == (Status.SKIPPED, False, False)
    assert "does not hold" in seen(plain)
    said = ask_check(check(**keys, not_needed="Only for containers."), given)
    assert seen(said) == "Only for containers."
    assert machine.looks == []


def test_what_this_version_does_not_carry_out_is_an_error_in_plain_words() -> None:
    """Never ignored, never a pass."""
    finding = ask_check(check(expr="true", machine="answers.node"), context())
    assert finding.status is Status.ERROR
    assert "carried out by this version of the wizard" in seen(finding)


def test_within_keeps_asking_until_it_passes() -> None:
    """Once a second; evidence says how often."""
    clock, replies = Clock(), iter([503, 503, 200])
    machine = StagedMachine(acts={"http": lambda url: HttpReply(next(replies), {}, "")})
    given = context(machine, sleep=clock.sleep, monotonic=clock.monotonic)
    finding = ask_check(check(http="http://x/", within="10s"), given)
    assert finding.passed
    assert clock.slept == [1.0, 1.0]
    assert seen(finding) == "status 200 (asked 3 times in 2 s)"


def test_within_ends_with_the_last_verdict_when_its_time_is_over() -> None:
    """A last look is taken at the very end."""
    clock = Clock()
    given = context(sleep=clock.sleep, monotonic=clock.monotonic)
    finding = ask_check(check(port=80, within="${{ answers.patience }}"), replace(
        given, env=Environment(names={"answers": {"patience": "2500ms"}})))  # fmt: skip
    assert finding.status is Status.FAIL
    assert clock.slept == [1.0, 1.0, 0.5]
    assert seen(finding) == "nothing listens on port 80 (asked 4 times in 2 s)"


def test_within_does_not_wait_for_what_time_cannot_mend() -> None:
    """A guide at fault is said at once."""
    clock = Clock()
    given = context(sleep=clock.sleep, monotonic=clock.monotonic)
    assert ask_check(check(expr="1", within="1h"), given).status is Status.ERROR
    absent = check(disk={"path": "${{ answers.gone }}", "free": 1}, within="1h")
    assert ask_check(absent, given).status is Status.UNKNOWN
    assert ask_check(check(sql={"connection": "gone", "query": "x"}, within="1h"), given).status is Status.UNKNOWN
    assert clock.slept == []


GUIDE_CHECKS = [
    {"id": "room", "title": "Room", "disk": {"path": "/", "free": "50 GiB"}, "say": "Full.", "when": "answers.big"},
]


def test_a_reference_asks_the_guide_s_check_and_may_say_things_itself() -> None:
    """Both conditions count; the finding is filed under the id."""
    given = context(checks=GUIDE_CHECKS, answers={"big": True})
    finding = ask_check(check(check="room", say="Still full."), given)
    assert (finding.key, finding.title, finding.status, finding.say) == ("room", "Room", Status.FAIL, "Still full.")
    assert ask_check(check(check="room", when="false"), given).status is Status.SKIPPED
    not_big = context(checks=GUIDE_CHECKS, answers={"big": False})
    assert ask_check(check(check="room"), not_big).status is Status.SKIPPED
    lost = ask_check(check(check="gone"), given)
    assert (lost.status, seen(lost)) == (Status.ERROR, "the guide has no check 'gone'")


def test_keys_are_ids_or_kinds_with_their_place() -> None:
    """Lists inside steps get a prefix, so that two of them never share a key."""
    checks = [check(id="mine", expr="true"), check(check="room"), check(port=80), check(expr="true")]
    assert [check_key(one, index) for index, one in enumerate(checks)] == ["mine", "room", "port-3", "expr-4"]
    findings = ask_checks([checks[2]], context(), prefix="migrate/done-when")
    assert findings[0].key == "migrate/done-when/port-1"


def test_people_are_asked_last_one_after_the_other_from_the_calling_thread() -> None:
    """Their findings still stand in their place."""
    asked: list[tuple[str, threading.Thread]] = []

    def look(_: Look) -> Seen:
        asked.append(("look", threading.main_thread()))
        return Seen(0, "", "")

    def state(request: StatementRequest) -> Statement | None:
        asked.append((request.key, threading.current_thread()))
        return Statement(yes=True)

    machine = StagedMachine(acts={"look": look})
    checks = [check(id="a", ask="Is it?"), check(command=["x"]), check(id="b", acknowledge="It hurts.")]
    findings = ask_checks(checks, context(machine, state=state))
    assert [finding.key for finding in findings] == ["a", "command-2", "b"]
    assert [key for key, _ in asked] == ["look", "a", "b"]
    assert {thread for _, thread in asked} == {threading.current_thread()}


@pytest.mark.parametrize(
    ("statement", "status", "words"),
    [
        (None, Status.UNKNOWN, "nobody stated it"),
        (Statement(yes=False), Status.FAIL, "it was denied"),
        (Statement(yes=True), Status.FAIL, "nothing was noted down for `Ticket`"),
        (Statement(yes=True, record=" C-1 ", by="answers file"), Status.OK, "it was stated, noting `C-1`"),
    ],
)
def test_a_statement_passes_only_when_somebody_made_it_whole(
    statement: Statement | None, status: Status, words: str
) -> None:
    """Nobody there, a no, or a record left empty is no pass; nobody is asked again and again."""
    requests: list[StatementRequest] = []

    def state(request: StatementRequest) -> Statement | None:
        requests.append(request)
        return statement

    one = check(id="told", title="Told", within="1m", ask={"say": "Are ${{ answers.who }} told?", "record": "Ticket"})
    clock = Clock()
    given = context(state=state, answers={"who": "users"}, sleep=clock.sleep, monotonic=clock.monotonic)
    finding = ask_check(one, given)
    assert clock.slept == []
    assert requests == [StatementRequest("told", "Told", "Are users told?", "Ticket")]
    assert finding.status is status
    assert words in seen(finding)


@pytest.mark.parametrize(("yes", "status"), [(None, Status.UNKNOWN), (False, Status.FAIL), (True, Status.OK)])
def test_an_acknowledgement_needs_a_yes(yes: bool | None, status: Status) -> None:
    """Without anybody to ask it is unknown."""
    statement = None if yes is None else Statement(yes=yes)
    assert ask_check(check(acknowledge="It hurts."), context(state=lambda _: statement)).status is status
    assert ask_check(check(acknowledge="It hurts."), context()).status is Status.UNKNOWN


def test_known_secrets_and_control_characters_are_in_no_finding() -> None:
    """Neither from an environment, nor from an expression, nor in words of the guide."""
    answers = {"token": Secret("hunter2-hunter2")}

    def look(command: Look) -> Seen:
        return Seen(1, "", f"bad \x1b[31mtoken {command.environment['TOKEN']}")

    machine = StagedMachine(acts={"look": look})
    checks = [
        check(command={"run": ["x"], "env": {"TOKEN": "${{ answers.token }}"}}),
        check(expr="answers.token == 'x'", say="Token ${{ answers.token }}"),
    ]
    findings = ask_checks(checks, context(machine, answers=answers))
    assert seen(findings[0]) == f"exit 1, not 0: bad token {MASK}"
    assert seen(findings[1]) == f"answers.token is {MASK}"
    assert "hunter2" not in repr(findings)


def test_values_under_telling_names_are_masked_in_evidence() -> None:
    """A password read from a settings file is nobody's declared secret, and still not shown."""
    facts = [FactReading("settings", FactStatus.KNOWN, {"DB_PASSWORD": "pw-of-db", "PORT": "80"})]
    machine = StagedMachine(files={"/.env": b"DB_PASSWORD=pw-of-db\n"})
    checks = [
        check(expr='facts.settings.DB_PASSWORD == "x" && size(facts.settings) > 5'),
        check(dotenv={"file": "/.env", "at": "DB_PASSWORD", "equals": "other"}),
    ]
    findings = ask_checks(checks, context(machine, facts=facts))
    assert [finding.status for finding in findings] == [Status.FAIL, Status.FAIL]
    assert "pw-of-db" not in repr(findings)
    assert "PORT: `80`" in seen(findings[0])


NODES = [{"name": "a", "up": True}, {"name": "b", "up": False}, {"name": "c", "up": True}]


def test_a_check_for_each_item_is_as_bad_as_its_worst() -> None:
    """One finding, with what was seen of each item, those that fail first; what is said names them."""
    given = check(expr="node.up", for_each={"node": "answers.nodes"}, say="${{ node.name }} is down.", title="All up")
    finding = ask_check(given, context(answers={"nodes": NODES}), key="all-up")
    assert (finding.key, finding.title, finding.status) == ("all-up", "All up", Status.FAIL)
    assert finding.say == "b: b is down."
    assert [one.seen.split(":")[0] for one in finding.evidence] == ["b", "a", "c"]
    fine = ask_check(given, context(answers={"nodes": NODES[:1]}), key="all-up")
    assert (fine.status, fine.say) == (Status.OK, "")


def test_what_is_said_of_all_items_alike_is_said_once() -> None:
    """Items of which different things are to be said are named beside each."""
    nodes = [{"name": name, "up": False} for name in ("a", "b")]
    alike = check(expr="node.up", for_each={"node": "answers.nodes"}, say="Start them.")
    assert ask_check(alike, context(answers={"nodes": nodes})).say == "Start them."
    apart = check(expr="node.up", for_each={"node": "answers.nodes"}, say="Start ${{ node.name }}.")
    assert ask_check(apart, context(answers={"nodes": nodes})).say == "a: Start a.\nb: Start b."


def test_a_check_without_items_is_skipped_unless_none_is_fine() -> None:
    """Nothing was looked at, so nothing passed; a guide may say that this is all right."""
    keys = {"expr": "node.up", "for_each": {"node": "answers.nodes"}}
    given = context(answers={"nodes": []})
    assert ask_check(check(**keys), given).status is Status.SKIPPED
    assert ask_check(check(**keys, none_is_fine=True), given).status is Status.OK


def test_items_that_are_not_known_or_cannot_be_told_apart_are_no_pass() -> None:
    """A list that hangs on an unknown fact is unknown, one with double keys an error of the guide."""
    of_a_fact = check(expr="true", for_each={"node": "facts.nodes"})
    lost = ask_check(of_a_fact, context(facts=[unknown("nodes", "no such host")]))
    assert (lost.status, "no such host" in seen(lost)) == (Status.UNKNOWN, True)
    absent = ask_check(of_a_fact, context())
    assert absent.status is Status.UNKNOWN
    double = ask_check(check(expr="true", for_each={"n": "['a', 'a']"}), context())
    assert (double.status, "told apart" in seen(double)) == (Status.ERROR, True)


def test_some_items_may_not_need_the_check() -> None:
    """A `when` with the item skips that item; where all are skipped so is the check."""
    keys = {"expr": "false", "for_each": {"node": "answers.nodes"}, "when": "node.up"}
    some = ask_check(check(**keys), context(answers={"nodes": NODES}))
    assert (some.status, len(some.evidence)) == (Status.FAIL, 3)
    none = ask_check(check(**keys), context(answers={"nodes": NODES[1:2]}))
    assert none.status is Status.SKIPPED


def test_items_are_asked_at_the_same_time() -> None:
    """Eight nodes wait for each other and all pass."""
    together = threading.Barrier(8, timeout=30)

    def look(command: Look) -> Seen:
        together.wait()
        return Seen(0, "", "")

    given = check(command=["ping", "${{ n }}"], for_each={"n": "answers.nodes"})
    finding = ask_check(given, context(StagedMachine(acts={"look": look}), answers={"nodes": list("abcdefgh")}))
    assert finding.status is Status.OK


def test_a_person_states_it_for_each_item() -> None:
    """One after the other, each under a key of its own."""
    asked: list[str] = []

    def state(request: StatementRequest) -> Statement | None:
        asked.append(request.key)
        return Statement(request.key.endswith("a"), "")

    given = check(ask="Is ${{ node.name }} drained?", for_each={"node": "answers.nodes"}, id="drained")
    [finding] = ask_checks([given], context(state=state, answers={"nodes": NODES}))
    assert asked == ["drained@a", "drained@b", "drained@c"]
    assert finding.status is Status.FAIL


@pytest.mark.parametrize("error", [Gone(), StoppedError("enough")])
def test_a_person_who_is_gone_or_stops_is_no_verdict(error: Exception) -> None:
    """Losing the terminal while a statement is asked for ends the asking, not the check."""

    def state(_: StatementRequest) -> Statement | None:
        raise error

    with pytest.raises(type(error)):
        ask_checks([check(ask="Is it?")], context(state=state))


def test_facts_are_read_again_each_time_a_check_is_asked() -> None:
    """What the check sees is what is there now, also while it waits; every reading is told."""
    clock, sizes = Clock(), iter("123")
    machine = StagedMachine(acts={"look": lambda _: Seen(0, next(sizes), "")})
    told: list[FactReading] = []
    given = CheckContext(
        loaded=guide_of(facts={"f": {"command": ["size"]}}, values={"n": "facts.f"}),
        machine=machine,
        env=Environment(names={"facts": {"f": "0"}, "values": {"n": "0"}}),
        facts={"f": FactReading("f", FactStatus.KNOWN, "0")},
        monotonic=clock.monotonic,
        sleep=clock.sleep,
        read=told.append,
    )
    keys = {"expr": "values.n == '3' && facts.f == '3'", "within": "10s"}
    assert ask_check(check(**{**keys, "within": "0s"}), given).passed is False
    finding = ask_check(check(**keys, read_again=["f"]), given)
    assert finding.status is Status.OK
    assert [one.value for one in told] == ["1", "2", "3"]


def test_a_fact_that_can_no_longer_be_read_makes_the_check_unknown() -> None:
    """The earlier value is not good enough where the guide wants it read again."""
    given = CheckContext(
        loaded=guide_of(facts={"f": {"command": ["gone"]}}),
        machine=StagedMachine(),
        env=Environment(names={"facts": {"f": "1"}}),
        facts={"f": FactReading("f", FactStatus.KNOWN, "1")},
    )
    finding = ask_check(check(expr="facts.f == '1'", read_again=["f"]), given)
    assert finding.status is Status.UNKNOWN


def test_a_relative_path_lies_in_the_folder_of_the_guide() -> None:
    """Wherever the wizard was started; without a folder nothing is looked at."""
    machine = StagedMachine(files={"/opt/app/VERSION": b"2.0\n"})
    keys = {"file": {"path": "VERSION", "match": "^2"}}
    placed = context(machine, defaults={"folder": "${{ answers.home }}"}, answers={"home": "/opt/app"})
    assert ask_check(check(**keys), placed).status is Status.OK
    lost = ask_check(check(**keys), context(machine))
    assert (lost.status, "no whole path" in seen(lost)) == (Status.UNKNOWN, True)


def test_a_check_that_is_not_needed_needs_no_list() -> None:
    """Where `when` does not hold, its items may be absent; where it cannot be told, neither can the check."""
    given = check(expr="n > 0", for_each={"n": "answers.nodes"}, when="answers.cluster", title="Node ${{ n }}")
    left_out = ask_check(given, context(answers={"cluster": False}))
    assert (left_out.status, left_out.title) == (Status.SKIPPED, "Node …")
    asked = ask_check(given, context(answers={"cluster": True, "nodes": [1]}))
    assert (asked.status, asked.title) == (Status.OK, "Node 1")
    of_a_fact = check(expr="n > 0", for_each={"n": "answers.nodes"}, when="facts.size > 1")
    assert ask_check(of_a_fact, context(facts=[unknown("size", "x")])).status is Status.UNKNOWN


def test_a_title_that_names_the_item_is_one_of_all() -> None:
    """The first item's title stands for the others, with how many there are."""
    given = check(expr="n > 0", for_each={"n": "answers.nodes"}, title="Node ${{ n }}")
    assert ask_check(given, context(answers={"nodes": [1, 2, 3]})).title == "Node 1 and 2 more"
