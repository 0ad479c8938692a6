"""The words findings are told in, and what is to be said of them: what comes first, what blocks, what may be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.model import Status
from wizard.counting import counted
from wizard.guide.models.checks import Blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wizard.checks.model import Evidence, Finding

STATUS_ORDER: Final = (
    Status.FAIL, Status.ERROR, Status.UNKNOWN, Status.RISK, Status.NOTE, Status.OK, Status.SKIPPED,
)  # fmt: skip


def blockers(findings: Iterable[Finding], bypassed: Collection[str]) -> list[Finding]:
    """The findings that nothing may begin with: those that block and were not bypassed."""
    return [finding for finding in findings if finding.blocking and finding.key not in bypassed]


def fixable(finding: Finding) -> bool:
    """Whether a fix is offered for it."""
    return bool(finding.fix) and not finding.passed and finding.status is not Status.SKIPPED


def may_be_bypassed(finding: Finding, bypassed: Collection[str]) -> bool:
    """Whether it blocks, and a reason is enough to go on all the same."""
    return finding.blocking and finding.key not in bypassed and finding.blocks is Blocks.BYPASSABLE


def only_bypassed(finding: Finding, bypassed: Collection[str]) -> bool:
    """Whether it would block but for its bypass, which may be withdrawn."""
    return finding.blocking and finding.key in bypassed


def sorted_findings(findings: Iterable[Finding], bypassed: Collection[str]) -> list[Finding]:
    """Put what blocks first, then by how bad it is; else the order of the guide."""
    return sorted(
        findings,
        key=lambda finding: (not finding.blocking or finding.key in bypassed, STATUS_ORDER.index(finding.status)),
    )


def counts_words(findings: Sequence[Finding]) -> str:
    """How many findings there are of each status: `2 fail, 1 risk, 9 ok`."""
    counts = [(status, sum(finding.status is status for finding in findings)) for status in STATUS_ORDER]
    return ", ".join(f"{count} {status}" for status, count in counts if count) or "none"


def findings_summary(findings: Sequence[Finding], bypassed: Collection[str]) -> str:
    """Count findings by status and say whether they block."""
    match len(blockers(findings, bypassed)):
        case 0:
            verdict = "nothing blocks"
        case 1:
            verdict = "1 blocks"
        case several:
            verdict = f"{several} block"
    return f"Checks: {counts_words(findings)}; {verdict}."


def would_be_held(blocking: Sequence[Finding]) -> str:
    """What is said of findings that a rehearsal goes past."""
    named = "; ".join(one.title for one in blocking)
    keep = "keeps" if len(blocking) == 1 else "keep"
    return f"{counted(len(blocking), 'finding')} {keep} the run itself from starting: {named}."


def seen_in(finding: Finding) -> str:
    """What its check saw; where nothing was seen what is said of it, else its status."""
    return (finding.evidence[0].seen if finding.evidence else finding.say) or finding.status.value


def seen_lines(findings: Iterable[Finding]) -> tuple[str, ...]:
    """A line for each finding: its title and what was seen."""
    return tuple(f"{finding.title}: {seen_in(finding)}" for finding in findings)


def evidence_words(evidence: Evidence) -> str:
    """What was seen, where or by what, and when; empty where nothing was."""
    source = ", ".join(part for part in (evidence.by, evidence.at) if part)
    return f"Seen: {evidence.seen}{f' ({source})' if source else ''}" if evidence.seen else ""


def told_of(finding: Finding, bypassed: str | None = None) -> list[str]:
    """What is told of a finding beside its title, a paragraph each: `bypassed` is the reason why it was."""
    told = [finding.say, *map(evidence_words, finding.evidence)]
    if not finding.passed and finding.status is not Status.SKIPPED:
        told += [
            f"Bypassed because: {bypassed}" if bypassed is not None else "",
            f"What to do: {finding.remedy}" if finding.remedy else "",
            f"Fix offered: {finding.fix}" if finding.fix else "",
            *finding.links,
            f"Check: {finding.key}",
        ]
    return [words for words in told if words]
