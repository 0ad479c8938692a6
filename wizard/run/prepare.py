"""Everything before the walk: facts, questionnaire, checks, plan. Nothing of it changes the machine but a `fix`.

Facts that need no answer are read first; the others as soon as what they use is answered. Findings
are shown all at once. The plan is frozen when the operator starts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.errors import AnswersError, BlockedError, StoppedError, VersionPathError
from wizard.guide.catalog import called
from wizard.guide.models.checks import Blocks
from wizard.plan.forbidden import refuse_forbidden
from wizard.questions.names import STOP_RELEASE, split_key
from wizard.questions.releases import CURRENT, TARGET
from wizard.questions.standing import Standings, hops_of
from wizard.questions.yaml_text import written
from wizard.run import boxes
from wizard.run.asking import as_lines, ask_one, blocking
from wizard.run.changes import finding_changes, plan_changes
from wizard.run.collecting import Collecting
from wizard.run.events import AnswerTaken, ChecksEnded, PlanMade, Said
from wizard.run.guide_checks import as_data, ask_guide_checks, in_hop
from wizard.run.names import environment
from wizard.run.operator import Back, Choice, ChoiceRequest
from wizard.run.reading import read_first
from wizard.run.records import Record
from wizard.run.secret_answers import record_answer
from wizard.secrets import masked
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wizard.checks.model import Finding, Statement, StatementRequest
    from wizard.expressions import Environment
    from wizard.guide.models import Check
    from wizard.plan.model import Plan
    from wizard.questions.model import Answer
    from wizard.questions.questionnaire import Questionnaire
    from wizard.run.boxes import Box
    from wizard.run.context import Run


class Preparation:
    """Asks, checks and plans for a run."""

    def __init__(
        self,
        run: Run,
        questionnaire: Questionnaire,
        *,
        standing: Callable[[Run], tuple[Finding, ...]],
        fix: Callable[[Run, Check, Environment], None],
        took_before: Mapping[str, float] | None = None,
    ) -> None:
        """Prepare `run`.

        `standing` gives findings about this machine that belong to no guide (root, logout, another
        session on the same installation); `fix` carries out a check's fix with what that sees. `took_before`
        are the seconds steps took in earlier sessions (`run.durations`).
        """
        self._run = run
        self._questionnaire = questionnaire
        self._standing = standing
        self._fix = fix
        self._took_before = took_before
        self._facts = Collecting(run)
        self._stated: dict[StatementRequest, Statement] = {}
        """What a person said yes to: it is not asked again after each fix or bypass."""

    def plan(self) -> Plan:
        """Come to a plan that may be walked, or raise what keeps the run from beginning."""
        self.ask()
        before: tuple[tuple[Finding, ...], Plan] | None = None
        while True:
            findings = self.check()
            if before is not None:
                self._tell(finding_changes(before[0], findings))
            if (plan := self._plan_or_none()) is None:
                self._change_answers()
                continue
            if before is not None:
                self._tell(plan_changes(before[1], plan))
                before = None
            chosen = self._run.operator.proceed(plan, findings)
            key, _, name = chosen.key.partition(":")
            match key:
                case "start":
                    if still := self.blockers(findings):
                        self._refuse(still)
                        continue
                    self._read_notes()
                    return self.freeze(plan)
                case "fix":
                    self._mend(name)
                case "bypass":
                    self._bypass(findings, name, chosen.reason)
                case "answers":
                    before = findings, plan
                    self._change_answers()
                case "again":
                    before = findings, plan
                    self._facts.forget()
                    self._stated.clear()
                    self._follow(all_asked=True)
                case _:
                    raise StoppedError("stopped before the first step")

    # -- questions and facts ---------------------------------------------------------------------

    def ask(self) -> None:
        """Put every question that is still open, reading facts as soon as they can be read.

        VersionPathError as soon as it is known that no path leads to the target version, AnswersError where
        nobody is there and something is missing or wrong.
        """
        run, questionnaire = self._run, self._questionnaire
        self._follow()
        if not run.operator.attended:
            self._path()
            if problems := questionnaire.problems(environment(run)):
                raise AnswersError("The answers are not complete.", problems, hint=_hint(run))
        elif problems := questionnaire.given_problems():
            raise AnswersError("Something in the given answers fits nothing this guide asks.", problems)
        else:
            self._ask_rest()
            return
        self._follow(all_asked=True)

    def _ask_rest(self) -> None:
        """Put the open questions to a person; what is read at their end may open one again."""
        self._ask_person()
        self._follow(all_asked=True)
        self._ask_person()

    def _ask_person(self) -> None:
        """Put the open questions to a person, until none is left and a path leads to the target version."""
        run, questionnaire = self._run, self._questionnaire
        problem, previous = "", None
        while True:
            try:
                self._path()
            except VersionPathError as error:
                self._choose_other_versions(error)
            asked = questionnaire.next(environment(run))
            if asked is None:
                return
            raw = run.operator.answer(_with(asked, problem, previous))
            problem, previous = "", None
            if isinstance(raw, Back):
                if (before := questionnaire.back()) is not None:
                    run.record(Record.ANSWER_DROPPED, id=before)
                continue
            given = questionnaire.give(asked.question.id, raw, environment(run), _source(asked, raw))
            if isinstance(given, str):
                problem, previous = given, raw
                continue
            record_answer(run, given)
            self._follow()

    def _path(self) -> tuple[dict[str, Any], ...]:
        """What `hop` means in each hop, nothing while they are not known. VersionPathError where there is no path."""
        path = self._questionnaire.path(environment(self._run))
        return tuple(hops_of(path, self._questionnaire.answers)) if path is not None else ()

    def _choose_other_versions(self, error: VersionPathError) -> None:
        """Let a person mend the versions no path leads between; `error` is raised where they do not want to."""
        answers = self._questionnaire.answers
        made_of = [name for name in answers if split_key(name)[0] in (TARGET, CURRENT, STOP_RELEASE)]
        ways = [Choice(name, f"Answer again: {self._answer_words(name)}") for name in reversed(made_of)]
        chosen = self._run.operator.choose(
            ChoiceRequest(
                id="version-path",
                title="There is no way to that version",
                text="\n".join(text for text in (error.message, error.hint) if text),
                choices=(*ways, Choice("stop", "Stop here, before the first step")),
            )
        )
        if chosen.key not in answers:
            raise error
        self._reopen(chosen.key, error.message)

    def _change_answers(self) -> None:
        """Let a person pick an answer to change, and ask what is open then."""
        answers = list(self._questionnaire.answers)
        ways = tuple(Choice(f"answer:{name}", self._answer_words(name)) for name in answers)
        request = ChoiceRequest(
            id="answers",
            title="Which answer is to be changed",
            text="What hangs on it is looked at again.",
            choices=(*ways, Choice("none", "None of them")),
        )
        chosen = self._run.operator.choose(request).key.removeprefix("answer:")
        if chosen in answers:
            self._reopen(chosen)
            self._ask_rest()

    def _reopen(self, name: str, why: str = "") -> None:
        self._questionnaire.reopen(name, why)
        self._run.record(Record.ANSWER_DROPPED, id=name)

    def _follow(self, *, all_asked: bool = False) -> None:
        """What follows from a new answer, until nothing more does.

        Facts that can be read now, answers that are given, questions that are not asked any more, answers
        that were proposals and would not be proposed now.
        """
        run, questionnaire = self._run, self._questionnaire
        while True:
            self._read_facts(all_asked=all_asked)
            taken = questionnaire.take_given(environment(run))
            for answer in taken:
                record_answer(run, answer)
                run.operator.tell(AnswerTaken(_shown(answer), self._label(answer.id)))
                for found in questionnaire.otherwise(answer, environment(run)):
                    seen = f"{written(masked(found.value))} ({found.evidence})"
                    run.operator.tell(Said(f"{self._label(answer.id)}: the machine says {seen}", "warning"))
            dropped = [] if taken else questionnaire.drop_unasked(environment(run))
            outdated = [] if taken else questionnaire.open_outdated(environment(run))
            for name in dropped:
                run.record(Record.ANSWER_DROPPED, id=name)
                run.operator.tell(Said(f"Not asked any more: {self._label(name)}"))
            for name, why in outdated:
                run.record(Record.ANSWER_DROPPED, id=name)
                run.operator.tell(Said(f"Open again: {self._label(name)}: {why}"))
            if not (taken or dropped or outdated):
                return

    def _read_facts(self, *, all_asked: bool = False) -> None:
        try:
            hops = self._path() if any(fact.per for fact in self._run.loaded.guide.facts.values()) else ()
        except VersionPathError:
            hops = ()
        self._facts.read(hops, all_asked=all_asked)

    def _label(self, name: str) -> str:
        question, hop = split_key(name)
        declared = Standings(self._run.loaded.guide).declared.get(question)
        label = declared.label if declared is not None else question.replace("_", " ")
        return readable(label, environment(self._run)) + (f" ({hop})" if hop else "")

    def _answer_words(self, name: str) -> str:
        answer = self._questionnaire.answers[name]
        plain = masked(answer.value)
        value = "left empty" if plain is None else plain if isinstance(plain, str) else written(plain)
        shown = value if len(value) <= 60 else f"{value[:59]}…"
        return f"{self._label(name)}: {shown} ({answer.source})"

    def _tell(self, lines: Iterable[str]) -> None:
        if text := "\n".join(lines):
            self._run.operator.tell(Said(text))

    # -- checks ----------------------------------------------------------------------------------

    def check(self) -> tuple[Finding, ...]:
        """Ask all checks, those `per: hop` for each hop, and show all findings at once."""
        run = self._run
        findings = (*self._standing(run), *ask_guide_checks(run, self._path(), stated=self._stated))
        run.record(Record.CHECKS_ASKED, findings=[as_data(one) for one in findings])
        run.operator.tell(ChecksEnded(findings, tuple(run.state.bypassed.items())))
        return findings

    def blockers(self, findings: tuple[Finding, ...]) -> list[Finding]:
        """The findings that forbid to start now."""
        return blocking(self._run, findings)

    def _refuse(self, blockers: list[Finding]) -> None:
        lines = as_lines(blockers)
        if not self._run.operator.attended:
            raise BlockedError("\n".join(["These findings keep the run from starting:", *lines]))
        self._run.operator.tell(Said("\n".join(["Nothing can start while these findings block:", *lines]), "warning"))

    def _bypass(self, findings: tuple[Finding, ...], name: str, reason: str) -> None:
        run = self._run
        finding = next((one for one in findings if one.key == name), None)
        if finding is None or finding.blocks is not Blocks.BYPASSABLE or not reason.strip():
            run.operator.tell(Said(f"{name} cannot be bypassed without a reason, or not at all.", "warning"))
            return
        run.record(Record.BYPASSED, key=name, reason=reason)

    def _mend(self, name: str) -> None:
        run = self._run
        check_id, to = split_key(name)
        check = next((one for one in run.loaded.guide.checks if one.id == check_id and one.fix is not None), None)
        if check is None:
            run.operator.tell(Said(f"{name} has no fix.", "warning"))
            return
        env = in_hop(run, next((one for one in self._path() if one["to"] == to), {}))
        self._fix(run, check, env)
        finding = ask_one(run, check, env)
        run.operator.tell(Said(f"{check.title}: {finding.status} after the fix"))

    # -- plan ------------------------------------------------------------------------------------

    def build(self) -> Plan:
        """Build the plan for this machine and show it."""
        from wizard.plan.build import build_plan

        run = self._run
        plan = build_plan(run.loaded, environment(run), self._questionnaire.answers, took_before=self._took_before)
        refuse_forbidden(plan, run.loaded.guide, environment(run))
        run.operator.tell(PlanMade(plan, self.notes()))
        return plan

    def notes(self) -> tuple[Box, ...]:
        """The guide's own boxes that apply; they are shown with the findings."""
        return boxes.of_guide(self._run)

    def _read_notes(self) -> None:
        """Take the word that the guide's own boxes were read. StoppedError where they were not."""
        run, guide = self._run, self._run.loaded.guide
        boxed = boxes.of_guide(run, to_be_read=True)
        if not read_first(run, guide.id, readable(guide.title, environment(run)), boxed):
            raise StoppedError("the notes of the guide were not read, so nothing was begun")

    def _plan_or_none(self) -> Plan | None:
        """The plan; None where a person wants to change answers, because there is none for these."""
        try:
            return self.build()
        except BlockedError as error:
            if not self._run.operator.attended:
                raise
            ways = (Choice("answers", "Change answers"), Choice("stop", "Stop here, before the first step"))
            request = ChoiceRequest("no-plan", "There is no plan for these answers", error.message, ways)
            if self._run.operator.choose(request).key != "answers":
                raise
            return None

    def freeze(self, plan: Plan) -> Plan:
        """Freeze the plan with the session: from here on nothing is planned again."""
        from wizard.plan.store import plan_to_json
        from wizard.questions.template import write_answers

        run = self._run
        run.session.write_answers(write_answers(self._questionnaire.answers))
        sha256 = run.session.freeze_plan(plan_to_json(plan))
        run.record(Record.PLAN_FROZEN, sha256=sha256)
        run.plan = plan
        return plan


def _source(asked: Any, raw: Any) -> Any:
    """Where a person's reply comes from: a proposal taken as it is keeps its source."""
    from wizard.questions.model import AnswerSource

    return next((one.source for one in asked.proposals if one.value == raw), AnswerSource.OPERATOR)


def _shown(answer: Answer) -> Answer:
    """An answer as a front end is told it: without secrets."""
    return replace(answer, value=masked(answer.value))


def _with(asked: Any, problem: str, previous: Any) -> Any:
    return replace(asked, problem=problem, previous=previous) if problem else asked


def _hint(run: Run) -> str:
    return f"`wizard guides questions {called(run.loaded)} --template` writes a file to fill in."
