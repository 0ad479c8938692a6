"""Answers files that are written: the commented template of a guide, and the answers of a session."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, assert_never

from wizard.errors import ExpressionError, VersionPathError
from wizard.expressions import AbsentError, Environment
from wizard.guide.catalog import called
from wizard.guide.models.guide import Procedure
from wizard.guide.models.questions import QuestionType
from wizard.guide.models.steps import ActionKind, Confirm, Impact, NoteKind, Record
from wizard.guide.walk import every_model, every_step
from wizard.questions.asked_first import asked_first
from wizard.questions.choices import default_of, rendered_choices
from wizard.questions.must_read import places_to_read, word_of_reading
from wizard.questions.names import STOP_RELEASE, key_in_hop, split_key
from wizard.questions.path import find_way, release_at
from wizard.questions.releases import (
    CURRENT,
    TARGET,
    guide_version,
    known_releases,
    newest_of,
    sections_of,
    target_choices,
)
from wizard.questions.tables import RowRules
from wizard.questions.validation import RefusedError, example_of
from wizard.questions.yaml_text import block, comment, quoted_text, written
from wizard.secrets import Secret
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Column, Guide, Question, Section
    from wizard.guide.models.checks import StepCheck
    from wizard.guide.walk import PlacedStep
    from wizard.questions.choices import Choices
    from wizard.questions.model import Answer
    from wizard.questions.path import Path

_NOTHING: Final = Environment()

_IN_WORDS: Final = {
    QuestionType.TEXT: "text",
    QuestionType.YES_NO: "true or false",
    QuestionType.CHOICE: "one of the choices",
    QuestionType.CHOICES: "a list of choices",
    QuestionType.NUMBER: "a number",
    QuestionType.VERSION: "a version",
    QuestionType.PATH: "a whole path",
    QuestionType.SECRET: "a secret: env:NAME or file:PATH, never the secret itself",
    QuestionType.HOST: "a host name or an address",
    QuestionType.HOST_PORT: "host:port",
    QuestionType.PERCENTAGE: "a percentage",
    QuestionType.DURATION: "a duration",
    QuestionType.TIME_WINDOW: "a time window",
    QuestionType.COMMAND: "a command of your own, on one line",
    QuestionType.TABLE: "a list of rows",
}


def answers_template(loaded: LoadedGuide) -> str:
    """The commented answers file of a guide: every question, and every word of the operator a run may want.

    Every entry is a comment, so that the file as it is answers nothing; `##` explains, `#` is an entry.
    """
    guide = loaded.guide
    lines = [
        *comment(f"Answers for: {readable(guide.title, _NOTHING)} ({guide.id})"),
        *comment(
            "Lines with ## explain. Take away the # in front of the entries you fill in, then:"
            f" wizard run {called(loaded)} --answers FILE --unattended"
        ),
        *comment("{take: found} as an answer takes what the machine says, {take: default} the default."),
        "",
        "answers:",
    ]
    for section in sections_of(guide):
        lines += ["", *_section_lines(guide, section)]
    lines += [
        "",
        *comment("Words that steps want before they go on: true, the exact words, or a map."),
        "confirmations:",
    ]
    lines += _listed(_confirmation_entries(guide), "No step of this guide wants one.")
    lines += ["", *comment("Findings that may be passed over, each with your reason."), "bypasses:"]
    lines += _listed(_bypass_entries(guide), "No check of this guide may be passed over.")
    lines += ["", *comment("What only a person can say: true, or the text to note down."), "states:"]
    lines += _listed(_state_entries(guide), "No check of this guide asks a person.")
    return "\n".join([*lines, ""])


def _listed(entries: Iterable[list[str]], none: str) -> list[str]:
    """Entries with an empty line before each; where there are none, what is said instead."""
    lines = [line for entry in entries for line in ["", *entry]]
    return lines or comment(none, "  ")


def write_answers(answers: Mapping[str, Answer]) -> str:
    """The answers as an answers file, without secrets (a comment says which were given) and what was left empty.

    Those of one question for several hops stand in a map under its id.
    """
    lines = ["answers:"]
    by_hop: dict[str, dict[str, Any]] = {}
    for name, answer in answers.items():
        if answer.value is None:
            continue
        if _holds_secret(answer.value):
            lines += comment(f"{name}: a secret, which is never written; give it as env:NAME or file:PATH", "  ")
            continue
        question, hop = split_key(name)
        if hop:
            by_hop.setdefault(question, {})[hop] = answer.value
        else:
            lines += block(name, answer.value, "  ")
    for question, values in by_hop.items():
        lines += block(question, values, "  ")
    return "\n".join([*lines, ""])


def _holds_secret(value: Any) -> bool:
    match value:
        case Secret():
            return True
        case list() | tuple():
            return any(_holds_secret(item) for item in value)
        case dict():
            return any(_holds_secret(item) for item in value.values())
        case _:
            return False


def _section_lines(guide: Guide, section: Section) -> list[str]:
    lines = comment(f"--- {readable(section.section, _NOTHING)} ---", "  ")
    if section.why:
        lines += comment(readable(section.why, _NOTHING), "  ")
    if section.when:
        lines += comment(f"asked only when: {section.when}", "  ")
    for question in section.ask:
        lines += ["", *_question_lines(guide, question)]
        if question.id == TARGET:
            lines += _stop_lines(guide)
    return lines


def _stop_lines(guide: Guide) -> list[str]:
    """What is asked for each stop of the path (`stop_release: ask`)."""
    path = _example_path(guide)
    if guide.versions.stop_release != "ask":
        return []
    stops = path.stops if path is not None else ()
    value: Any = {stop.series: release_at(stop) for stop in stops}
    about = [
        "Which release is taken at each stop on the way",
        "type: a version for each stop, or newest where the guide knows the releases",
        "asked only when: the path stops on the way",
    ]
    lines = block(STOP_RELEASE, value or {"1.4": "1.4.2"}, "")
    return ["", *comment("\n".join(about), "  "), *(f"  # {line}" for line in lines)]


def _question_lines(guide: Guide, question: Question) -> list[str]:
    choices = _choices(guide, question)
    about = [readable(question.label, _NOTHING)]
    if question.why:
        about.append(readable(question.why, _NOTHING))
    about.append(f"type: {_IN_WORDS[question.type]}" + (" (may be left out)" if question.optional else ""))
    if question.type is QuestionType.TABLE:
        about += [f"  {_column_words(column)}" for column in question.columns or ()]
    if choices:
        about.append(f"choices: {', '.join(value for value, _ in choices)}" + (" or another" if question.other else ""))
    elif question.choices_from:
        about.append(f"choices: what the machine says ({question.choices_from})")
    if question.sources:
        about.append(f"found by: {', '.join(question.sources)}")
    if question.when:
        about.append(f"asked only when: {question.when}")
    default = default_of(question.default, _NOTHING)
    if question.default is not None:
        about.append(f"default: {written(default) if default is not None else question.default}")
    if question.per is not None:
        about.append("asked for each hop: a map from the version a hop leads to, or one value for all hops")
    value = default if default is not None else _example(guide, question, choices)
    if question.per is not None:
        path = _example_path(guide)
        value = dict.fromkeys(_versions_on(path), value) if path is not None else value
    return [*comment("\n".join(about), "  "), *(f"  # {line}" for line in block(question.id, value, ""))]


def _choices(guide: Guide, question: Question) -> Choices:
    if question.choices is not None:
        return rendered_choices(question.choices, _NOTHING)
    if question.id == TARGET and question.type is QuestionType.VERSION:
        return target_choices(known_releases(guide.versions, _NOTHING), None)
    return ()


def _example_path(guide: Guide) -> Path | None:
    """The path between the versions of the examples; None where there is none."""
    questions = {question.id: question for section in sections_of(guide) for question in section.ask}
    ends = []
    for name in (CURRENT, TARGET):
        question = questions[name]
        default = default_of(question.default, _NOTHING)
        ends.append(str(default if default is not None else _example(guide, question, _choices(guide, question))))
    try:
        return find_way(guide.versions, ends[0], ends[1], _NOTHING)
    except (ExpressionError, VersionPathError):
        return None


def _versions_on(path: Path) -> Iterator[str]:
    """The versions the hops of a path lead to, with a release in the place of each stop."""
    releases = {stop.series: release_at(stop) for stop in path.stops}
    for leg in path.legs:
        yield releases.get(leg.to_version, leg.to_version)


def _oldest(guide: Guide) -> str | None:
    """The oldest release from which a path leads to the newest; None where the guide does not say."""
    try:
        releases = known_releases(guide.versions, _NOTHING)
    except ExpressionError:
        return None
    newest = newest_of(releases)
    for release in releases if newest is not None else ():
        try:
            find_way(guide.versions, str(release), str(newest), _NOTHING)
        except (ExpressionError, VersionPathError):
            continue
        return str(release)
    return None


def _before_stops(guide: Guide) -> str | None:
    """A release that comes before the first stop, where the guide has stops and no list of releases."""
    stops = [guide_version(one, None) for one in guide.versions.stops]
    first = min(stops, default=None)
    if first is None or len(first.release) < 2 or first.release[1] == 0:
        return None
    major, minor, *_ = first.release
    return f"{major}.{minor - 1}.0"


def _example(guide: Guide, question: Question, choices: Choices) -> Any:
    if question.id == CURRENT and not choices and (oldest := _oldest(guide) or _before_stops(guide)) is not None:
        return oldest
    match question.type:
        case QuestionType.TABLE:
            return [_row_example(question)]
        case QuestionType.CHOICES:
            return [value for value, _ in choices[:1]]
        case QuestionType.YES_NO:
            return True
        case QuestionType.NUMBER:
            return 8
        case _:
            return example_of(question.type, choices)


def _row_example(question: Question) -> dict[str, Any]:
    """A row with the cells that are asked for in it; one that hangs on more than the row stands there too."""
    rules = RowRules(question, _NOTHING)
    example: dict[str, Any] = {}
    row: dict[str, Any] = {}
    for column in rules.columns:
        with contextlib.suppress(ExpressionError, AbsentError):
            if not rules.asks(column, row):
                continue
        raw = example[column.id] = _cell_example(rules, column, row)
        with contextlib.suppress(ExpressionError, AbsentError, RefusedError):
            row[column.id] = rules.cell(column, raw, row)
    return example


def _cell_example(rules: RowRules, column: Column, row: Mapping[str, Any]) -> Any:
    """What stands in a cell of a row that begins like this: its default where it has one."""
    default: Any = None
    choices: Choices = ()
    with contextlib.suppress(ExpressionError):
        default = rules.default(column, dict(row))
    with contextlib.suppress(ExpressionError):
        choices = rules.choices(column, dict(row))
    if default is not None:
        return default
    example = example_of(column.type, choices)
    return True if column.type is QuestionType.YES_NO else 8 if column.type is QuestionType.NUMBER else example


def _column_words(column: Column) -> str:
    words = f"{column.id}: {readable(column.label, _NOTHING)} ({_IN_WORDS[column.type]})"
    if column.choices:
        words += f": {', '.join(value for value, _ in rendered_choices(column.choices, _NOTHING))}"
    if column.unique:
        words += ", each once"
    if column.optional:
        words += ", may be left out"
    return words + (f", asked only when: {column.when}" if column.when else "")


# -- words of the operator -----------------------------------------------------------------------


def _confirmation_entries(guide: Guide) -> Iterator[list[str]]:
    """For every step that may want a word: what it is, and the entry that gives it."""
    for name, title, notes in places_to_read(guide):
        about = [f"{readable(title, _NOTHING)}: to be read", *(readable(note.text, _NOTHING) for note in notes)]
        yield [*comment("\n".join(about), "  "), f"  # {quoted_text(word_of_reading(name))}: true"]
    seen: set[str] = set()
    for placed in every_step(guide):
        step = placed.step
        entry = _confirmation_of(placed)
        if entry is None or step.id in seen or placed.branch == "undo":
            continue
        seen.add(step.id)
        said, value = entry
        about = [f"{readable(step.title, _NOTHING)}{_in_procedure(placed)}", *([said] if said else [])]
        yield [*comment("\n".join(about), "  "), f"  # {quoted_text(step.id)}: {written(value)}"]


def _in_procedure(placed: PlacedStep) -> str:
    if not isinstance(placed.owner, Procedure):
        return ""
    return f" (in the procedure “{readable(placed.owner.title, _NOTHING)}”)"


def _confirmation_of(placed: PlacedStep) -> tuple[str, Any] | None:
    """What a step says when it wants a word, and how the word is written; None where it wants none."""
    step = placed.step
    match step.action:
        case ActionKind.CONFIRM:
            rule = step.confirm
            if not isinstance(rule, Confirm):
                return readable(rule or "", _NOTHING), True
            value: dict[str, Any] = {}
            if rule.typed:
                value["typed"] = readable(rule.typed, _NOTHING)
            if rule.tick:
                value["tick"] = "all"
            if rule.record:
                value["record"] = {one.id: readable(one.label, _NOTHING) for one in rule.record}
            return readable(rule.say, _NOTHING), value or True
        case ActionKind.MANUAL:
            items = step.manual if isinstance(step.manual, list) else []
            done = [item if isinstance(item, str) else item.do for item in items]
            noted = [item.record for item in items if not isinstance(item, str) and item.record is not None]
            record = {
                (one.id if isinstance(one, Record) else one): readable(one.label, _NOTHING)
                if isinstance(one, Record)
                else "…"
                for one in noted
            }
            when = "Done by hand. Nobody is asked in the run: true says that it is done, or will be by then."
            said = "\n".join([when, *(f"- {readable(one, _NOTHING)}" for one in done)])
            return said, {"record": record} if record else True
        case ActionKind.RUN | ActionKind.EDIT:
            return _asked_first(placed)
        case _:
            return None


def _asked_first(placed: PlacedStep) -> tuple[str, Any] | None:
    step = placed.step
    impact = next(
        (one.impact for one in (step, *reversed(placed.around), placed.owner) if one.impact is not None),
        Impact.REVERSIBLE,
    )
    dangers = [note for note in step.notes if note.kind is NoteKind.DANGER]
    said = "\n".join(readable(note.text, _NOTHING) for note in dangers)
    match asked_first(step, impact, danger=bool(dangers)):
        case "never":
            return None
        case "once":
            return said, True
        case "typed":
            return said, step.id
        case never:
            assert_never(never)


def _bypass_entries(guide: Guide) -> Iterator[list[str]]:
    for check in guide.checks:
        if check.blocks.value == "bypassable":
            path = _example_path(guide) if check.per is not None else None
            keys = [key_in_hop(check.id, leg.to_version) for leg in path.legs] if path is not None else [check.id]
            title = comment(readable(check.title, _NOTHING), "  ")
            yield [*title, *(f"  # {quoted_text(key)}: {written('why it is passed over')}" for key in keys)]


def _state_entries(guide: Guide) -> Iterator[list[str]]:
    seen: set[str] = set()
    for placed in every_model(guide):
        check: Any = placed.model
        if getattr(check, "kind", "") not in ("ask", "acknowledge") or check.id is None or check.id in seen:
            continue
        seen.add(check.id)
        yield [*comment(_statement(check), "  "), f"  # {quoted_text(check.id)}: {written(_stated(check))}"]


def _statement(check: StepCheck) -> str:
    if check.acknowledge is not None:
        return readable(check.acknowledge, _NOTHING)
    said = check.ask if isinstance(check.ask, str) else check.ask.say if check.ask is not None else ""
    return readable(said, _NOTHING)


def _stated(check: StepCheck) -> Any:
    recorded = None if check.ask is None or isinstance(check.ask, str) else check.ask.record
    return readable(recorded, _NOTHING) if recorded else True
