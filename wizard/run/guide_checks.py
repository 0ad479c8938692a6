"""The guide's own checks: once for the run, and once for each hop those that say so."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.questions.names import inside_hop, key_in_hop
from wizard.run.asking import ask_all, context_of
from wizard.run.events import CheckBegan, ChecksBegan, FindingCame
from wizard.run.names import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wizard.checks.model import Finding, Statement, StatementRequest
    from wizard.expressions import Environment
    from wizard.guide.models import Check
    from wizard.run.context import Run


def ask_guide_checks(
    run: Run,
    hops: Iterable[Mapping[str, Any]],
    *,
    within: Mapping[str, Any] | None = None,
    stated: dict[StatementRequest, Statement] | None = None,
    standing: tuple[Finding, ...] = (),
) -> tuple[Finding, ...]:
    """Ask the checks of the guide; those `per: hop` for each of `hops`, under the key `ID@VERSION`.

    `within` is the hop that begins, if one does: the other checks see it too. What a person said yes to is put
    into `stated`, and not asked where it is there already. `standing` findings are there without a check of the
    guide, and come first. The front end is told each check as it begins, and each finding as it comes.
    """
    turns = list(_turns(run, hops, within))
    run.operator.tell(ChecksBegan(tuple(one for turn in turns for one in turn.titles(run))))
    for finding in standing:
        run.operator.tell(FindingCame(finding))
    return (*standing, *(finding for turn in turns for finding in turn.ask(run, stated)))


@dataclass(frozen=True, slots=True)
class _Turn:
    """Checks that are asked together: once for the run, or for one hop."""

    checks: Sequence[Check]
    env: Environment
    hop: Mapping[str, Any] | None = None

    def titles(self, run: Run) -> Iterator[tuple[str, str]]:
        """Key and title of each finding that will come."""
        from wizard.checks.ask import titles_of

        for key, title in titles_of(self.checks, context_of(run, self.env)):
            yield (key, title) if self.hop is None else (_key_of_hop(key, self.hop), _title_of_hop(title, self.hop))

    def ask(self, run: Run, stated: dict[StatementRequest, Statement] | None) -> tuple[Finding, ...]:
        """Ask them, telling each as it begins and as its finding comes."""
        hop = self.hop

        def began(key: str) -> None:
            run.operator.tell(CheckBegan(key if hop is None else _key_of_hop(key, hop)))

        def found(finding: Finding) -> None:
            run.operator.tell(FindingCame(finding if hop is None else _of_hop(finding, hop)))

        findings = ask_all(run, self.checks, self.env, stated=stated, began=began, found=found)
        return findings if hop is None else tuple(_of_hop(one, hop) for one in findings)


def _turns(run: Run, hops: Iterable[Mapping[str, Any]], within: Mapping[str, Any] | None) -> Iterator[_Turn]:
    checks = run.loaded.guide.checks
    yield _Turn([check for check in checks if check.per is None], in_hop(run, within))
    if repeated := [check for check in checks if check.per is not None]:
        yield from (_Turn(repeated, in_hop(run, hop), hop) for hop in hops)


def in_hop(run: Run, hop: Mapping[str, Any] | None) -> Environment:
    """What is known now, as it is seen in a hop; without one as it is seen outside of hops."""
    env = environment(run)
    return inside_hop(run.loaded.guide, env, hop) if hop else env


def _of_hop(finding: Finding, hop: Mapping[str, Any]) -> Finding:
    return replace(finding, key=_key_of_hop(finding.key, hop), title=_title_of_hop(finding.title, hop))


def _key_of_hop(key: str, hop: Mapping[str, Any]) -> str:
    return key_in_hop(key, str(hop["to"]))


def _title_of_hop(title: str, hop: Mapping[str, Any]) -> str:
    return f"{title} ({hop['from']} -> {hop['to']})"


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as the journal keeps it: what was seen, but not the moment (the event has one)."""
    data = asdict(finding)
    data["evidence"] = [{"seen": one.seen, "by": one.by} for one in finding.evidence]
    return data
