"""What an answers file and the command line give, and whether its entries mean anything to the guide."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.checks import StepCheck
from wizard.guide.models.steps import Step
from wizard.guide.walk import every_model
from wizard.problems import Problem
from wizard.questions.model import AnswersFile, AnswerSource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from wizard.guide.loader import LoadedGuide

SET_OPTION: Final = "--set"

_CONFIRMATION_KEYS: Final = frozenset({"typed", "tick", "record"})


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """A value for a question, and where it was given (`answers.yaml:12`, `--set`)."""

    value: Any
    source: AnswerSource
    where: str


def given_answers(file: AnswersFile, sets: Mapping[str, Any]) -> dict[str, GivenAnswer]:
    """The given value of each question by id; what the command line sets wins."""
    found: dict[str, GivenAnswer] = {}
    for name, value in file.answers.items():
        line = file.lines.get(f"answers.{name}", 0)
        found[name] = GivenAnswer(value, AnswerSource.FILE, f"{file.path}:{line}" if line else file.path)
    for name, value in sets.items():
        found[name] = GivenAnswer(value, AnswerSource.OPERATOR, SET_OPTION)
    return found


def statement_problems(loaded: LoadedGuide, file: AnswersFile) -> Iterator[Problem]:
    """Confirmations, bypasses and states that name nothing in the guide, or are not written as they must be."""
    steps, checks, asked = _ids(loaded)
    for name, value in file.confirmations.items():
        known = name in steps or name.rpartition(":")[2] in steps or name == "start"
        known = known or name.removeprefix("fix-") in checks or name.removeprefix("state:") in checks
        if not known:
            yield _unknown(file, f"confirmations.{name}", "step", name, steps)
        elif wrong := confirmation_mistake(value):
            yield _problem(file, f"confirmations.{name}", wrong, "confirmation-invalid")
    for name, reason in file.bypasses.items():
        if name not in checks and "/" not in name:
            yield _unknown(file, f"bypasses.{name}", "check", name, checks)
        elif not reason.strip():
            yield _problem(file, f"bypasses.{name}", "a bypass needs its reason as text", "bypass-invalid")
    for name, value in file.states.items():
        if name not in asked and "/" not in name:
            yield _unknown(file, f"states.{name}", "check that a person answers", name, asked)
        elif not isinstance(value, bool) and not str(value).strip():
            yield _problem(file, f"states.{name}", "write true, or the text that is noted down", "state-invalid")


def confirmation_mistake(value: Any) -> str:
    """What is wrong with the way a confirmation is written; empty where nothing is."""
    match value:
        case bool():
            return ""
        case str() | int():
            return "" if str(value).strip() else "write true, or the words that are typed"
        case dict():
            unknown = sorted(set(value) - _CONFIRMATION_KEYS)
            if unknown:
                return f"{', '.join(unknown)} is not known here: there are typed, tick and record"
            if not isinstance(value.get("record", {}), dict):
                return "`record` is a map from what is noted down to its text"
            return ""
        case _:
            return "write true, the words that are typed, or a map of typed, tick and record"


def _ids(loaded: LoadedGuide) -> tuple[set[str], set[str], set[str]]:
    """Ids of steps, of checks, and of the checks that only a person answers."""
    steps: set[str] = set()
    checks: set[str] = set()
    asked: set[str] = set()
    for placed in every_model(loaded.guide):
        match placed.model:
            case Step() as step:
                steps.add(step.id)
            case StepCheck(id=str() as name) as check:
                checks.add(name)
                if check.kind in ("ask", "acknowledge"):
                    asked.add(name)
            case _:
                pass
    return steps, checks, asked


def _unknown(file: AnswersFile, key: str, what: str, name: str, known: Collection[str]) -> Problem:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    names = ", ".join(sorted(known)[:12])
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {names}" if names else f"the guide has no {what}"
    return _problem(file, key, f"the guide has no {what} `{name}`", "answer-unknown", hint)


def _problem(file: AnswersFile, key: str, message: str, rule: str, hint: str = "") -> Problem:
    return Problem(message, file.path, file.lines.get(key, 0), file.columns.get(key, 0), key, hint, rule)
