"""Evidence: what one session proves to another, such as that the same upgrade worked on a test system.

A file of JSON with a sha256 over its own canonical content, so that what was changed or cut on the way is
noticed. It is no signature: whoever can write the file can make the hash fit.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.model import Finding, Status
from wizard.errors import SessionError, UsageError
from wizard.guide.models.checks import Blocks
from wizard.guide.models.steps import Gate
from wizard.run.records import Record
from wizard.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.plan.model import Plan
    from wizard.run.chain import Reading
    from wizard.run.context import Run
    from wizard.run.session import Session
    from wizard.run.session_state import SessionState
    from wizard.run.state import State

FORMAT: Final = 1
LIMIT: Final = 8 << 20
"""Bytes of a file of evidence."""

REHEARSED: Final = "rehearsed"
"""The state of a session that only rehearsed: it proves nothing about a machine."""

_TEXTS: Final = ("guide", "guide_sha256", "session", "name", "state", "ended", "current_version", "target_version")


def make_evidence(
    session: Session, word: SessionState, state: State, plan: Plan | None, reading: Reading, *, name: str = ""
) -> str:
    """Write the evidence of a session as JSON; `word` is its state as `wizard status` says it. No secret is in it.

    `name` is what a gate asks for it by; the session's own where it is empty.

    SessionError where the journal is damaged: what it says then proves nothing.
    """
    if reading.broken:
        raise SessionError(
            f"the journal of {session.id} is damaged ({reading.broken[0]}), so it proves nothing",
            hint="`wizard status` says more; evidence is only given of a whole journal.",
        )
    from wizard.plan.steps import iter_steps

    titles = {step.key: (step.code, step.title) for step in iter_steps(plan)} if plan is not None else {}
    content = {
        "evidence": FORMAT,
        "guide": state.guide,
        "guide_sha256": state.guide_sha256,
        "current_version": plan.current_version if plan is not None else "",
        "target_version": plan.target_version if plan is not None else "",
        "session": session.id,
        "name": name or state.name,
        "state": REHEARSED if state.rehearsal else word.value,
        "ended": state.last_at,
        "plan_sha256": state.plan_sha256,
        "answers": {name: masked(one["value"]) for name, one in state.answers.items() if not one.get("secret")},
        "bypassed": dict(state.bypassed),
        "steps": [
            {
                "key": key,
                "code": titles[key][0],
                "title": titles[key][1],
                "status": step.status.value,
                "how": step.how,
            }
            for key, step in state.steps.items()
            if key in titles
        ],
        "journal": {"events": len(reading.entries), "sha256": reading.position.prev},
    }
    return json.dumps({**content, "sha256": digest_of(content)}, indent=1, ensure_ascii=False) + "\n"


def digest_of(content: dict[str, Any]) -> str:
    """The sha256 over the canonical form: sorted keys, no blanks, UTF-8, without `sha256` itself."""
    bare = {name: value for name, value in content.items() if name != "sha256"}
    text = json.dumps(bare, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_evidence(files: Iterable[str], guide: str) -> tuple[dict[str, Any], ...]:
    """Read files of evidence that is given to a run of `guide`; UsageError where one cannot be used."""
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        one = _read(file, guide)
        if one["name"] in found:
            raise UsageError(
                f"--evidence {file}: there is evidence of {one['name']!r} already", hint="Give one of them."
            )
        found[one["name"]] = one
    return tuple(found.values())


def _read(file: str, guide: str) -> dict[str, Any]:
    try:
        with Path(file).open("rb") as opened:
            raw = opened.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(f"--evidence {file}: it cannot be read: {error.strerror}") from None
    hint = "`wizard evidence SESSION -o FILE` writes one."
    try:
        content = json.loads(raw[:LIMIT].decode("utf-8")) if len(raw) <= LIMIT else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or "evidence" not in content:
        raise UsageError(f"--evidence {file}: this is no evidence of a session", hint=hint)
    if content["evidence"] != FORMAT:
        raise UsageError(f"--evidence {file}: it is written by another version of wizard", hint="Use that version.")
    if content.get("sha256") != digest_of(content):
        raise UsageError(f"--evidence {file}: it was changed after it was written", hint=hint)
    well_formed = all(isinstance(content.get(name), str) for name in _TEXTS)
    if not well_formed or not isinstance(content.get("answers"), dict) or not isinstance(content.get("steps"), list):
        raise UsageError(f"--evidence {file}: parts of it are missing", hint=hint)
    if content["guide"] != guide:
        raise UsageError(f"--evidence {file}: it is of the guide {content['guide']!r}, and this is {guide!r}")
    if not content["name"]:
        raise UsageError(
            f"--evidence {file}: the session {content['session']} has no name, and a gate asks for one",
            hint=f"Write it anew on the other system: `wizard evidence {content['session']} --as NAME -o FILE`.",
        )
    return content


def take_evidence(run: Run, given: Sequence[dict[str, Any]]) -> None:
    """Journal the evidence that was given, each once; a newer one of the same name takes the place of the older."""
    for one in given:
        known = run.state.evidence.get(one["name"])
        if known is None or known["sha256"] != one["sha256"]:
            run.record(Record.EVIDENCE_TAKEN, name=one["name"], sha256=one["sha256"], evidence=one)


def as_names(given: dict[str, Any]) -> dict[str, Any]:
    """What expressions of a gate see as `evidence`."""
    steps = {str(one.get("key", "")): str(one.get("status", "")) for one in given["steps"] if isinstance(one, dict)}
    by_id = {key.rpartition("/")[2]: status for key, status in steps.items()}
    return {**{name: given[name] for name in _TEXTS}, "answers": given["answers"], "steps": by_id}


def in_words(given: dict[str, Any]) -> str:
    """Say whose evidence was given, and how that run stands: a gate that stays shut is not opened by a guess."""
    path = f"{given['current_version']} → {given['target_version']}, " if given["target_version"] else ""
    ended = given["ended"][:16].replace("T", " ")
    return f"The evidence of {given['name']!r} is {given['session']}: {path}{given['state']}, {ended} UTC."


def missing(run: Run, name: str) -> str:
    """How to come by evidence that a gate asks for and that was not given."""
    return (
        f"There is no evidence of {name!r}. There, run `wizard run {run.loaded.guide.id} --name {name}`, "
        f"write `wizard evidence SESSION -o {name}.json`, bring the file here, "
        f"and go on with `wizard resume {run.session.id} --evidence {name}.json`."
    )


def evidence_findings(run: Run) -> tuple[Finding, ...]:
    """Evidence that a gate will ask for and that was not given: said before the start, where it costs nothing yet."""
    from wizard.guide.walk import every_model

    wanted: dict[str, bool] = {}
    for placed in every_model(run.loaded.guide):
        rule = placed.model
        if isinstance(rule, Gate) and rule.evidence is not None and "${{" not in rule.evidence:
            wanted[rule.evidence] = wanted.get(rule.evidence, True) and rule.override == "typed"
    return tuple(
        Finding(
            key=f"wizard-evidence-{name}",
            title=f"Evidence of {name}",
            status=Status.NOTE if overridable else Status.RISK,
            blocks=Blocks.NEVER,
            say=missing(run, name),
            remedy="Give it with --evidence; without it the run stops at that gate.",
        )
        for name, overridable in wanted.items()
        if name not in run.state.evidence
    )
