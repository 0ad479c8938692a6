"""The form of a run: what is asked now, what becomes of an answer, and what follows from it.

Facts are read as soon as what they need is answered, questions come and go, and answers that were proposals are open
again where they would not be proposed now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from wizard.errors import AnswersError, ExpressionError, VersionPathError
from wizard.questions.form import Checked, FormQuestion, FormView, Given, Kept, Reopened
from wizard.questions.model import AnswerSource
from wizard.questions.names import split_key
from wizard.questions.standing import Standings, hops_of
from wizard.questions.tables import RowsRefusedError
from wizard.questions.validation import RefusedError
from wizard.questions.yaml_text import written
from wizard.run.collecting import Collecting
from wizard.run.events import AnswerTaken, Said
from wizard.run.names import environment
from wizard.run.records import Record
from wizard.run.secret_answers import record_answer
from wizard.secrets import Secret, masked
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.expressions import Environment
    from wizard.questions.model import Asked
    from wizard.questions.path import Path
    from wizard.questions.questionnaire import Questionnaire
    from wizard.questions.tables import Mistake
    from wizard.run.collecting import Looking
    from wizard.run.context import Run


class Filling:
    """The form of a run while it is filled in, in the engine's thread (`wizard.questions.form.Form`)."""

    def __init__(self, run: Run, questionnaire: Questionnaire) -> None:
        """Fill `questionnaire` in for `run`."""
        self._run = run
        self._questionnaire = questionnaire
        self._facts = Collecting(run)
        self._facts.on_look = self._looking
        self._looked: Callable[[FormView], object] | None = None
        self._refused: dict[str, tuple[RefusedError, Any]] = {}
        """What was given last and refused, by question, with the reason."""
        self._changed: list[str] = []
        self._begun = False
        self._ready = False
        """Whether what was given beforehand was taken as far as it can be."""
        self._in_order = True

    # -- the form ----------------------------------------------------------------------------------

    def begin(self, *, in_order: bool = False) -> None:
        """Read what can be read now and take what was given beforehand. AnswersError where that fits nothing."""
        if self._begun:
            return
        self._begun, self._in_order = True, in_order
        # Before the machine is looked at: reading may take its time, and what is typed meanwhile would be lost.
        if problems := self._questionnaire.given_problems():
            raise AnswersError("Something in the given answers fits nothing this guide asks.", problems)
        self.follow()
        self._ready = True
        self._changed.clear()

    def view(self) -> FormView:
        """The form as it is now."""
        return self._view(environment(self._run))

    def take(self, what: Given | Reopened | Kept) -> FormView:
        """Carry out what the person did, and give the form as it is then."""
        before = self._view(environment(self._run))
        self._changed.clear()
        if all(one.id != what.id for one in before.questions):
            self._changed.append(f"Not asked any more: {self._label(what.id)}")
            return replace(before, changed=tuple(self._changed))
        match what:
            case Given():
                self._give(what)
            case Reopened():
                self._reopen(what)
            case Kept():
                self._refused.pop(what.id, None)
            case _:
                assert_never(what)
        now = self._view(environment(self._run))
        known = {one.id for one in before.questions}
        self._changed += [f"Asked now: {one.asked.label}" for one in now.questions if one.id not in known]
        return replace(now, changed=tuple(self._changed))

    def check(self, given: Given) -> Checked:
        """Say what would become of a value; nothing is kept."""
        try:
            refusal = self._questionnaire.trial(given.id, given.raw, environment(self._run))
        except KeyError:
            return Checked(given)
        except ExpressionError as error:
            return Checked(given, error.message)
        return Checked(given) if refusal is None else Checked(given, str(refusal), _mistakes(refusal))

    def next(self) -> Asked | None:
        """The first question that is open; None where none is. VersionPathError where no path leads to the target."""
        self.hops()
        asked = self._questionnaire.next(environment(self._run))
        return asked if asked is None else self._with_refusal(asked)

    def back(self) -> None:
        """Open the question that was answered last."""
        self._refused.clear()
        if (before := self._questionnaire.back()) is not None:
            self._run.record(Record.ANSWER_DROPPED, id=before)

    def on_look(self, looked: Callable[[FormView], object]) -> None:
        """Call `looked` with the form as it is whenever something was read from the machine, or begins to be."""
        self._looked = looked

    # -- what the preparation of a run needs besides -----------------------------------------------

    def hops(self) -> tuple[dict[str, Any], ...]:
        """What `hop` means in each hop, nothing while they are not known. VersionPathError where there is no path."""
        path = self._path()
        return tuple(hops_of(path, self._questionnaire.answers)) if path is not None else ()

    def look_again(self) -> None:
        """Read every fact anew, and see what follows."""
        self._facts.forget()
        self.follow(all_asked=True)

    def follow(self, *, all_asked: bool = False) -> None:
        """What follows from a new answer, until nothing more does.

        Facts that can be read now, answers that are given, questions that are not asked any more, answers
        that were proposals and would not be proposed now.
        """
        run, questionnaire = self._run, self._questionnaire
        while True:
            self._read_facts(all_asked=all_asked)
            taken = questionnaire.take_given(environment(run), past_open=not self._in_order)
            for answer in taken:
                record_answer(run, answer)
                run.operator.tell(AnswerTaken(replace(answer, value=masked(answer.value)), self._label(answer.id)))
                for found in questionnaire.otherwise(answer, environment(run)):
                    seen = f"{written(masked(found.value))} ({found.evidence})"
                    self._say(f"{self._label(answer.id)}: the machine says {seen}", "warning")
            dropped = [] if taken else questionnaire.drop_unasked(environment(run))
            outdated = [] if taken else questionnaire.open_outdated(environment(run))
            for name in dropped:
                run.record(Record.ANSWER_DROPPED, id=name)
                self._say(f"Not asked any more: {self._label(name)}")
            for name, why in outdated:
                run.record(Record.ANSWER_DROPPED, id=name)
                self._say(f"Open again: {self._label(name)}: {why}")
            if not (taken or dropped or outdated):
                return

    # -- taking ------------------------------------------------------------------------------------

    def _give(self, given: Given) -> None:
        """Take an answer and see what follows, or keep why it is refused."""
        run, questionnaire = self._run, self._questionnaire
        env = environment(run)
        answer = questionnaire.give(given.id, given.raw, env, self._source(given, env))
        if isinstance(answer, str):
            refusal = questionnaire.trial(given.id, given.raw, env) or RefusedError(answer)
            self._refused[given.id] = refusal, None if isinstance(given.raw, Secret) else given.raw
            return
        self._refused.pop(given.id, None)
        record_answer(run, answer)
        self.follow()

    def _reopen(self, what: Reopened) -> None:
        if what.id in self._questionnaire.answers:
            self._questionnaire.reopen(what.id, what.why)
            self._run.record(Record.ANSWER_DROPPED, id=what.id)
        self._refused.pop(what.id, None)

    def _source(self, given: Given, env: Environment) -> AnswerSource:
        """Where a person's reply comes from: a proposal taken as it is keeps its source."""
        proposals = self._questionnaire.proposals(given.id, env)
        return next((one.source for one in proposals if one.value == given.raw), AnswerSource.OPERATOR)

    def _path(self) -> Path | None:
        return self._questionnaire.path(environment(self._run))

    def _read_facts(self, *, all_asked: bool) -> None:
        try:
            hops = self.hops() if any(fact.per for fact in self._run.loaded.guide.facts.values()) else ()
        except VersionPathError:
            hops = ()
        self._facts.read(hops, all_asked=all_asked)

    def _say(self, words: str, kind: str = "note") -> None:
        self._changed.append(words)
        self._run.operator.tell(Said(words, kind))

    # -- showing -----------------------------------------------------------------------------------

    def _looking(self, looking: Looking) -> None:
        """Show what is read just now, and what of it is there."""
        if self._looked is None:
            return
        env = environment(self._run)
        try:
            view = self._view(env.with_names(facts={**(env.names.get("facts") or {}), **looking.values}))
        except ExpressionError:
            return  # it may be made of facts that are still missing; once all are there it counts
        self._looked(replace(view, looking=looking.titles))

    def _view(self, env: Environment) -> FormView:
        path: tuple[str, ...] = ()
        problem = ""
        try:
            if (found := self._questionnaire.path(env)) is not None and found.legs:
                path = (found.legs[0].from_version, *(leg.to_version for leg in found.legs))
        except VersionPathError as error:
            problem = "\n".join(text for text in (error.message, error.hint) if text)
        # What was given and is still to be taken is no question to anybody, and a stray enter must not answer it.
        form = [one for one in self._questionnaire.form(env) if self._ready or not self._questionnaire.awaits(one.id)]
        questions = tuple(self._shown(one) for one in form)
        return FormView(questions, tuple(self._changed), path, problem, ready=self._ready)

    def _shown(self, one: FormQuestion) -> FormQuestion:
        """A question with what was given last and refused; it is open even where an earlier answer stands."""
        refused = self._refused.get(one.id)
        if refused is None:
            return one
        return replace(one, asked=self._with_refusal(one.asked), open=True, mistakes=_mistakes(refused[0]))

    def _with_refusal(self, asked: Asked) -> Asked:
        if (refused := self._refused.get(asked.question.id)) is None:
            return asked
        refusal, raw = refused
        return replace(asked, problem=str(refusal), previous=raw)

    def _label(self, name: str) -> str:
        question, hop = split_key(name)
        declared = Standings(self._run.loaded.guide).declared.get(question)
        label = declared.label if declared is not None else question.replace("_", " ")
        return readable(label, environment(self._run)) + (f" ({hop})" if hop else "")


def _mistakes(refusal: RefusedError) -> tuple[Mistake, ...]:
    return refusal.mistakes if isinstance(refusal, RowsRefusedError) else ()
