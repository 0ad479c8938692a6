"""The guide's own checks: once for the run, and once for each hop those that say so."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from wizard.questions.names import inside_hop, key_in_hop
from wizard.run.asking import ask_all
from wizard.run.names import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.checks.model import Finding, Statement, StatementRequest
    from wizard.expressions import Environment
    from wizard.run.context import Run


def ask_guide_checks(
    run: Run,
    hops: Iterable[Mapping[str, Any]],
    *,
    within: Mapping[str, Any] | None = None,
    stated: dict[StatementRequest, Statement] | None = None,
) -> tuple[Finding, ...]:
    """Ask the checks of the guide; those `per: hop` for each of `hops`, under the key `ID@VERSION`.

    `within` is the hop that begins, if one does: the other checks see it too. What a person said yes to is put
    into `stated`, and not asked where it is there already.
    """
    once = [check for check in run.loaded.guide.checks if check.per is None]
    repeated = [check for check in run.loaded.guide.checks if check.per is not None]
    findings = list(ask_all(run, once, in_hop(run, within), stated=stated))
    for hop in hops if repeated else ():
        findings += [_of_hop(one, hop) for one in ask_all(run, repeated, in_hop(run, hop), stated=stated)]
    return tuple(findings)


def in_hop(run: Run, hop: Mapping[str, Any] | None) -> Environment:
    """What is known now, as it is seen in a hop; without one as it is seen outside of hops."""
    env = environment(run)
    return inside_hop(run.loaded.guide, env, hop) if hop else env


def _of_hop(finding: Finding, hop: Mapping[str, Any]) -> Finding:
    title = f"{finding.title} ({hop['from']} -> {hop['to']})"
    return replace(finding, key=key_in_hop(finding.key, str(hop["to"])), title=title)


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as the journal keeps it: what was seen, but not the moment (the event has one)."""
    data = asdict(finding)
    data["evidence"] = [{"seen": one.seen, "by": one.by} for one in finding.evidence]
    return data
