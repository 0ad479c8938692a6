"""The questionnaire: which question comes next, what is proposed for it, and whether an answer is taken.

Pure logic: it reads no file and asks nobody. What it knows of the machine comes with the environment
(`facts`, `machine`, and `file()` for conditions); its own answers are what expressions see as `answers`.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.expressions import ABSENT, AbsentError, Environment, compile_expression
from wizard.expressions.text import plain
from wizard.guide.models.questions import QuestionType
from wizard.problems import Problem
from wizard.questions.form import FormQuestion
from wizard.questions.given import (
    TAKE,
    GivenAnswer,
    given_answers,
    given_for,
    hop_problems,
    place_of,
    statement_problems,
)
from wizard.questions.judging import Judge
from wizard.questions.model import Answer, AnswersFile, AnswerSource, Asked, Proposal, Unusable
from wizard.questions.names import split_key, with_answers
from wizard.questions.releases import (
    default_answer,
    known_releases,
)
from wizard.questions.standing import Standings
from wizard.questions.tables import RowRules, RowsRefusedError, without_secrets
from wizard.questions.validation import RefusedError, example_of, is_empty, quoted
from wizard.secrets import Secret
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Guide
    from wizard.questions.path import Path
    from wizard.questions.standing import Standing
    from wizard.questions.tables import Mistake

_NOTHING: Final = Environment()
_PROPOSED: Final = frozenset({AnswerSource.MACHINE, AnswerSource.DEFAULT})


class Questionnaire:
    """The questions of one guide and the answers so far.

    `given` are answers of a file, `sets` those of the command line (they win). A given value may be the
    mapping `{take: found}` (what the machine says; refused where it says nothing, or two things) or
    `{take: default}`; nothing else is ever taken from machine or default without a person's yes.

    An answer counts as long as it fits: its question is open again when a change elsewhere took its choice
    away or broke one of its conditions. `answers` holds every answer by id (`disk@1.4` for that of one hop);
    the value of an optional question that was left empty is None.
    """

    def __init__(
        self, loaded: LoadedGuide, given: AnswersFile | None = None, sets: Mapping[str, Any] | None = None
    ) -> None:
        """Begin without answers; nothing of what is given is taken yet."""
        self._loaded = loaded
        self._guide = loaded.guide
        self._standings = Standings(loaded.guide)
        self._judge = Judge(loaded.guide)
        self._file = given or AnswersFile()
        self._given = given_answers(self._file, sets or {})
        self._order: list[str] = []
        self._aside: dict[str, Answer] = {}
        self._reopened: dict[str, str] = {}
        self._rows: dict[str, Any] = {}
        self.answers: dict[str, Answer] = {}
        self._untried: Mapping[str, Answer] | None = None
        """The answers without those that are only tried; None while none is."""

    # -- asking ----------------------------------------------------------------------------------

    def next(self, env: Environment) -> Asked | None:
        """The first question that is asked now and has no answer that fits; None where there is none.

        `problem` says why the answer given (in the file, or before) was refused, `previous` what it was.
        ExpressionError where an expression of the guide fails.
        """
        env = self._environment(env)
        standing = self._asked(env)
        for number, one in enumerate(standing, 1):
            problem = self._misfit(one, one.environment(self._guide, env))
            if problem is not None:
                return self._put(one, problem, env, (number, len(standing)))
        return None

    def form(self, env: Environment) -> tuple[FormQuestion, ...]:
        """Every question that is asked now, in their order, answered or not.

        Where an expression of the guide cannot be evaluated as long as other answers are open, its question says so.
        """
        env = self._environment(env)
        standing = self._asked(env)
        count = len(standing)
        return tuple(self._form_question(one, env, (number, count)) for number, one in enumerate(standing, 1))

    def _form_question(self, one: Standing, env: Environment, place: tuple[int, int]) -> FormQuestion:
        section_why = readable(one.section.why, env) if one.section.why else ""
        answer = self.answers.get(one.question.id)
        try:
            problem = self._misfit(one, one.environment(self._guide, env))
            asked = self._put(one, problem, env, place)
        except ExpressionError as error:
            section, label = readable(one.section.section, env), readable(one.question.label, env)
            asked = Asked(one.question, section, label, "", problem=error.message, number=place[0], total=place[1])
            return FormQuestion(asked, answer, section_why=section_why)
        return FormQuestion(asked, answer, open=problem is not None, section_why=section_why)

    def _put(self, one: Standing, problem: str | None, env: Environment, place: tuple[int, int]) -> Asked:
        """A question as it is put to a person; `problem` is why it is open, None where it is answered."""
        question, inside, previous = one.question, one.environment(self._guide, env), None
        if problem is not None:
            problem, previous = self._before(one, problem, inside)
        return Asked(
            question=question,
            section=readable(one.section.section, env),
            label=f"{readable(question.label, inside)}{one.suffix}",
            why=readable(question.why, inside) if question.why else "",
            choices=self._judge.choices(one, inside),
            proposals=self._proposals(one, inside),
            problem=problem or "",
            previous=previous,
            number=place[0],
            total=place[1],
            rules=RowRules(question, inside) if question.columns is not None else None,
        )

    def proposals(self, id: str, env: Environment) -> tuple[Proposal, ...]:  # noqa: A002 - FORMAT's word
        """What is proposed for a question now, best first. KeyError as in `give`."""
        one = self._standing(id, env := self._environment(env))
        return self._proposals(one, one.environment(self._guide, env))

    def path(self, env: Environment) -> Path | None:
        """The path to the target version, None as long as something it depends on can still be answered.

        VersionPathError where there is none.
        """
        return self._standings.path(self._environment(env), self.answers)

    def give(self, id: str, raw: Any, env: Environment, source: AnswerSource) -> Answer | str:  # noqa: A002 - FORMAT's word
        """Take `raw` as the answer to a question, in the place of one that stands; a text says why not.

        KeyError where it is not asked now.
        """
        env = self._environment(env)
        one = self._standing(id, env)
        try:
            answer = Answer(id, self._judge.judged(one, raw, one.environment(self._guide, env)), source)
        except RefusedError as refusal:
            return str(refusal)
        self._keep(answer)
        return answer

    def trial(self, id: str, raw: Any, env: Environment) -> RefusedError | None:  # noqa: A002 - FORMAT's word
        """Why `raw` would not be taken as the answer to a question now; nothing is kept. KeyError as in `give`."""
        env = self._environment(env)
        one = self._standing(id, env)
        try:
            self._judge.judged(one, raw, one.environment(self._guide, env))
        except RefusedError as refusal:
            return refusal
        return None

    def take_given(self, env: Environment, *, past_open: bool = False) -> list[Answer]:
        """Take the next given answer: that of the first open question, in the order they are asked.

        At most one, so that facts which need it can be read before the next; empty where the next open
        question must be put to a person (nothing is given, or what is given does not fit), unless what is
        given for questions behind it is wanted too (`past_open`). Answers whose question was dropped and is
        asked again come back here too.
        """
        env = self._environment(env)
        for one in self._asked(env):
            inside = one.environment(self._guide, env)
            if self._misfit(one, inside) is None:
                continue
            answer = self._aside_answer(one, inside) or self._given_answer(one, inside)
            if isinstance(answer, Answer):
                self._keep(answer)
                return [answer]
            if not past_open and (answer is not None or not one.question.optional):
                return []
        return []

    def awaits(self, id: str) -> bool:  # noqa: A002 - FORMAT's word
        """Whether something was given for a question that may still be taken."""
        return id not in self.answers and id not in self._reopened and self._given_for(id) is not None

    def back(self) -> str | None:
        """Open the question that was answered last and give its id; None where there is none.

        Its answer is shown as the one before, and nothing given is taken for it any more.
        """
        while self._order:
            last = self._order.pop()
            if last in self.answers:
                self.reopen(last)
                return last
        return None

    def reopen(self, id: str, why: str = "") -> None:  # noqa: A002 - FORMAT's word
        """Open a question again that has an answer; `why` is shown where it is asked, with the answer before.

        Nothing given is taken for it any more. KeyError where it has no answer.
        """
        self._aside[id] = self.answers.pop(id)
        self._reopened[id] = why
        self._order = [name for name in self._order if name != id]

    def open_outdated(self, env: Environment) -> list[tuple[str, str]]:
        """Open the questions whose answer was a proposal that would not be made any more: ids, and why.

        What the file asked for by `{take: …}` is taken anew, everything else is put to a person again.
        """
        opened: list[tuple[str, str]] = []
        env = self._environment(env)
        for one in self._asked(env):
            name = one.question.id
            why = self._outdated(one, one.environment(self._guide, env))
            if not why:
                continue
            given = self._given_for(name)
            if given is not None and isinstance(given.value, dict) and name not in self._reopened:
                del self.answers[name]
            else:
                self.reopen(name, why)
            opened.append((name, why))
        return opened

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
        never kept: their questions are open, and tables with secrets in them are filled in but for those.
        """
        known = self._standings.declared
        for name, data in kept.items():
            if split_key(name)[0] not in known or data.get("secret"):
                continue
            if data.get("masked"):
                self._rows[name] = without_secrets(data["value"])
            else:
                self._keep(Answer(name, data["value"], AnswerSource(data["source"])))

    def problems(self, env: Environment) -> list[Problem]:
        """Everything that keeps the given answers from being complete, in the order of the questions.

        Missing answers, values that are refused, entries for ids the guide has not, each with file and
        line where it has one. Given answers are tried, not taken.
        """
        kept = self.answers, self._order, self._aside
        self._untried = self.answers
        self.answers, self._order, self._aside = dict(self.answers), list(self._order), dict(self._aside)
        try:
            return [*self._problems_when_taken(env), *self.given_problems()]
        finally:
            self.answers, self._order, self._aside = kept
            self._untried = None

    def given_problems(self) -> list[Problem]:
        """What is wrong with the answers file and `--set` whatever is answered: ids that the guide has not."""
        known = self._standings.declared
        found = [self._unknown_answer(name, list(known)) for name in self._given if split_key(name)[0] not in known]
        # Releases that are read from the machine are not known yet: they are open here.
        releases = known_releases(self._guide.versions, _NOTHING) if _are_written(self._guide) else ()
        found += hop_problems(self._given, known, releases, self._file)
        return [*found, *statement_problems(self._loaded, self._file)]

    # -- which questions are asked ---------------------------------------------------------------

    def _standing(self, name: str, env: Environment) -> Standing:
        """A question as it is asked now; KeyError where it is not."""
        found = next((one for one in self._asked(env) if one.question.id == name), None)
        return found if found is not None else _not_asked(name)

    def _environment(self, env: Environment) -> Environment:
        """What expressions see now: the answers of this questionnaire, and the guide's values made of them."""
        return with_answers(self._guide, env, {name: answer.value for name, answer in self.answers.items()})

    def _asked(self, env: Environment) -> list[Standing]:
        return self._standings.asked(env, self.answers)

    def _given_for(self, name: str) -> GivenAnswer | None:
        return given_for(self._given, name, self._file)

    def _keep(self, answer: Answer) -> None:
        self.answers[answer.id] = answer
        self._order = [*(name for name in self._order if name != answer.id), answer.id]
        self._aside.pop(answer.id, None)
        self._reopened.pop(answer.id, None)

    def _misfit(self, one: Standing, env: Environment) -> str | None:
        """Why a question is open: the reason its answer does not fit any more, empty without one; None: it is not."""
        answer = self.answers.get(one.question.id)
        if answer is None:
            return ""
        if answer.value is None:
            return None if one.question.optional else "an answer is needed now"
        try:
            self._judge.must_fit(one, answer.value, env)
        except RefusedError as refusal:
            return str(refusal)
        return None

    def _outdated(self, one: Standing, env: Environment) -> str:
        """Why an answer that was a proposal is none any more; empty where it is, or never was one."""
        answer = self.answers.get(one.question.id)
        if answer is None or answer.value is None or answer.source not in _PROPOSED:
            return ""
        machine = answer.source is AnswerSource.MACHINE
        proposals = self._found(one, env) if machine else self._defaults(one, env)
        if any(proposal.value == answer.value for proposal in proposals):
            return ""
        was = f"{quoted(answer.value)} was taken from {'the machine' if machine else 'the default'}"
        now = ", ".join(quoted(proposal.value) for proposal in proposals)
        return f"{was}, and now {f'{now} is proposed' if now else 'nothing is proposed any more'}"

    # -- what is given and what is proposed ------------------------------------------------------

    def _before(self, one: Standing, problem: str, env: Environment) -> tuple[str, Any]:
        """What is known of an answer before: why it was refused, and what it was (never a secret)."""
        name = one.question.id
        held = self.answers.get(name) or self._aside.get(name)
        previous = held.value if held is not None else self._rows.get(name)
        problem = problem or self._reopened.get(name, "")
        if previous is None and name not in self._reopened and (given := self._given_for(name)):
            try:
                self._given_value(one, given, env)
            except RefusedError as refusal:
                problem = f"{given.where}: {refusal}"
                previous = _showable(given.value)
        return problem, None if isinstance(previous, Secret) else previous

    def _aside_answer(self, one: Standing, env: Environment) -> Answer | None:
        """The answer a question had when it was asked before, where it still fits and nobody went back to it."""
        name = one.question.id
        answer = self._aside.get(name)
        if answer is None or name in self._reopened or name in self.answers:
            return None
        if answer.value is None:
            return answer if one.question.optional else None
        try:
            self._judge.must_fit(one, answer.value, env)
        except RefusedError:
            return None
        return answer

    def _given_answer(self, one: Standing, env: Environment) -> Answer | RefusedError | None:
        """The given answer to a question, or why it is refused; None where nothing is given."""
        name = one.question.id
        given = self._given_for(name)
        if given is None or name in self._reopened or name in self.answers:
            return None
        try:
            return self._given_value(one, given, env)
        except RefusedError as refusal:
            return refusal

    def _given_value(self, one: Standing, given: GivenAnswer, env: Environment) -> Answer:
        raw, source = given.value, given.source
        if isinstance(raw, dict):
            raw, source = self._taken(one, raw, env)
        return Answer(one.question.id, self._judge.judged(one, raw, env), source)

    def _taken(self, one: Standing, wish: dict[str, Any], env: Environment) -> tuple[Any, AnswerSource]:
        """What `{take: found}` or `{take: default}` stands for. RefusedError where that is nothing, or two things."""
        word = wish.get(TAKE)
        if set(wish) != {TAKE} or word not in ("found", "default"):
            raise RefusedError("write the answer, or {take: found} or {take: default}")
        if word == "default":
            value, _ = default_answer(one.question, self._guide.versions, env)
            if value is None:
                raise RefusedError("this question has no default: write the answer")
            return value, AnswerSource.DEFAULT
        found = self._found(one, env)
        if not found and self._standings.not_read_yet(one, env, self.answers, self._untried):
            raise RefusedError(
                "it is not read from the machine yet, because other answers are missing: mend those first"
            )
        if not found:
            raise RefusedError("nothing was found on the machine: write the answer")
        if len(found) > 1:
            differing = ", ".join(f"{quoted(value.value)} ({value.evidence})" for value in found)
            raise RefusedError(f"what was found differs: {differing}; write which one is right")
        return found[0].value, AnswerSource.MACHINE

    def _proposals(self, one: Standing, env: Environment) -> tuple[Proposal, ...]:
        """What was found on the machine, each value once; where nothing was, the default."""
        return tuple(self._found(one, env)) or self._defaults(one, env)

    def _defaults(self, one: Standing, env: Environment) -> tuple[Proposal, ...]:
        """The default where there is one now, as a proposal."""
        default, evidence = default_answer(one.question, self._guide.versions, env)
        return tuple(self._proposed(one, default, AnswerSource.DEFAULT, evidence, env))

    def _found(self, one: Standing, env: Environment) -> list[Proposal]:
        found: list[Proposal] = []
        for source in one.question.sources:
            program = compile_expression(source)
            try:
                value = program.evaluate(env)
            except AbsentError:
                continue
            evidence = next((name for name in sorted(program.references) if name.startswith("facts.")), source)
            for proposal in self._proposed(one, value, AnswerSource.MACHINE, evidence, env):
                if all(proposal.value != other.value for other in found):
                    found.append(proposal)
        return found

    def otherwise(self, answer: Answer, env: Environment) -> list[Proposal]:
        """What the machine says instead of an answer that was given; empty where it says the same, or nothing."""
        one = self._standing(answer.id, env := self._environment(env))
        return [found for found in self._found(one, one.environment(self._guide, env)) if found.value != answer.value]

    def _proposed(
        self, one: Standing, value: Any, source: AnswerSource, evidence: str, env: Environment
    ) -> Iterator[Proposal]:
        """A proposal where the value is one of the question's type; a secret only where a secret is asked for."""
        value = plain(value)
        if value is ABSENT or is_empty(value):
            return
        if isinstance(value, Secret) and one.question.type is not QuestionType.SECRET:
            return
        try:
            yield Proposal(self._judge.typed(one, value, env), source, evidence)
        except RefusedError:
            return

    # -- problems --------------------------------------------------------------------------------

    def _problems_when_taken(self, env: Environment) -> Iterator[Problem]:
        """Take what is given, and say what is wrong or missing then."""
        refused = self._take_all_given(env)
        inside = self._environment(env)
        for one in self._asked(inside):
            name, here = one.question.id, one.environment(self._guide, inside)
            if name in refused:
                yield from self._refused_problems(one, refused[name], here)
            elif reason := self._misfit(one, here):
                yield from self._refused_problems(one, RefusedError(reason), here)
            elif name not in self.answers and not one.question.optional:
                yield self._missing_problem(one, here)

    def _take_all_given(self, env: Environment) -> dict[str, RefusedError]:
        """Take every given answer that can be taken, past the questions that stay open; why others are refused."""
        refused: dict[str, RefusedError] = {}
        while True:
            inside = self._environment(env)
            for one in self._asked(inside):
                name, here = one.question.id, one.environment(self._guide, inside)
                if name in self.answers or name in refused:
                    continue
                answer = self._aside_answer(one, here) or self._given_answer(one, here)
                if isinstance(answer, Answer):
                    self._keep(answer)
                    break
                if answer is not None:
                    refused[name] = answer
            else:
                return refused

    def _refused_problems(self, one: Standing, refusal: RefusedError, env: Environment) -> Iterator[Problem]:
        name = one.question.id
        given = self._given_for(name)
        label = f"{readable(one.question.label, env)}{one.suffix}"
        hint = given.value.hint if given is not None and isinstance(given.value, Unusable) else ""
        problem = self._problem(f"answers.{name}", f"{label}: {refusal}", hint, "answer-invalid")
        if not isinstance(refusal, RowsRefusedError):
            yield problem
            return
        for mistake in refusal.mistakes:
            line, column = self._place_of_cell(problem, mistake)
            yield replace(
                problem, message=f"{label}: {mistake.text}", line=line, column=column, hint=mistake.hint or hint
            )

    def _place_of_cell(self, whole: Problem, mistake: Mistake) -> tuple[int, int]:
        """Line and column of a cell, of its row, or of the table."""
        keys = (f"{whole.key}[{mistake.row - 1}].{mistake.column}", f"{whole.key}[{mistake.row - 1}]")
        known = next((key for key in keys if whole.file == self._file.path and key in self._file.lines), None)
        return (self._file.lines[known], self._file.columns.get(known, 0)) if known else (whole.line, whole.column)

    def _missing_problem(self, one: Standing, env: Environment) -> Problem:
        question = one.question
        columns = ", ".join(f"{column.id}: …" for column in question.columns or ())
        example = (
            f"[{{{columns}}}]" if columns else one.example or example_of(question.type, self._judge.choices(one, env))
        )
        hint = f"under `answers:` write `{_entry(question.id, example)}`"
        found = self._found(one, env)
        if len(found) == 1:
            shown, take = quoted(found[0].value), _entry(question.id, "{take: found}")
            hint = f"the machine says {shown} ({found[0].evidence}): write it, or `{take}`"
        elif question.default is not None:
            hint += f", or `{_entry(question.id, '{take: default}')}`"
        label = f"{readable(question.label, env)}{one.suffix}"
        return Problem(
            f"no answer: {label}", self._file.path, key=f"answers.{question.id}", hint=hint, rule="answer-missing"
        )

    def _unknown_answer(self, name: str, known: list[str]) -> Problem:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`?" if near else f"the guide asks: {', '.join(known)}"
        return self._problem(f"answers.{name}", f"the guide has no question `{name}`", hint, "answer-unknown")

    def _problem(self, key: str, message: str, hint: str, rule: str) -> Problem:
        name = key.removeprefix("answers.")
        given = self._given_for(name)
        if given is not None and given.source is AnswerSource.OPERATOR:
            return Problem(message, given.where, key=key, hint=hint, rule=rule)
        return Problem(message, self._file.path, *place_of(self._file, name), key, hint, rule)


def _showable(given: Any) -> Any:
    """A given value that was refused, as it may be put before a person to be mended."""
    match given:
        case dict() | Unusable():
            return None
        case list():
            rows = [row for row in given if isinstance(row, dict)]
            kept = [{name: cell for name, cell in row.items() if not isinstance(cell, Unusable)} for row in rows]
            return kept or [one for one in given if not isinstance(one, Unusable)]
        case _:
            return given


def _entry(name: str, value: str) -> str:
    """The line of an answers file that gives a value, in the map of its hops where it is for one hop."""
    question, hop = split_key(name)
    return f'{question}: {{"{hop}": {value}}}' if hop else f"{question}: {value}"


def _are_written(guide: Guide) -> bool:
    """Whether the guide itself says which releases there are."""
    releases = guide.versions.releases
    return releases != "open" and getattr(releases, "from_", None) is None


def _not_asked(name: str) -> Standing:
    raise KeyError(name)
