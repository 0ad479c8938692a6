"""The front end without a person: every reply stands in the answers file, or the run ends with what is missing.

SIGINT, SIGTERM and SIGHUP leave: a running command runs on, nothing is stopped or taken back, and the
session can be resumed (exit 10). Stopping a command is a decision, and nobody is there to make it.
"""

from __future__ import annotations

import select
import signal
import sys
from typing import TYPE_CHECKING, Any, Final, Self, TextIO

from wizard.checks.words import blockers, sorted_findings
from wizard.counting import counted
from wizard.errors import AnswersError, BlockedError, OutcomeUnknownError, StepFailedError, StoppedError
from wizard.guide.models.checks import Blocks
from wizard.host.protocols import LiveState
from wizard.plain.clean import clean, clean_line
from wizard.plain.output_lines import OutputLines
from wizard.plain.render import event_lines, finding_lines, progress_words, walked_steps
from wizard.plain.signals import Signals
from wizard.plain.style import Style, style_of
from wizard.problems import Problem
from wizard.questions.given import confirmation_mistake, deferral, typed_words
from wizard.questions.names import split_key
from wizard.run.events import ChecksEnded, CommandEnded, PlanMade, StepBegan, WalkBegan
from wizard.run.operator import Chosen, Confirmed, ProceedRequest, Room, Wish
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from wizard.checks.model import Finding
    from wizard.host.protocols import Live
    from wizard.questions.form import Form
    from wizard.questions.model import AnswersFile
    from wizard.run.events import Event
    from wizard.run.operator import ChoiceRequest, ConfirmRequest, Pausing, SecretRequest, Watching

_ENDINGS: Final[Mapping[str, type[StepFailedError | OutcomeUnknownError]]] = {
    "failed": StepFailedError,
    "waited": StepFailedError,
    "stalled": StepFailedError,
    "gate": StepFailedError,
    "unknown": OutcomeUnknownError,
    "found-done": OutcomeUnknownError,
    "survivors": OutcomeUnknownError,
}
"""How a run ends where one of these decisions (by the first part of its id) would need a person."""


class UnattendedOperator:
    """Replies from an answers file, and words to stderr.

    To be entered (`with UnattendedOperator(...) as operator:`) in the main thread. After a signal, a watched
    command or a wait is left, and whatever else comes first raises StoppedError.
    """

    attended = False

    def __init__(
        self,
        answers: AnswersFile,
        environ: Mapping[str, str],
        *,
        out: TextIO | None = None,
        signals: Signals | None = None,
    ) -> None:
        """Take replies from `answers` and show what happens on `out` (stderr where not given)."""
        self._answers = answers
        self._environ = environ
        self._out = out or sys.stderr
        self._signals = signals or Signals((signal.SIGHUP, signal.SIGTERM, signal.SIGINT), leave=None)
        self._left = False
        self._deaf = False
        self._steps: list[str] = []
        self._walking = False
        self._boxes: tuple[tuple[str, str, str], ...] = ()
        self._findings: dict[str, tuple[str, ...]] = {}
        """What was told of findings, by their keys."""
        self._commands: tuple[str, ...] = ()
        self._bypassed: dict[str, str] = {}
        self._tried: set[str] = set()
        self._outputs: dict[str, OutputLines] = {}

    def __enter__(self) -> Self:
        """Begin to notice signals."""
        self._signals.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave signals as they were."""
        self._signals.__exit__(kind, error, trace)

    def tell(self, event: Event) -> None:
        """Write what happened; of findings those that are no pass, whole."""
        progress = ""
        match event:
            case WalkBegan():
                self._walking = True
                self._steps = walked_steps(event.plan)
            case PlanMade():
                if event.boxes == self._boxes:
                    return
                self._boxes = event.boxes
            case ChecksEnded():
                self._bypassed = dict(event.bypassed)
            case StepBegan():
                progress = progress_words(self._steps, event.step.key)
                self._commands = event.commands
            case CommandEnded():
                self._outputs.pop(event.attempt, None)
            case _:
                pass
        self._say(event_lines(event, self._style, progress, self._commands))
        if isinstance(event, ChecksEnded):
            for finding in sorted_findings(event.findings, self._bypassed):
                if not finding.passed and not self._told_before(finding):
                    self._say(finding_lines(finding, self._style, self._bypassed.get(finding.key)))

    def _told_before(self, finding: Finding) -> bool:
        """Whether a finding was told before the walk just as it is now; after a fix or bypass all are asked again."""
        said = (finding.status, finding.say, *(one.seen for one in finding.evidence))
        known, self._findings[finding.key] = self._findings.get(finding.key), said
        return not self._walking and known == said

    def fill(self, form: Form, *, again: bool = False) -> None:  # noqa: ARG002 - nothing is changed by nobody
        """Refuse what is open: what stands in the answers file was taken before anything is asked."""
        asked = form.next()
        if asked is None:
            return
        key = f"answers.{asked.question.id}"
        why = asked.problem or f"{clean_line(asked.label)!r} has no answer"
        raise self._refusal(key, why, f"Under `answers:` add `{asked.question.id}: …`.")

    def proceed(self, request: ProceedRequest) -> Chosen:
        """Take the fixes and bypasses that the file allows, one at a time, then start; else BlockedError names all."""
        self._check()
        blocking = blockers(request.findings, self._bypassed)
        for finding in blocking:
            if (chosen := self._way_past(finding)) is not None:
                self._tried.add(chosen.key)
                return chosen
        if request.may_start or not blocking:
            return Chosen("start")
        keep = "keeps" if len(blocking) == 1 else "keep"
        head = f"{counted(len(blocking), 'finding')} {keep} the run from starting:"
        raise BlockedError(
            "\n".join([head, *map(self._blocker_words, blocking)]),
            hint="No step is begun before they are mended; then start again, or `wizard resume`.",
        )

    def confirm(self, request: ConfirmRequest) -> Confirmed:
        """Take the word that the file gives for this id; AnswersError with the lines to add where it gives none."""
        self._check()
        request_id = request.id.removeprefix("state:")
        if request.id in self._answers.confirmations:
            entry = self._answers.confirmations[request.id]
            reply = self._confirmed(request, f"confirmations.{request.id}", entry)
            if request.item:
                self._say(self._part_lines(request, reply))
            return reply
        if request_id in self._answers.states:
            return self._stated(request, f"states.{request_id}", self._answers.states[request_id])
        missing = f"{clean_line(request.title)!r} needs a word: {clean_line(request.say)}"
        section = "states" if request.id != request_id else "confirmations"
        raise self._refusal(f"{section}.{request_id}", missing, _lines_to_add(request, section))

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Take what the file decides beforehand, else refuse: what needs no person the engine decides by itself."""
        self._check()
        kind, _, name = request.id.partition(":")
        if kind in ("defer", "handed"):
            return self._decided(kind, name, request)
        text = "\n".join(
            [clean_line(request.title), clean(request.text), *(f"  | {clean(one)}" for one in request.lines)]
        )
        ending = _ENDINGS.get(kind)
        if ending is not None:
            raise ending(text.strip(), hint="`wizard resume` in a terminal shows what can be done.")
        ways = ", ".join(choice.key for choice in request.choices)
        raise AnswersError(
            f"A decision needs a person: {text.strip()}",
            [Problem(f"one of {ways} must be chosen", self._answers.path, key=request.id, rule="needs-a-person")],
            hint="`wizard resume` in a terminal goes on from here.",
        )

    def secret(self, request: SecretRequest) -> Secret:
        """Take a secret from the answers file."""
        self._check()
        value = self._answers.answers.get(request.id)
        if isinstance(value, Secret):
            return value
        raise self._refusal(
            f"answers.{request.id}",
            f"{clean_line(request.label)!r} is needed again, for it is never stored",
            _secret_to_add(request.id),
        )

    def room(self, shown: str, *, terminal: bool) -> Room:  # noqa: ARG002 - nobody looks, whatever it is
        """The size that everything has where there is no screen."""
        return Room()

    def attend(self, watching: Watching) -> Wish | None:
        """Write the command's output, line by line, until it ends, seems stuck, or a signal comes."""
        output = self._outputs.setdefault(watching.live.attempt, OutputLines(f"{watching.step.code} | ", self._write))
        if watching.notice:
            self._say(self._style.wrap(clean(watching.notice)))
        live = watching.live
        while True:
            state = live.state()
            more = output.take(live)
            if self._leaving():
                return Wish.LEAVE
            if more:
                continue
            if state is not LiveState.RUNNING:
                output.end()
                return None
            if watching.stalled():
                return None
            self._wait(live)

    def on_key(self, noticed: Callable[[], None]) -> None:
        """Take no note of it: nobody is there who could press one."""

    def meanwhile(self, look: Callable[[], None]) -> None:
        """Never look: nobody is waited for."""

    def asked_to_hand_over(self, who: str, seconds: float) -> None:
        """Say nothing: whoever asks is granted at once."""

    def pause(self, pausing: Pausing, seconds: float) -> Wish | None:  # noqa: ARG002 - nobody waits for words
        """Pass time; a signal ends that at once."""
        self._sleep(seconds)
        return Wish.LEAVE if self._leaving() else None

    # -- replies ---------------------------------------------------------------------------------

    def _way_past(self, finding: Finding) -> Chosen | None:
        """Give the fix or the bypass that the file allows for a finding and that was not tried yet."""
        allowed = self._answers.confirmations.get(f"fix-{finding.key}")
        if finding.fix and allowed is True and f"fix:{finding.key}" not in self._tried:
            return Chosen(f"fix:{finding.key}")
        reason = str(self._answers.bypasses.get(finding.key, "")).strip()
        if finding.blocks is Blocks.BYPASSABLE and reason and f"bypass:{finding.key}" not in self._tried:
            return Chosen(f"bypass:{finding.key}", reason)
        return None

    def _decided(self, kind: str, step: str, request: ChoiceRequest) -> Chosen:
        """Leave a step for after the run where the file says so; take what was handed over as back by its word."""
        entry = self._answers.confirmations.get(step)
        if kind == "defer":
            why = deferral(entry, 0)
            return Chosen("defer", why) if why else Chosen("now")
        if entry is None or entry is False:
            missing = f"{clean_line(request.title)}: nobody says that it is back"
            raise self._refusal(f"confirmations.{step}", missing, f"Under `confirmations:` add `{step}: true`.")
        return Chosen("back")

    def _blocker_words(self, finding: Finding) -> str:
        lines = finding_lines(finding, Style(width=self._style.width, unicode=self._style.unicode))
        if finding.fix and f"fix:{finding.key}" in self._tried:
            lines.append("        Its fix was tried and did not help.")
        elif finding.fix:
            lines.append(f"        Its fix is allowed by `confirmations: {{fix-{finding.key}: true}}`.")
        if finding.blocks is Blocks.BYPASSABLE:
            lines.append(f"        It may be bypassed by `bypasses: {{{finding.key}: your reason}}`.")
        elif finding.key in self._answers.bypasses:
            lines.append("        The answers file would bypass it, but it cannot be bypassed.")
        return "\n".join(lines)

    def _confirmed(self, request: ConfirmRequest, key: str, entry: Any) -> Confirmed:
        """Hold an entry of the file against what is asked for; nothing is taken half."""
        if entry is False:
            return Confirmed(yes=False)
        if mistake := confirmation_mistake(entry):
            raise self._refusal(key, mistake, _lines_to_add(request, "confirmations"))
        given: dict[str, Any] = entry if isinstance(entry, dict) else {} if entry is True else {"typed": str(entry)}
        if request.defer and (why := deferral(entry, request.item)):
            return Confirmed(yes=False, deferred=why)
        records = {name: str(value).strip() for name, value in given.get("record", {}).items()}
        lacking = []
        if request.typed and request.typed not in typed_words(given):
            lacking.append(f"the typed words must be exactly {request.typed!r}")
        if not request.typed and "typed" in given:
            lacking.append("nothing is typed here: write true")
        if request.ticks and given.get("tick") not in ("all", True):
            boxes = "; ".join(clean_line(one.say) for one in request.ticks)
            lacking.append(f"every box must be ticked, by `tick: all`: {boxes}")
        lacking += [
            f"`record` must hold {one.id}: {clean_line(one.label)}"
            for one in request.records
            if not one.optional and not records.get(one.id)
        ]
        if lacking:
            raise self._refusal(key, "; ".join(lacking), _lines_to_add(request, "confirmations"))
        return Confirmed(yes=True, records={one.id: records[one.id] for one in request.records if records.get(one.id)})

    def _part_lines(self, request: ConfirmRequest, reply: Confirmed) -> list[str]:
        """What was to be done by hand, and what the file says of it: whoever reads the log sees both."""
        said = f"left for later: {reply.deferred}" if reply.deferred else "yes" if reply.yes else "no"
        lines = self._style.wrap(f"By hand: {clean(request.say)}", indent="    ", first="  ")
        lines += [f"    {clean_line(request.opens)}"] if request.opens else []
        lines += self._style.wrap(f"The answers file says {clean_line(said)}.", indent="    ", first="    ")
        for name, value in reply.records.items():
            lines += self._style.wrap(f"{clean_line(name)}: {clean_line(value)}", indent="      ", first="    ")
        return lines

    def _stated(self, request: ConfirmRequest, key: str, entry: Any) -> Confirmed:
        """Take a statement: true, or the text that is noted down with it."""
        if entry is False:
            return Confirmed(yes=False)
        if not request.records and not request.typed and not request.ticks:
            return Confirmed(yes=True)
        noted = "" if entry is True else str(entry).strip()
        if request.typed or request.ticks or not noted or len(request.records) != 1:
            raise self._refusal(key, "more than this is asked for", _lines_to_add(request, "confirmations"))
        return Confirmed(yes=True, records={request.records[0].id: noted})

    def _refusal(self, key: str, message: str, hint: str) -> AnswersError:
        place = self._answers.path
        line, column = self._answers.lines.get(key, 0), self._answers.columns.get(key, 0)
        problem = Problem(message, place, line, column, key=key, hint=hint, rule="answer-missing")
        return AnswersError("The answers file does not answer what is asked now.", [problem])

    # -- time and words --------------------------------------------------------------------------

    def _check(self) -> None:
        """Raise StoppedError where a signal came."""
        if self._signals.caught is not None:
            self._left = True
            name = signal.Signals(self._signals.caught).name
            raise StoppedError(f"stopped by {name}", hint="`wizard resume` goes on from here")

    def _leaving(self) -> bool:
        """Say whether a signal came; the engine then leaves, and is not told again."""
        self._left = self._left or self._signals.caught is not None
        return self._left

    def _wait(self, live: Live) -> None:
        """Wait for output, but look at signals at least four times a second."""
        before = live.size()
        state = live.wait(0.25)
        if state is LiveState.RUNNING and live.size() == before:
            self._sleep(0.02)

    def _sleep(self, seconds: float) -> None:
        """Sleep on the signals' descriptor: a sleeping lock could not be woken from a signal's handler."""
        end = self._signals.fileno()
        select.select([end] if end is not None else [], [], [], max(0.0, seconds))

    @property
    def _style(self) -> Style:
        return style_of(self._environ, self._out)

    def _say(self, lines: list[str]) -> None:
        """Write lines, or leave; once it is known that the run is left, what is said belongs to the leaving."""
        if not self._left:
            self._check()
        self._write(lines)

    def _write(self, lines: list[str]) -> None:
        """Write lines; that nobody reads them is no reason to leave a run that needs nobody."""
        if self._deaf:
            return
        text = "".join(f"{line}\n" for line in lines)
        try:
            self._out.write(text)
            self._out.flush()
        except UnicodeEncodeError:
            self._out.write(text.encode("ascii", "replace").decode("ascii"))
            self._out.flush()
        except (OSError, ValueError):
            self._deaf = True


def _secret_to_add(name: str) -> str:
    """Say how a secret is given again: of a question, of one hop of it, or of a row of a table."""
    table, row, _ = name.partition("[")
    if row:
        return f"Give the table `{table}` again with all its rows, the secrets as env:VARIABLE or file:PATH."
    question, hop = split_key(name)
    entry = f'{question}: {{"{hop}": %s}}' if hop else f"{question}: %s"
    return f"Under `answers:` add `{entry % 'env:VARIABLE'}` or `{entry % 'file:PATH'}`, and give `--answers`."


def _lines_to_add(request: ConfirmRequest, section: str) -> str:
    """Write the entry that the file needs, in one line of YAML."""
    parts = []
    if request.typed:
        parts.append(f"typed: {request.typed!r}")
    if request.ticks:
        parts.append("tick: all")
    if request.records:
        parts.append(f"record: {{{', '.join(f'{one.id}: …' for one in request.records)}}}")
    entry = f"{{{', '.join(parts)}}}" if parts else "true"
    return f"Under `{section}:` add `{request.id.removeprefix('state:')}: {entry}`."
