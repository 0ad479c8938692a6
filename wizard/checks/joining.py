"""One finding out of those of many items."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.checks.model import Finding, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORST_FIRST: Final = (
    Status.ERROR, Status.UNKNOWN, Status.FAIL, Status.RISK, Status.NOTE, Status.OK, Status.SKIPPED,
)  # fmt: skip


def joined(key: str, items: Sequence[str], findings: Sequence[Finding]) -> Finding:
    """Give the finding of a check that was asked for each of `items`: as bad as the worst of them.

    What was seen of each item is in the evidence, those that did not pass first, each with its item's key
    in front. Where the same is to be said of several items it is said once.
    """
    ranked = sorted(
        zip(items, findings, strict=True), key=lambda one: _WORST_FIRST.index(one[1].status)
    )  # stable: items of the same status stay in their order
    worst = ranked[0][1]
    evidence = tuple(replace(one, seen=f"{item}: {one.seen}") for item, finding in ranked for one in finding.evidence)
    return replace(
        worst,
        key=key,
        title=_of_all([finding.title for finding in findings]),
        say=_once_each([(item, finding.say) for item, finding in ranked if finding.say]),
        remedy=_once_each([(item, finding.remedy) for item, finding in ranked if finding.remedy]),
        evidence=evidence,
    )


def _of_all(titles: Sequence[str]) -> str:
    """One title for all items: theirs where they share it, else the first and how many there are besides."""
    different = len(set(titles))
    return titles[0] if different == 1 else f"{titles[0]} and {different - 1} more"


def _once_each(said: Sequence[tuple[str, str]]) -> str:
    """What is said of items: once where it is the same for all of them, else with the items it is said of."""
    texts = list(dict.fromkeys(text for _, text in said))
    if len(texts) <= 1:
        times = Counter(text for _, text in said)
        alone = bool(texts) and times[texts[0]] == 1
        return f"{said[0][0]}: {texts[0]}" if alone else "".join(texts)
    return "\n".join(f"{', '.join(item for item, one in said if one == text)}: {text}" for text in texts)
