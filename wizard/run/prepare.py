"""Everything before the walk: facts, questionnaire, checks, plan. Nothing of it changes the machine but a `fix`.

Facts that need no answer are read first; the others as soon as what they use is answered. Findings
are shown all at once. The plan is frozen when the operator starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.words import would_be_held
from wizard.errors import AnswersError, BlockedError, StoppedError
from wizard.guide.catalog import called
from wizard.guide.models.checks import Blocks
from wizard.plan.forbidden import refuse_forbidden
from wizard.questions.names import split_key
from wizard.run import boxes
from wizard.run.asking import as_lines, ask_one, blocking
from wizard.run.changes import Changes
from wizard.run.events import ChecksEnded, PlanMade, Said
from wizard.run.filling import Filling
from wizard.run.guide_checks import as_data, ask_guide_checks, in_hop
from wizard.run.names import environment
from wizard.run.operator import Choice, ChoiceRequest, ProceedRequest
from wizard.run.reading import read_first
from wizard.run.records import Record
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.checks.model import Finding, Statement, StatementRequest
    from wizard.expressions import Environment
    from wizard.guide.models import Check
    from wizard.plan.model import Plan
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
        self._form = Filling(run, questionnaire)
        self._stated: dict[StatementRequest, Statement] = {}
        """What a person said yes to: it is not asked again after each fix or bypass."""

    def plan(self) -> Plan:
        """Come to a plan that may be walked, or raise what keeps the run from beginning."""
        self.ask()
        before: tuple[Plan, tuple[Finding, ...]] | None = None
        while True:
            findings = self.check()
            if (plan := self._plan_or_none()) is None:
                self._fill(again=True)
                continue
            before, changes = (plan, findings), Changes.between(before, (plan, findings))
            held = self._run.effects.held_back(self.blockers(findings))
            chosen = self._run.operator.proceed(ProceedRequest(plan, findings, changes, may_start=not held))
            key, _, name = chosen.key.partition(":")
            match key:
                case "start":
                    if self._may_start(findings):
                        self._read_notes()
                        return self.freeze(plan)
                case "fix":
                    self._mend(name)
                case "bypass":
                    self._bypass(findings, name, chosen.reason)
                case "hold":
                    self._withdraw(name)
                case "answers":
                    self._fill(again=True)
                case "again":
                    self._stated.clear()
                    self._form.look_again()
                case _:
                    raise StoppedError("stopped before the first step")

    # -- questions and facts ---------------------------------------------------------------------

    def ask(self) -> None:
        """Put every question that is still open, reading facts as soon as they can be read.

        VersionPathError as soon as it is known that no path leads to the target version, AnswersError where
        nobody is there and something is missing or wrong.
        """
        run, form = self._run, self._form
        if run.operator.attended:
            self._fill()
            return
        form.follow()
        form.hops()
        if problems := self._questionnaire.problems(environment(run)):
            raise AnswersError("The answers are not complete.", problems, hint=_hint(run))
        form.follow(all_asked=True)

    def _fill(self, *, again: bool = False) -> None:
        """Let a person fill the form in; what is read at its end may open a question again."""
        form = self._form
        self._put(again=again)
        form.follow(all_asked=True)
        if not form.view().complete:
            self._put()

    def _put(self, *, again: bool = False) -> None:
        """Put the form. Who leaves where no path leads to the target is told that: VersionPathError."""
        try:
            self._run.operator.fill(self._form, again=again)
        except StoppedError:
            self._form.hops()
            raise

    # -- checks ----------------------------------------------------------------------------------

    def check(self) -> tuple[Finding, ...]:
        """Ask all checks, those `per: hop` for each hop, each told as it comes, and show all findings at once."""
        run = self._run
        findings = ask_guide_checks(run, self._form.hops(), stated=self._stated, standing=self._standing(run))
        run.record(Record.CHECKS_ASKED, findings=[as_data(one) for one in findings])
        run.operator.tell(ChecksEnded(findings, tuple(run.state.bypassed.items())))
        return findings

    def blockers(self, findings: tuple[Finding, ...]) -> list[Finding]:
        """The findings that forbid to start now."""
        return blocking(self._run, findings)

    def _may_start(self, findings: tuple[Finding, ...]) -> bool:
        """Whether nothing holds it back; what does, or would without a rehearsal, is said."""
        still = self.blockers(findings)
        if self._run.effects.held_back(still):
            self._refuse(still)
            return False
        if still:
            self._run.operator.tell(Said(would_be_held(still), "warning"))
        return True

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

    def _withdraw(self, name: str) -> None:
        """Let a finding block again that was bypassed."""
        if name in self._run.state.bypassed:
            self._run.record(Record.BYPASS_WITHDRAWN, key=name)

    def _mend(self, name: str) -> None:
        run = self._run
        check_id, to = split_key(name)
        check = next((one for one in run.loaded.guide.checks if one.id == check_id and one.fix is not None), None)
        if check is None:
            run.operator.tell(Said(f"{name} has no fix.", "warning"))
            return
        env = in_hop(run, next((one for one in self._form.hops() if one["to"] == to), {}))
        self._fix(run, check, env)
        finding = ask_one(run, check, env)
        after = "not fixed: a rehearsal changes nothing" if run.effects.rehearsed else f"{finding.status} after the fix"
        run.operator.tell(Said(f"{check.title}: {after}"))

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


def _hint(run: Run) -> str:
    return f"`wizard guides questions {called(run.loaded)} --template` writes a file to fill in."
