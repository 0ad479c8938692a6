"""The questionnaire: which question comes next, what is proposed for it, and whether an answer is taken.

Pure logic: it reads no file and asks nobody. What it knows of the machine comes with the environment
(`facts`, `machine`, and `file()` for conditions); its own answers are what expressions see as `answers`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.expressions import ABSENT, AbsentError, compile_expression
from wizard.expressions.text import plain
from wizard.guide.models.questions import QuestionType
from wizard.problems import Problem
from wizard.questions.choices import Choices, default_of, listed_choices, rendered_choices
from wizard.questions.conditions import must_be_within, must_meet
from wizard.questions.given import GivenAnswer, given_answers, statement_problems
from wizard.questions.model import Answer, AnswersFile, AnswerSource, Asked, Proposal, Unusable
from wizard.questions.names import with_answers
from wizard.questions.releases import CURRENT, NEWEST_WORDS, TARGET, known_releases, sections_of, target_choices
from wizard.questions.tables import read_rows
from wizard.questions.validation import RefusedError, example_of, is_empty, quoted, read_value
from wizard.questions.wording import readable
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models.questions import Question, Section

TAKE: Final = "take"
"""Key of a given value that names where the answer is to come from: `{take: found}`, `{take: default}`."""

_OF_CHOICES: Final = frozenset({QuestionType.CHOICE, QuestionType.CHOICES, QuestionType.VERSION})
"""Types whose answers may be bound to choices."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A question that is asked now, with the section it stands in."""

    section: Section
    question: Question


class Questionnaire:
    """The questions of one guide and the answers so far.

    `given` are answers of a file, `sets` those of the command line (they win). A given value may be the
    mapping `{take: found}` (what the machine says; refused where it says nothing, or two things) or
    `{take: default}`; nothing else is ever taken from machine or default without a person's yes.

    An answer counts as long as it fits: its question is open again when a change elsewhere took its choice
    away or broke one of its conditions. `answers` holds every answer by id; the value of an optional
    question that was left empty is None.
    """

    def __init__(
        self, loaded: LoadedGuide, given: AnswersFile | None = None, sets: Mapping[str, Any] | None = None
    ) -> None:
        """Begin without answers; nothing of what is given is taken yet."""
        self._loaded = loaded
        self._guide = loaded.guide
        self._sections = sections_of(loaded.guide)
        self._file = given or AnswersFile()
        self._given = given_answers(self._file, sets or {})
        self._order: list[str] = []
        self._aside: dict[str, Answer] = {}
        self._reopened: set[str] = set()
        self.answers: dict[str, Answer] = {}

    # -- asking ----------------------------------------------------------------------------------

    def next(self, env: Environment) -> Asked | None:
        """The first question that is asked now and has no answer that fits; None where there is none.

        `problem` says why the answer given (in the file, or before) was refused, `previous` what it was.
        ExpressionError where an expression of the guide fails.
        """
        env = self._environment(env)
        standing = list(self._asked(env))
        for number, one in enumerate(standing, 1):
            question = one.question
            problem = self._misfit(question, env)
            if problem is None:
                continue
            problem, previous = self._before(question, problem, env)
            return Asked(
                question=question,
                section=readable(one.section.section, env),
                label=readable(question.label, env),
                why=readable(question.why, env) if question.why else "",
                choices=self._choices(question, env),
                proposals=self._proposals(question, env),
                problem=problem,
                previous=previous,
                number=number,
                total=len(standing),
            )
        return None

    def give(self, id: str, raw: Any, env: Environment, source: AnswerSource) -> Answer | str:  # noqa: A002 - FORMAT's word
        """Take `raw` as the answer to a question, in the place of one that stands; a text says why not.

        KeyError where the guide has no such question.
        """
        question = self._question(id)
        try:
            answer = Answer(id, self._judged(question, raw, self._environment(env)), source)
        except RefusedError as refusal:
            return str(refusal)
        self._keep(answer)
        return answer

    def take_given(self, env: Environment) -> list[Answer]:
        """Take the next given answer: that of the first open question, in the order they are asked.

        At most one, so that facts which need it can be read before the next; empty where the next open
        question must be put to a person (nothing is given, or what is given does not fit). Answers whose
        question was dropped and is asked again come back here too.
        """
        env = self._environment(env)
        for one in self._asked(env):
            question = one.question
            if self._misfit(question, env) is None:
                continue
            answer = self._aside_answer(question, env) or self._given_answer(question, env)
            if isinstance(answer, Answer):
                self._keep(answer)
                return [answer]
            if answer is not None or not question.optional:
                return []
        return []

    def back(self) -> str | None:
        """Open the question that was answered last and give its id; None where there is none.

        Its answer is shown as the one before, and nothing given is taken for it any more.
        """
        while self._order:
            last = self._order.pop()
            if last in self.answers:
                self._aside[last] = self.answers.pop(last)
                self._reopened.add(last)
                return last
        return None

    def drop_unasked(self, env: Environment) -> list[str]:
        """Put the answers aside whose question is not asked any more, and give their ids.

        They come back by `take_given` when the question does.
        """
        dropped: list[str] = []
        while True:
            inside = self._environment(env)
            asked = {one.question.id for one in self._asked(inside)}
            gone = [name for name in self.answers if name not in asked]
            if not gone:
                return dropped
            for name in gone:
                self._aside[name] = self.answers.pop(name)
            dropped += gone

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Take back the answers of a session that is resumed: `value`, `source` and `secret` by id, as it keeps them.

        They are not judged here, but open again like any other where they do not fit any more. Secrets were
        never kept: their questions are open.
        """
        known = {question.id for question in self._all()}
        for name, data in kept.items():
            if name in known and not data.get("secret"):
                self._keep(Answer(name, data["value"], AnswerSource(data["source"])))

    def problems(self, env: Environment) -> list[Problem]:
        """Everything that keeps the given answers from being complete, in the order of the questions.

        Missing answers, values that are refused, entries for ids the guide has not, each with file and
        line where it has one. Given answers are tried, not taken.
        """
        kept = self.answers, self._order, self._aside
        self.answers, self._order, self._aside = dict(self.answers), list(self._order), dict(self._aside)
        try:
            return [*self._problems_when_taken(env), *self.given_problems()]
        finally:
            self.answers, self._order, self._aside = kept

    def given_problems(self) -> list[Problem]:
        """What is wrong with the answers file and `--set` whatever is answered: ids that the guide has not."""
        known = [question.id for question in self._all()]
        found = [self._unknown_answer(name, known) for name in self._given if name not in known]
        return [*found, *statement_problems(self._loaded, self._file)]

    # -- which questions are asked ---------------------------------------------------------------

    def _all(self) -> Iterator[Question]:
        return (question for section in self._sections for question in section.ask)

    def _question(self, name: str) -> Question:
        return next((question for question in self._all() if question.id == name), None) or _no_question(name)

    def _environment(self, env: Environment) -> Environment:
        """What expressions see now: the answers of this questionnaire, and the guide's values made of them."""
        return with_answers(self._guide, env, {name: answer.value for name, answer in self.answers.items()})

    def _asked(self, env: Environment) -> Iterator[_Standing]:
        for section in self._sections:
            if not _holds(section.when, env, f"the section {section.section!r}"):
                continue
            for question in section.ask:
                if _holds(question.when, env, f"the question {question.id}"):
                    yield _Standing(section, question)

    def _keep(self, answer: Answer) -> None:
        self.answers[answer.id] = answer
        self._order = [*(name for name in self._order if name != answer.id), answer.id]
        self._aside.pop(answer.id, None)
        self._reopened.discard(answer.id)

    # -- judging ---------------------------------------------------------------------------------

    def _judged(self, question: Question, raw: Any, env: Environment) -> Any:
        """The value of an answer, None where it is left empty and may be. RefusedError where it does not fit."""
        if isinstance(raw, Unusable):
            raise RefusedError(raw.reason)
        if is_empty(raw):
            if question.optional:
                return None
            choices = self._choices(question, env)
            raise RefusedError(f"an answer is needed, such as {example_of(question.type, choices)}")
        value = self._typed(question, raw, env)
        self._must_fit(question, value, env)
        return value

    def _typed(self, question: Question, raw: Any, env: Environment) -> Any:
        """The value as its type has it. RefusedError where it is none of that type."""
        if question.type is QuestionType.TABLE:
            return read_rows(question, raw, env)
        if question.id == TARGET and isinstance(raw, str) and raw.strip().lower() in NEWEST_WORDS:
            raw = self._newest(raw.strip(), env)
        product = question.id in (CURRENT, TARGET)
        choices = self._choices(question, env)
        return read_value(
            question.type,
            raw,
            choices=choices,
            other=not _is_closed(question),
            pattern=self._guide.versions.pattern if product else None,
        )

    def _newest(self, word: str, env: Environment) -> str:
        releases = known_releases(self._guide.versions, env)
        if not releases:
            raise RefusedError(f"{word!r} says nothing here, for the releases are not known: write the version")
        return str(releases[-1])

    def _must_fit(self, question: Question, value: Any, env: Environment) -> None:
        """Hold a value of the right type against choices and conditions. RefusedError where it does not fit."""
        if question.type in _OF_CHOICES and _is_closed(question):
            offered = [choice for choice, _ in self._choices(question, env)]
            for one in value if isinstance(value, list) else [value]:
                if one not in offered:
                    raise RefusedError(f"{quoted(one)} is not among the choices any more: {', '.join(offered[:12])}")
        must_be_within(question, value, env)
        answers = {**env.names.get("answers", {}), question.id: value}
        must_meet(question.valid, with_answers(self._guide, env, answers))

    def _misfit(self, question: Question, env: Environment) -> str | None:
        """Why a question is open: the reason its answer does not fit any more, empty without one; None: it is not."""
        answer = self.answers.get(question.id)
        if answer is None:
            return ""
        if answer.value is None:
            return None if question.optional else "an answer is needed now"
        try:
            self._must_fit(question, answer.value, env)
        except RefusedError as refusal:
            return str(refusal)
        return None

    # -- what is given and what is proposed ------------------------------------------------------

    def _before(self, question: Question, problem: str, env: Environment) -> tuple[str, Any]:
        """What is known of an answer before: why it was refused, and what it was (never a secret)."""
        held = self.answers.get(question.id) or self._aside.get(question.id)
        previous = held.value if held is not None else None
        if previous is None and question.id not in self._reopened and (given := self._given.get(question.id)):
            try:
                self._given_value(question, given, env)
            except RefusedError as refusal:
                problem = f"{given.where}: {refusal}"
                previous = None if isinstance(given.value, dict | Unusable) else given.value
        return problem, None if isinstance(previous, Secret) else previous

    def _aside_answer(self, question: Question, env: Environment) -> Answer | None:
        """The answer a question had when it was asked before, where it still fits and nobody went back to it."""
        answer = self._aside.get(question.id)
        if answer is None or question.id in self._reopened or question.id in self.answers:
            return None
        if answer.value is None:
            return answer if question.optional else None
        try:
            self._must_fit(question, answer.value, env)
        except RefusedError:
            return None
        return answer

    def _given_answer(self, question: Question, env: Environment) -> Answer | str | None:
        """The given answer to a question; a text says why it is refused, None that nothing is given."""
        given = self._given.get(question.id)
        if given is None or question.id in self._reopened or question.id in self.answers:
            return None
        try:
            return self._given_value(question, given, env)
        except RefusedError as refusal:
            return str(refusal)

    def _given_value(self, question: Question, given: GivenAnswer, env: Environment) -> Answer:
        raw, source = given.value, given.source
        if isinstance(raw, dict):
            raw, source = self._taken(question, raw, env)
        return Answer(question.id, self._judged(question, raw, env), source)

    def _taken(self, question: Question, wish: dict[str, Any], env: Environment) -> tuple[Any, AnswerSource]:
        """What `{take: found}` or `{take: default}` stands for. RefusedError where that is nothing, or two things."""
        word = wish.get(TAKE)
        if set(wish) != {TAKE} or word not in ("found", "default"):
            raise RefusedError("write the answer, or {take: found} or {take: default}")
        if word == "default":
            value = default_of(question.default, env)
            if value is None:
                raise RefusedError("this question has no default: write the answer")
            return value, AnswerSource.DEFAULT
        found = self._found(question, env)
        if not found:
            raise RefusedError("nothing was found on the machine: write the answer")
        if len(found) > 1:
            differing = ", ".join(f"{quoted(one.value)} ({one.evidence})" for one in found)
            raise RefusedError(f"what was found differs: {differing}; write which one is right")
        return found[0].value, AnswerSource.MACHINE

    def _proposals(self, question: Question, env: Environment) -> tuple[Proposal, ...]:
        """What was found on the machine, each value once; where nothing was, the default."""
        found = self._found(question, env)
        if found:
            return tuple(found)
        default, evidence = default_of(question.default, env), ""
        if default is None and question.id == TARGET and (releases := known_releases(self._guide.versions, env)):
            default, evidence = str(releases[-1]), "the newest release that the guide knows"
        return tuple(self._proposed(question, default, AnswerSource.DEFAULT, evidence, env))

    def _found(self, question: Question, env: Environment) -> list[Proposal]:
        found: list[Proposal] = []
        for source in question.sources:
            program = compile_expression(source)
            try:
                value = program.evaluate(env)
            except AbsentError:
                continue
            evidence = next((name for name in sorted(program.references) if name.startswith("facts.")), source)
            for proposal in self._proposed(question, value, AnswerSource.MACHINE, evidence, env):
                if all(proposal.value != one.value for one in found):
                    found.append(proposal)
        return found

    def _proposed(
        self, question: Question, value: Any, source: AnswerSource, evidence: str, env: Environment
    ) -> Iterator[Proposal]:
        """A proposal where the value is one of the question's type; a secret only where a secret is asked for."""
        value = plain(value)
        if value is ABSENT or is_empty(value):
            return
        if isinstance(value, Secret) and question.type is not QuestionType.SECRET:
            return
        try:
            yield Proposal(self._typed(question, value, env), source, evidence)
        except RefusedError:
            return

    def _choices(self, question: Question, env: Environment) -> Choices:
        if question.choices_from is not None:
            return listed_choices(question.choices_from, env)
        if question.choices is not None:
            return rendered_choices(question.choices, env)
        if question.id == TARGET and question.type is QuestionType.VERSION:
            current = env.names.get("answers", {}).get(CURRENT)
            return target_choices(known_releases(self._guide.versions, env), current)
        return ()

    # -- problems --------------------------------------------------------------------------------

    def _problems_when_taken(self, env: Environment) -> Iterator[Problem]:
        """Take what is given, and say what is wrong or missing then."""
        refused = self._take_all_given(env)
        inside = self._environment(env)
        for one in self._asked(inside):
            question = one.question
            reason = refused.get(question.id) or self._misfit(question, inside)
            if reason:
                yield self._refused_problem(question, reason, inside)
            elif question.id not in self.answers and not question.optional:
                yield self._missing_problem(question, inside)

    def _take_all_given(self, env: Environment) -> dict[str, str]:
        """Take every given answer that can be taken, past the questions that stay open; why others are refused."""
        refused: dict[str, str] = {}
        while True:
            inside = self._environment(env)
            for one in self._asked(inside):
                question = one.question
                if question.id in self.answers or question.id in refused:
                    continue
                answer = self._aside_answer(question, inside) or self._given_answer(question, inside)
                if isinstance(answer, Answer):
                    self._keep(answer)
                    break
                if answer is not None:
                    refused[question.id] = answer
            else:
                return refused

    def _refused_problem(self, question: Question, reason: str, env: Environment) -> Problem:
        given = self._given.get(question.id)
        label = readable(question.label, env)
        hint = given.value.hint if given is not None and isinstance(given.value, Unusable) else ""
        return self._problem(f"answers.{question.id}", f"{label}: {reason}", hint, "answer-invalid")

    def _missing_problem(self, question: Question, env: Environment) -> Problem:
        columns = ", ".join(f"{column.id}: …" for column in question.columns or ())
        example = f"[{{{columns}}}]" if columns else example_of(question.type, self._choices(question, env))
        hint = f"under `answers:` write `{question.id}: {example}`"
        found = self._found(question, env)
        if len(found) == 1:
            shown = quoted(found[0].value)
            hint = f"the machine says {shown} ({found[0].evidence}): write it, or `{question.id}: {{take: found}}`"
        elif question.default is not None:
            hint += f", or `{question.id}: {{take: default}}`"
        label = readable(question.label, env)
        return Problem(
            f"no answer: {label}", self._file.path, key=f"answers.{question.id}", hint=hint, rule="answer-missing"
        )

    def _unknown_answer(self, name: str, known: list[str]) -> Problem:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"the guide asks: {', '.join(known)}"
        return self._problem(f"answers.{name}", f"the guide has no question `{name}`", hint, "answer-unknown")

    def _problem(self, key: str, message: str, hint: str, rule: str) -> Problem:
        given = self._given.get(key.removeprefix("answers."))
        if given is not None and given.source is AnswerSource.OPERATOR:
            return Problem(message, given.where, key=key, hint=hint, rule=rule)
        file = self._file
        return Problem(message, file.path, file.lines.get(key, 0), file.columns.get(key, 0), key, hint, rule)


def _is_closed(question: Question) -> bool:
    """Whether only the question's choices are answers; those that the engine suggests are not all there are."""
    return not question.other and (question.choices is not None or question.choices_from is not None)


def _holds(condition: str | None, env: Environment, what: str) -> bool:
    if condition is None:
        return True
    try:
        return compile_expression(condition).holds(env)
    except ExpressionError as error:
        raise ExpressionError(f"`when` of {what}: {error.message}", hint=error.hint, column=error.column) from None


def _no_question(name: str) -> Question:
    raise KeyError(name)
