"""Plans of guides written for a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.questions.writing import HEAD, VERSION_QUESTIONS, VERSIONS, knowing, read_text
from wizard.plan.build import build_plan
from wizard.plan.hops import find_hops
from wizard.questions.model import Answer, AnswerSource

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Versions
    from wizard.plan.model import Plan, PlannedHop


def guide_with(
    folder: Path, phases: str, *, questions: str = "", versions: str = VERSIONS, more: str = ""
) -> LoadedGuide:
    """A guide with these phases (a YAML list, set in by two blanks)."""
    text = f"{HEAD}{versions}{more}questions:\n{questions}{VERSION_QUESTIONS}phases:\n{phases}"
    return read_text(folder, text)


def answers_of(**values: Any) -> dict[str, Answer]:
    """Answers of an operator; from 1.0 to 2.0 where nothing else is said."""
    given = {"current_version": "1.0", "target_version": "2.0", **values}
    return {name: Answer(name, value, AnswerSource.OPERATOR) for name, value in given.items()}


def planned(
    folder: Path, phases: str, *, env: Environment | None = None, answers: dict[str, Any] | None = None, **parts: str
) -> Plan:
    """The plan of such a guide."""
    return build_plan(guide_with(folder, phases, **parts), env or knowing(), answers_of(**(answers or {})))


def find_path(versions: Versions, current: str, target: str, env: Environment) -> tuple[PlannedHop, ...]:
    """The hops from one version to another, without the rules that allow them."""
    return tuple(hop for hop, _ in find_hops(versions, current, target, env))
