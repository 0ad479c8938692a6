"""The checks beside the work of one phase at work: begun, counted into the journal, told, ended."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from wizard.checks.logs import note_log_offsets
from wizard.counting import counted
from wizard.errors import JournalFullError
from wizard.host.clock import SystemClock
from wizard.run.asking import context_of, redacted
from wizard.run.events import Said
from wizard.run.keeping import kept_checks
from wizard.run.names import environment
from wizard.run.places import chain_of
from wizard.run.records import Record
from wizard.units import show_duration

if TYPE_CHECKING:
    from wizard.checks.context import CheckContext
    from wizard.guide.models import Phase
    from wizard.plan.model import PlannedPhase
    from wizard.run.context import Run
    from wizard.run.keeping import KeptCheck, Now
    from wizard.run.state import KeptChecking

COUNT_EVERY: Final = 30.0
"""Seconds after which the numbers of the checks beside the work are journalled while nothing changes."""

QUIET: Final = 5.0
"""Seconds that at least lie between two lines about one check beside the work."""

UNNOTICED: Final = 5.0
"""Seconds without a look that are not worth a word: a resume takes a moment."""


class PhaseChecking:
    """The checks beside the work of one phase, and what was told and journalled of them."""

    def __init__(self, run: Run, phase: PlannedPhase, model: Phase) -> None:
        """Ask nothing yet."""
        self._run = run
        self._phase = phase
        self._clock = SystemClock()
        context = self._context()
        self._logs = note_log_offsets(model.keep_checking, context)
        """Where logs stood when it began: what is older says nothing about this phase."""
        self._checks = kept_checks(model.keep_checking, replace(context, log_offsets=self._logs))
        self._told: dict[str, float | None] = dict.fromkeys((one.key for one in self._checks), None)
        """Since when a check fails, as it was told last."""
        self._told_at: dict[str, float] = {}
        self._is_owed = False
        """Whether something was told that is still to be counted."""
        self._counted_at = 0.0

    def start(self) -> None:
        """Journal that it begins (and for how long nobody asked, where it goes on), then begin."""
        before = self._run.state.kept.get(self._phase.key)
        away = self._away(before) if before is not None and before.goes_on else 0.0
        self._run.record(Record.KEPT_CHECKING, key=self._phase.key, checks={}, unwatched=round(away, 1))
        if away >= UNNOTICED:
            words = f"The checks beside the work were not asked for {show_duration(away)} while the wizard was away."
            self._run.operator.tell(Said(words, "warning"))
        self._counted_at = self._clock.boottime()
        for check in self._checks:
            if not check.start():
                words = f"The check {check.key} cannot be kept asking: the machine allows no further thread."
                self._run.operator.tell(Said(words, "warning"))

    def _context(self) -> CheckContext:
        """What the checks are asked with, as it is now: nobody is asked, and nothing of the run is looked up."""
        env = environment(self._run, hop=self._phase.hop, key=self._phase.key)
        context = context_of(self._run, env, chain_of(self._run, self._phase))
        return replace(context, env=replace(env, outcome=None, took=None), state=lambda _: None)

    def know(self) -> None:
        """Ask with what is known by now."""
        context = replace(self._context(), log_offsets=self._logs)
        for check in self._checks:
            check.know(context)

    def close(self) -> None:
        """Stop asking, journal the rest and say what was seen in all."""
        for check in self._checks:
            check.close()
        with contextlib.suppress(JournalFullError):
            # Whoever leaves for want of room has said so; whoever ends the phase finds it out with the next event.
            self.tell_news()
            self._count()
        for numbers in self._run.state.kept[self._phase.key].checks.values():
            often = "once" if numbers.failed == 1 else f"{numbers.failed} times"
            failed = f"failed {often}, {show_duration(numbers.longest)} at the longest"
            seen = failed if numbers.failed or numbers.longest else "never failed"
            asked = counted(numbers.asked, "time")
            words = f"Beside phase {self._phase.code}: {numbers.title} — asked {asked}, {seen}."
            self._run.operator.tell(Said(words))

    def has_news(self) -> bool:
        """Whether a check began to fail or holds again, or it is time to count."""
        return self._is_owed or self._is_due() or any(self._changed(check) for check in self._checks)

    def tell_news(self) -> None:
        """Tell what began to fail and what holds again; count then, and now and then."""
        self._tell_changes(at_once=False)
        if self._is_owed or self._is_due():
            self._count()

    def tell_meanwhile(self) -> None:
        """Tell a person who is asked something else; it is counted with the next news."""
        self._tell_changes(at_once=True)

    def _tell_changes(self, *, at_once: bool) -> None:
        for check in self._checks:
            if self._changed(check):
                self._is_owed = True
                self._tell(check, check.now(), at_once=at_once)

    def _is_due(self) -> bool:
        return self._clock.boottime() - self._counted_at >= COUNT_EVERY

    def _changed(self, check: KeptCheck) -> bool:
        """Whether there is something to say of a check, and it was not spoken of a moment ago."""
        told = self._told_at.get(check.key)
        if told is not None and self._clock.boottime() - told < QUIET:
            return False
        return (check.now().failing_since is None) != (self._told[check.key] is None)

    def _tell(self, check: KeptCheck, now: Now, *, at_once: bool) -> None:
        finding = redacted(self._run, now.finding) if now.finding is not None else None
        title = finding.title if finding is not None else check.key
        self._told[check.key] = now.failing_since
        self._told_at[check.key] = self._clock.boottime()
        if now.failing_since is None:
            words = f"“{title}” holds again, after {show_duration(now.failed_for)}."
            self._run.operator.tell(Said(words, at_once=at_once))
            return
        seen = finding.evidence[0].seen if finding is not None and finding.evidence else ""
        why = "it does not answer" if now.late else seen
        self._run.operator.tell(Said(f"“{title}” fails beside the work: {why}", "warning", at_once=at_once))

    def _count(self) -> None:
        self._counted_at = self._clock.boottime()
        self._is_owed = False
        checks = {check.key: check.counted().as_data() for check in self._checks}
        self._run.record(Record.KEPT_CHECKING, key=self._phase.key, checks=checks)

    def _away(self, before: KeptChecking) -> float:
        """Seconds since the numbers were counted last: by the boot's own clock, over a reboot by the time of day."""
        if before.boot == self._clock.boot():
            return max(0.0, self._clock.boottime() - before.boottime)
        return max(0.0, (self._clock.now() - datetime.fromisoformat(before.at)).total_seconds())
