"""Findings told one by one, as they come."""

from __future__ import annotations

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.checks.test_asking import check, context
from tests.fakes.plans import finding
from tests.fakes.staged import StagedMachine
from wizard.checks.ask import ask_checks, titles_of
from wizard.checks.model import Finding, Statement, Status
from wizard.checks.words import blockers, findings_summary, fixable, may_be_bypassed, sorted_findings, told_of
from wizard.facts.workers import work_through
from wizard.guide.models.checks import Blocks
from wizard.host.protocols import HttpReply


def test_a_finding_is_told_while_others_are_still_asked() -> None:
    """The slow one ends only after the finding of the quick one was told, from the thread that asks."""
    told = threading.Event()
    heard: list[tuple[str, str, int]] = []

    def http(url: str) -> HttpReply:
        if url.endswith("slow"):
            assert told.wait(30)
        return HttpReply(200, {}, "")

    def found(one: Finding) -> None:
        heard.append(("found", one.key, threading.get_ident()))
        if one.key == "quick":
            told.set()

    asked = context(
        StagedMachine(acts={"http": http}),
        began=lambda key: heard.append(("began", key, threading.get_ident())),
        found=found,
    )
    findings = ask_checks([check(id="slow", http="http://x/slow"), check(id="quick", http="http://x/quick")], asked)
    assert [(word, key) for word, key, _ in heard] == [
        ("began", "slow"), ("began", "quick"), ("found", "quick"), ("found", "slow"),
    ]  # fmt: skip
    assert {thread for _, _, thread in heard} == {threading.get_ident()}
    assert [one.key for one in findings] == ["slow", "quick"]


def test_what_only_a_person_can_say_begins_last() -> None:
    """It is told as begun once everything else has its finding."""
    heard: list[str] = []
    asked = context(
        state=lambda _: Statement(yes=True),
        began=lambda key: heard.append(f"began {key}"),
        found=lambda one: heard.append(f"found {one.key}"),
    )
    ask_checks([check(id="said", ask="Is it?"), check(id="seen", expr="true")], asked)
    assert heard == ["began seen", "found seen", "began said", "found said"]


def test_a_check_that_never_comes_back_is_told_too(monkeypatch: Any) -> None:
    """Whoever looks on sees every check end, also the one that hangs and the one that is broken."""
    monkeypatch.setattr("wizard.checks.ask.LIMITS", {"disk": 0.05})
    never = threading.Event()
    heard: list[tuple[str, Status]] = []

    def disk(_: str) -> Any:
        never.wait(60)

    asked = context(StagedMachine(acts={"disk": disk}), found=lambda one: heard.append((one.key, one.status)))
    ask_checks([check(id="hangs", disk={"path": "/net", "free": 1}), check(id="lost", check="nowhere")], asked)
    never.set()
    assert sorted(heard) == [("hangs", Status.UNKNOWN), ("lost", Status.ERROR)]


def test_titles_are_known_before_anything_is_asked() -> None:
    """Titles are those the findings will have, also of a check that only names another, or none that is there."""
    room = {"id": "room", "title": "Room in ${{ answers.folder }}", "disk": {"path": "/", "free": 1}}
    checks = [check(check="room"), check(cpu={"at_least": 1}), check(check="nowhere")]
    asked = context(checks=[room], answers={"folder": "/opt"})
    titles = list(titles_of(checks, asked))
    assert titles[0] == ("room", "Room in /opt")
    assert titles == [(one.key, one.title) for one in ask_checks(checks, asked)]


@given(st.integers(min_value=0, max_value=80))
def test_every_job_begins_and_ends_once(count: int) -> None:
    """However many there are: each is told to begin before it is told to end, and all ends are given in order."""
    heard: list[tuple[str, int]] = []
    ends = work_through(
        [lambda number=number: number for number in range(count)],  # type: ignore[misc]
        [30.0] * count,
        began=lambda number: heard.append(("began", number)),
        ended=lambda number, end: heard.append(("ended", number)) if end.result == number else None,
    )
    assert [end.result for end in ends] == list(range(count))
    for number in range(count):
        assert heard.index(("began", number)) < heard.index(("ended", number))
    assert len(heard) == 2 * count


def test_what_can_be_done_about_a_finding() -> None:
    """A fix is offered for what did not pass, a bypass for what blocks where the guide allows it, and only once."""
    offered = finding("a", fix="Mend it")
    assert fixable(offered)
    assert may_be_bypassed(offered, ())
    assert not may_be_bypassed(offered, {"a": "why"})
    assert not may_be_bypassed(finding("a", blocks=Blocks.ALWAYS), ())
    assert not may_be_bypassed(finding("a", Status.RISK, blocks=Blocks.NEVER), ())
    assert not fixable(finding("a", Status.OK, fix="Mend it"))
    assert not fixable(finding("a", Status.SKIPPED, fix="Mend it"))
    assert not fixable(finding("a"))


def test_blockers_come_first_and_are_counted() -> None:
    """What blocks stands above what was bypassed, however bad that is; the words count both."""
    findings = [finding("ok", Status.OK), finding("error", Status.ERROR), finding("unknown", Status.UNKNOWN), finding()]
    assert [one.key for one in sorted_findings(findings, {"disk": "why"})] == ["error", "unknown", "disk", "ok"]
    assert [one.key for one in blockers(findings, {"disk": "why"})] == ["error", "unknown"]
    assert findings_summary(findings, {"disk": "why"}) == "Checks: 1 fail, 1 error, 1 unknown, 1 ok; 2 block."


def test_of_a_pass_only_what_was_seen_is_told() -> None:
    """Remedy, fix and key belong to what did not pass."""
    passed = finding("a", Status.OK, say="", fix="Mend it")
    assert told_of(passed) == ["Seen: 1.0 GiB free (statvfs)"]
    assert told_of(finding("a", fix="Mend it", links=("https://x/",)), "we know") == [
        "Less than is needed.",
        "Seen: 1.0 GiB free (statvfs)",
        "Bypassed because: we know",
        "What to do: Free some space.",
        "Fix offered: Mend it",
        "https://x/",
        "Check: a",
    ]
