"""Everything before the walk: facts, questionnaire, checks, plan. Nothing of it changes the machine but a `fix`.

Facts that need no answer are read first; the others as soon as what they use is answered. Findings
are shown all at once. The plan is frozen when the operator starts.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from wizard.errors import AnswersError, BlockedError, StoppedError
from wizard.guide.models.checks import Blocks
from wizard.run import boxes
from wizard.run.asking import as_lines, ask_all, ask_one, blocking, readings
from wizard.run.events import AnswerTaken, ChecksEnded, FactRead, PlanMade, Said
from wizard.run.names import environment
from wizard.run.operator import Back
from wizard.run.records import Record, veiled
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.model import Finding
    from wizard.facts.model import FactReading
    from wizard.guide.models import Check
    from wizard.plan.model import Plan
    from wizard.questions.model import Answer
    from wizard.questions.questionnaire import Questionnaire
    from wizard.run.context import Run


class Preparation:
    """Asks, checks and plans for a run."""

    def __init__(
        self,
        run: Run,
        questionnaire: Questionnaire,
        *,
        standing: Callable[[Run], tuple[Finding, ...]],
        fix: Callable[[Run, Check], None],
    ) -> None:
        """Prepare `run`.

        `standing` gives findings about this machine that belong to no guide (root, logout, another
        session on the same installation); `fix` carries out a check's fix.
        """
        self._run = run
        self._questionnaire = questionnaire
        self._standing = standing
        self._fix = fix

    def plan(self) -> Plan:
        """Come to a plan that may be walked, or raise what keeps the run from beginning."""
        self.ask()
        while True:
            findings = self.check()
            plan = self.build()
            chosen = self._run.operator.proceed(plan, findings)
            key, _, name = chosen.key.partition(":")
            match key:
                case "start":
                    if still := self.blockers(findings):
                        self._refuse(still)
                        continue
                    return self.freeze(plan)
                case "fix":
                    self._mend(name)
                case "bypass":
                    self._bypass(findings, name, chosen.reason)
                case "answers":
                    self._ask_again()
                case "again":
                    self._read_facts(again=True, all_asked=True)
                case _:
                    raise StoppedError("stopped before the start; nothing was changed")

    # -- questions and facts ---------------------------------------------------------------------

    def ask(self) -> None:
        """Put every question that is still open, reading facts as soon as they can be read."""
        run, questionnaire = self._run, self._questionnaire
        self._read_facts()
        self._take_given()
        if not run.operator.attended:
            if problems := questionnaire.problems(environment(run)):
                raise AnswersError("The answers are not complete.", problems, hint=_hint(run))
            self._read_facts(all_asked=True)
            return
        if problems := questionnaire.given_problems():
            raise AnswersError("Something in the given answers fits nothing this guide asks.", problems)
        problem, previous = "", None
        while True:
            asked = questionnaire.next(environment(run))
            if asked is None:
                self._read_facts(all_asked=True)
                return
            raw = run.operator.answer(_with(asked, problem, previous))
            if isinstance(raw, Back):
                if (before := questionnaire.back()) is not None:
                    run.record(Record.ANSWER_DROPPED, id=before)
                problem, previous = "", None
                continue
            given = questionnaire.give(asked.question.id, raw, environment(run), _source(asked, raw))
            if isinstance(given, str):
                problem, previous = given, raw
                continue
            problem, previous = "", None
            self._keep(given)
            self._follow()

    def _ask_again(self) -> None:
        """Let the operator go back through the answers from the last one."""
        if (before := self._questionnaire.back()) is not None:
            self._run.record(Record.ANSWER_DROPPED, id=before)
        self.ask()

    def _follow(self) -> None:
        """What follows from a new answer: facts that can be read now, answers that are given, questions that go."""
        run = self._run
        self._read_facts()
        self._take_given()
        for dropped in self._questionnaire.drop_unasked(environment(run)):
            run.record(Record.ANSWER_DROPPED, id=dropped)
            run.operator.tell(Said(f"The question {dropped} is not asked any more."))

    def _take_given(self) -> None:
        """Take answers from the answers file and the command line as their questions come up."""
        run = self._run
        while taken := self._questionnaire.take_given(environment(run)):
            for answer in taken:
                self._keep(answer)
                run.operator.tell(AnswerTaken(answer, self._label(answer.id)))
            self._read_facts()

    def _label(self, question: str) -> str:
        questions = (one for section in self._run.loaded.guide.questions for one in section.ask)
        return next((one.label for one in questions if one.id == question), question.replace("_", " "))

    def _keep(self, answer: Answer) -> None:
        """Journal an answer; a secret only as the fact that it was given."""
        run = self._run
        if isinstance(answer.value, Secret):
            run.secrets.put(answer.id, answer.value)
            run.record(Record.ANSWER_GIVEN, id=answer.id, value=None, source=answer.source, secret=True)
        else:
            run.record(Record.ANSWER_GIVEN, id=answer.id, value=answer.value, source=answer.source, secret=False)

    def _read_facts(self, *, again: bool = False, all_asked: bool = False) -> None:
        from wizard.facts.gather import read_facts, readable_now

        run = self._run
        done: set[str] = set() if again else set(run.state.facts)
        while names := readable_now(run.loaded.guide, environment(run), done, all_asked=all_asked):
            for reading in read_facts(run.loaded, names, run.machine, environment(run), earlier=readings(run)):
                run.record(Record.FACT_READ, **as_record(reading))
                run.operator.tell(FactRead(replace(reading, value=veiled(reading.value, reading.id))))
            done |= set(names)

    # -- checks ----------------------------------------------------------------------------------

    def check(self) -> tuple[Finding, ...]:
        """Ask all checks and show all findings at once."""
        run = self._run
        findings = (*self._standing(run), *ask_all(run, run.loaded.guide.checks, environment(run)))
        self._show(findings)
        return findings

    def _show(self, findings: tuple[Finding, ...]) -> None:
        run = self._run
        run.record(Record.CHECKS_ASKED, findings=[as_data(one) for one in findings])
        run.operator.tell(ChecksEnded(findings, tuple(run.state.bypassed.items())))

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
        check = next((one for one in run.loaded.guide.checks if one.id == name and one.fix is not None), None)
        if check is None:
            run.operator.tell(Said(f"{name} has no fix.", "warning"))
            return
        self._fix(run, check)
        finding = ask_one(run, check, environment(run))
        run.operator.tell(Said(f"{check.title}: {finding.status} after the fix"))

    # -- plan ------------------------------------------------------------------------------------

    def build(self) -> Plan:
        """Build the plan for this machine and show it."""
        from wizard.plan.build import build_plan

        run = self._run
        plan = build_plan(run.loaded, environment(run), self._questionnaire.answers)
        run.operator.tell(PlanMade(plan, boxes.of_guide(run)))
        return plan

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


def _with(asked: Any, problem: str, previous: Any) -> Any:
    return replace(asked, problem=problem, previous=previous) if problem else asked


def as_record(reading: FactReading) -> dict[str, Any]:
    """A reading as it is recorded: values under telling names as secrets, the time it took left out."""
    return {**asdict(reading), "value": veiled(reading.value, reading.id), "seconds": 0.0}


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as the journal keeps it: what was seen, but not the moment (the event has one)."""
    data = asdict(finding)
    data["evidence"] = [{"seen": one.seen, "by": one.by} for one in finding.evidence]
    return data


def _hint(run: Run) -> str:
    return f"`wizard guides questions {run.loaded.guide.id} --template` writes a file to fill in."
