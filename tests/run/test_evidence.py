"""Evidence: what one session proves, and the gate of another that demands it."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator
from tests.run.journey import SETS, VERSIONS, Journey, guide, phase, step
from tests.run.test_walking import log
from wizard.assemble import Resume, go_on, session_report
from wizard.errors import ExitCode, SessionError, UsageError
from wizard.looking import check_only, session_evidence
from wizard.new_file import write_new
from wizard.run.evidence import digest_of, read_evidence
from wizard.run.records import Record

if TYPE_CHECKING:
    from pathlib import Path

EXPR = (
    "evidence.state == 'done' && evidence.target_version == answers.target_version && evidence.answers.place == 'here'"
)
ASKED = {
    "section": "Place",
    "ask": [
        {"id": "place", "label": "Place", "type": "text"},
        {"id": "pin", "label": "Pin", "type": "secret"},
    ],
}
GIVEN = (*SETS, "place=here")


def gated(tmp_path: Path, **gate: Any) -> Journey:
    """A guide that goes on in `prod` only where `test` proves that it works."""
    tmp_path.mkdir(exist_ok=True)
    rule = {"expr": EXPR, "say": "${{ evidence.name }} is ${{ evidence.state }}.", "evidence": "test", **gate}
    first = step("try", log("tried"), env={"PIN": "${{ answers.pin }}"})
    last = step("stop", gate=rule, when="answers.place == 'prod'", not_needed="This is no gate's place.")
    parts = guide(phase(first, last, step("work", log("x")), folder=str(tmp_path)), questions=[VERSIONS, ASKED])
    return Journey(tmp_path, parts, sets=GIVEN)


def proof(tmp_path: Path, name: str = "test") -> Path:
    """The evidence of a whole run elsewhere."""
    there = gated(tmp_path / "there")
    assert there.begin(ScriptedOperator({"pin": "s3cret-pin"}), name=name) is ExitCode.DONE
    file = tmp_path / f"{name}.json"
    write_new(str(file), session_evidence(None))
    return file


def test_evidence_tells_what_was_done_and_no_secret(tmp_path: Path) -> None:
    """It holds answers, steps and hashes, in a private file, and the secret nowhere."""
    file = proof(tmp_path)
    text = file.read_text(encoding="utf-8")
    content = json.loads(text)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert content["sha256"] == digest_of(content)
    assert (content["guide"], content["name"], content["state"]) == ("journey", "test", "done")
    assert content["answers"] == {"current_version": "1.0", "target_version": "2.0", "place": "here"}
    assert [(one["key"], one["status"]) for one in content["steps"]] == [
        ("1/work/try", "done"),
        ("1/work/work", "done"),
    ]
    assert "s3cret" not in text
    with pytest.raises(UsageError, match="there already"):
        write_new(str(file), "{}")


def prod(tmp_path: Path, **gate: Any) -> Journey:
    """The same guide at the place that is gated."""
    journey = gated(tmp_path / "prod", **gate)
    journey.sets = (*SETS, "place=prod")
    return journey


def test_a_gate_goes_by_the_evidence_of_its_name(tmp_path: Path) -> None:
    """Given, it holds; what was used is in the journal and the report."""
    file = proof(tmp_path)
    journey = prod(tmp_path)
    assert journey.begin(ScriptedOperator({"pin": "p1nn3d"}), evidence=(str(file),)) is ExitCode.DONE
    sha256 = json.loads(file.read_text(encoding="utf-8"))["sha256"]
    judged = next(entry for entry in journey.entries if entry.kind == Record.GATE_JUDGED)
    assert judged.data["evidence"] == {"name": "test", "sha256": sha256}
    report = session_report(None)
    assert report.evidence[0][0] == "test"
    assert [(gate.holds, gate.sha256) for gate in report.gates] == [(True, sha256)]


def test_a_gate_without_evidence_says_how_to_come_by_it(tmp_path: Path) -> None:
    """It is said before the start; at the gate the run stops, and goes on once a resume brings it."""
    journey = prod(tmp_path)
    operator = ScriptedOperator({"pin": "p1nn3d", "failed:stop": "stop"})
    assert journey.begin(operator) is ExitCode.STOPPED
    text = dict(operator.asked)["failed:stop"].text
    assert "--name test" in text
    assert "--evidence test.json" in text
    assert [one["title"] for one in journey.state.findings if one["status"] == "risk"] == ["Evidence of test"]
    session = journey.folder
    file = proof(tmp_path)
    second = ScriptedOperator({"pin": "p1nn3d"})
    assert go_on(Resume(str(session), evidence=(str(file),)), journey.front_end(second)) is ExitCode.DONE


def test_evidence_that_does_not_prove_it_holds_the_gate(tmp_path: Path) -> None:
    """The guide's own words are said with it, whose evidence it is and how that run stands; the override is typed."""
    file = proof(tmp_path)
    journey = prod(tmp_path, expr="evidence.answers.place == 'elsewhere'", override="typed")
    operator = ScriptedOperator({"pin": "p1nn3d", "gate:stop": ("override", "agreed by phone")})
    assert journey.begin(operator, evidence=(str(file),)) is ExitCode.DONE
    said, given = dict(operator.asked)["gate:stop"].text.split("\n")
    assert said == "test is done."
    assert given.startswith("The evidence of 'test' is journey-")
    assert ": 1.0 → 2.0, done, 20" in given


def test_a_rehearsal_proves_nothing(tmp_path: Path) -> None:
    """Its state is `rehearsed`, whatever it went through."""
    journey = gated(tmp_path / "there")
    assert journey.begin(ScriptedOperator({"pin": "s3cret-pin"}), name="test", rehearse=True) is ExitCode.DONE
    assert json.loads(session_evidence(None))["state"] == "rehearsed"


def test_a_damaged_journal_gives_no_evidence(tmp_path: Path) -> None:
    """What it says then proves nothing."""
    journey = gated(tmp_path / "there")
    journey.begin(ScriptedOperator({"pin": "s3cret-pin"}), name="test")
    file = journey.folder / "journal.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"how":"ran"', '"how":"run"'), encoding="utf-8")
    with pytest.raises(SessionError, match="proves nothing"):
        session_evidence(None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "done!"}, "was changed after"),
        ({"evidence": 2}, "another version"),
        ({"guide": "other", "sha256": None}, "of the guide 'other'"),
        ({"name": "", "sha256": None}, "has no name"),
        ({"answers": [], "sha256": None}, "parts of it are missing"),
        (None, "no evidence of a session"),
    ],
)
def test_what_is_no_evidence_is_refused(tmp_path: Path, change: dict[str, Any] | None, said: str) -> None:
    """A file that was changed, is of another guide or is something else is named, and nothing begins."""
    content: dict[str, Any] = {
        **dict.fromkeys(("guide_sha256", "session", "state", "ended", "current_version", "target_version"), "x"),
        "evidence": 1,
        "guide": "journey",
        "name": "test",
        "answers": {},
        "steps": [],
    }
    content["sha256"] = digest_of(content)
    content |= change or {}
    if content["sha256"] is None:
        content["sha256"] = digest_of(content)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(content) if change is not None else "[1]", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_evidence((str(file),), "journey")


def test_only_looking_says_what_evidence_is_wanted(tmp_path: Path) -> None:
    """`wizard check` names it without blocking."""
    journey = prod(tmp_path)
    text, blocked = check_only(str(journey.file), None, (*journey.sets, "pin=env:HOME"), "text")
    assert "Evidence of test" in text
    assert not blocked
