"""What an answers file and the command line give, and whether its entries mean anything to the guide."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.document import dotted
from wizard.guide.models.checks import StepCheck
from wizard.guide.models.steps import Step
from wizard.guide.walk import every_model
from wizard.problems import Problem
from wizard.questions.model import AnswersFile, AnswerSource
from wizard.questions.must_read import places_to_read, word_of_reading
from wizard.questions.names import STOP_RELEASE, key_in_hop, split_key
from wizard.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Question
    from wizard.versions import Version

TAKE: Final = "take"
"""Key of a given value that names where the answer is to come from: `{take: found}`, `{take: default}`."""

SET_OPTION: Final = "--set"

_CONFIRMATION_KEYS: Final = frozenset({"typed", "tick", "record", "defer"})


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


def given_for(given: Mapping[str, GivenAnswer], key: str, file: AnswersFile) -> GivenAnswer | None:
    """What is given for a question; for one hop (`disk@1.4`) the entry of that hop, or the one value for all hops."""
    question, hop = split_key(key)
    if key in given or not hop:
        return given.get(key)
    whole = given.get(question)
    if whole is None or not is_by_hop(whole.value):
        return whole
    entry = next((name for name in whole.value if same_version(str(name), hop)), None)
    if entry is None:
        return None
    line = file.lines.get(dotted(("answers", question, entry)), 0)
    where = f"{file.path}:{line}" if line and whole.source is AnswerSource.FILE else whole.where
    return replace(whole, value=whole.value[entry], where=where)


def place_of(file: AnswersFile, key: str) -> tuple[int, int]:
    """Line and column of what the file gives for a question, or for one hop of it; noughts where it gives nothing."""
    question, hop = split_key(key)
    entries = file.answers.get(question)
    listed = entries if hop and isinstance(entries, dict) and is_by_hop(entries) else {}
    entry = next((one for one in listed if same_version(str(one), hop)), None)
    places = [("answers", key), *([("answers", question, entry)] if entry is not None else []), ("answers", question)]
    known = next((dotted(place) for place in places if dotted(place) in file.lines), "")
    return file.lines.get(known, 0), file.columns.get(known, 0)


def is_by_hop(value: Any) -> bool:
    """Whether a given value is a map from hops to answers (`{"1.4": a, "1.5": b}`)."""
    return isinstance(value, dict) and TAKE not in value


def same_version(one: str, other: str) -> bool:
    """Whether two texts mean the same version."""
    try:
        return parse_version(one) == parse_version(other)
    except ValueError:
        return one == other


def hop_problems(
    given: Mapping[str, GivenAnswer], declared: Mapping[str, Question], releases: Sequence[Version], file: AnswersFile
) -> Iterator[Problem]:
    """Answers for a hop of which the guide knows nothing, or of a question that is asked only once.

    A hop that is not on the way of this machine is no mistake: one file may serve several machines.
    """
    for name, one in given.items():
        question, hop = split_key(name)
        if question not in declared:
            continue
        repeated = declared[question].per is not None or question == STOP_RELEASE
        for entry in [hop] if hop else list(map(str, one.value)) if is_by_hop(one.value) else []:
            line, column = place_of(file, key_in_hop(question, entry))
            path = file.path if one.source is AnswerSource.FILE else one.where
            key = f"answers.{key_in_hop(question, entry)}"
            if not repeated:
                if hop:
                    message = f"`{question}` is asked once, not for each hop"
                    yield Problem(message, path, line, column, key, f"write `{question}: …`", "answer-invalid")
                continue
            if wrong := _hop_mistake(entry, releases):
                known = ", ".join(str(release) for release in releases[:12])
                hint = f"the guide knows: {known}" if known else "write the version that the hop leads to"
                yield Problem(f"`{question}`: {wrong}", path, line, column, key, hint, "answer-unknown")


def _hop_mistake(entry: str, releases: Sequence[Version]) -> str:
    try:
        version = parse_version(entry)
    except ValueError:
        return f"{entry!r} is no version, and answers for each hop stand under the version the hop leads to"
    wide, narrow = version.release, [release.release for release in releases]
    if releases and not any(wide[: len(one)] == one[: len(wide)] for one in narrow):
        return f"no hop leads to {entry}"
    return ""


def statement_problems(loaded: LoadedGuide, file: AnswersFile) -> Iterator[Problem]:
    """Confirmations, bypasses and states that name nothing in the guide, or are not written as they must be."""
    steps, checks, asked = _ids(loaded)
    readings = {word_of_reading(name) for name, _, _ in places_to_read(loaded.guide)}
    for name, value in file.confirmations.items():
        known = name in steps or name.rpartition(":")[2] in steps or name == "start" or name in readings
        plain = split_key(name)[0]
        known = known or plain.removeprefix("fix-") in checks or plain.removeprefix("state:") in checks
        if not known:
            yield _unknown(file, f"confirmations.{name}", "step", name, steps)
        elif wrong := confirmation_mistake(value):
            yield _problem(file, f"confirmations.{name}", wrong, "confirmation-invalid")
    for name, reason in file.bypasses.items():
        if split_key(name)[0] not in checks and "/" not in name:
            yield _unknown(file, f"bypasses.{name}", "check", name, checks)
        elif not reason.strip():
            yield _problem(file, f"bypasses.{name}", "a bypass needs its reason as text", "bypass-invalid")
    for name, value in file.states.items():
        if split_key(name)[0] not in asked and "/" not in name:
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
                return f"{', '.join(unknown)} is not known here: there are typed, tick, record and defer"
            if isinstance(value.get("typed"), dict):
                return "`typed` is the words that are typed, or a list of them where each item has its own"
            if not isinstance(value.get("record", {}), dict):
                return "`record` is a map from what is noted down to its text"
            if "defer" in value and not _is_deferral(value["defer"]):
                return "`defer` is why the step is left for after the run, or a map from numbers of its parts to that"
            return ""
        case _:
            return "write true, the words that are typed, or a map of typed, tick, record and defer"


def typed_words(entry: Any) -> tuple[str, ...]:
    """What an entry of `confirmations` types: one text; several where each item of a loop has its own words."""
    if isinstance(entry, bool):
        return ()
    given = entry.get("typed", ()) if isinstance(entry, dict) else entry
    return tuple(str(one) for one in given) if isinstance(given, list | tuple) else (str(given),)


def deferral(entry: Any, item: int) -> str:
    """Why an entry of `confirmations` leaves a part of a step (0: all of it) for after the run; empty: it does not."""
    given = entry.get("defer", "") if isinstance(entry, dict) else ""
    if not isinstance(given, dict):
        return "" if item else str(given).strip()
    return next((str(why).strip() for number, why in given.items() if str(number) == str(item)), "")


def _is_deferral(value: Any) -> bool:
    if isinstance(value, dict):
        return all(str(number).isdigit() and str(why).strip() for number, why in value.items())
    return isinstance(value, str) and bool(value.strip())


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
