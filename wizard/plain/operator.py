"""The line-by-line front end: the engine's port put into lines, prompts and a terminal handed through."""

from __future__ import annotations

import contextlib
import os
import select
import sys
from typing import TYPE_CHECKING, Any, Self, TextIO, TypeVar

from wizard.checks.words import blockers, findings_summary, fixable, may_be_bypassed, only_bypassed
from wizard.errors import Gone, JournalFullError, StoppedError
from wizard.plain.clean import clean, clean_line
from wizard.plain.dialogue import Dialogue, GuardedPrompts
from wizard.plain.passthrough import Passthrough
from wizard.plain.prompts import NumberedPrompts, Option, Prompts, Withdrawn, choose_prompts
from wizard.plain.questions import ask_question, ask_secret
from wizard.plain.render import (
    box_lines,
    command_lines,
    event_lines,
    findings_lines,
    progress_words,
    walked_steps,
)
from wizard.plain.screen_copy import ScreenCopy
from wizard.plain.screen_filter import Keep
from wizard.plain.signals import Interrupts, Signals
from wizard.plain.style import DUMB, Style, Tone, is_terminal, style_of
from wizard.plain.terminal import size_of
from wizard.plain.waiting import HOW_TO_SPEAK_UP, WaitLines
from wizard.plan.text import plan_text
from wizard.run.events import (
    ChecksEnded,
    CommandEnded,
    Noted,
    PhaseBegan,
    PlanMade,
    Said,
    SessionOpened,
    StepBegan,
    WalkBegan,
)
from wizard.run.one_by_one import one_by_one
from wizard.run.operator import NOTHING_LEFT, Chosen, Confirmed, ProceedRequest, Room, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from wizard.plan.model import Plan
    from wizard.questions.form import Form
    from wizard.questions.model import Asked
    from wizard.run.events import Event
    from wizard.run.operator import ChoiceRequest, ConfirmRequest, Pausing, SecretRequest, Watching
    from wizard.secrets import Secret

T = TypeVar("T")


class PlainOperator:
    """A person at a terminal, or at the end of a pipe, spoken with in lines.

    To be entered (`with PlainOperator(...) as operator:`) in the main thread: a hang-up then ends the
    conversation within a second. Raises `Gone` where the person is gone and StoppedError where they
    stop at a place that offers no such choice by itself.
    """

    attended = True

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        stdin: TextIO | None = None,
        out: TextIO | None = None,
        prompts: Prompts | None = None,
        signals: Signals | None = None,
        glossary: Mapping[str, str] | None = None,
    ) -> None:
        """Speak over `stdin` and `out` (the standard ones where not given; words go to stderr if it can show them)."""
        self._environ = environ
        self._stdin = stdin or sys.stdin
        self._out = out or (sys.stderr if is_terminal(sys.stderr) or not is_terminal(sys.stdout) else sys.stdout)
        self._signals = signals or Signals()
        self._interrupts = Interrupts(self._say_interrupt_noted)
        asked_by = prompts or choose_prompts(
            environ,
            self._stdin,
            self._out,
            signals=self._signals,
            noticed=self._notice,
            meanwhile=self._look_around,
        )
        self._prompts = GuardedPrompts(asked_by, self._signals, self._interrupts)
        self._glossary = dict(glossary or {})
        self._copies: dict[str, ScreenCopy] = {}
        self._steps: list[str] = []
        self._commands: tuple[str, ...] = ()
        self._shown_plan: Plan | None = None
        self._bypassed: dict[str, str] = {}
        self._nothing_different = ""
        """What is said where another look, which was asked for, gave the same."""
        self._shown_boxes: tuple[tuple[str, str, str], ...] = ()
        self._walking = False
        self._lost = False
        self._waiting = WaitLines()
        self._told: StepBegan | None = None
        self._noticed: Callable[[], None] = lambda: None
        self._glance: Callable[[], None] = lambda: None
        self._held_back: list[str] | None = None
        """Lines of what is told while a prompt stands there, which puts them above itself; None while none does."""

    def __enter__(self) -> Self:
        """Begin to notice hang-ups and ^C."""
        self._signals.__enter__()
        self._interrupts.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave signals as they were."""
        self._interrupts.__exit__(kind, error, trace)
        self._signals.__exit__(kind, error, trace)

    def explain(self, glossary: Mapping[str, str]) -> None:
        """Take the guide's glossary: what `?` explains beside the question's own words."""
        self._glossary = dict(glossary)

    # -- the port --------------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Show what happened; once the person is known to be gone, to nobody."""
        if self._lost or self._signals.told:
            return
        self._signals.check()
        progress = ""
        if not isinstance(event, Noted) and not (isinstance(event, Said) and event.at_once):
            self._told = event if isinstance(event, StepBegan) else None
        match event:
            case SessionOpened():
                self.explain(event.glossary)
            case WalkBegan():
                self._steps = walked_steps(event.plan)
            case PlanMade():
                if event.boxes == self._shown_boxes:
                    return
                self._shown_boxes = event.boxes
            case ChecksEnded():
                self._bypassed = dict(event.bypassed)
                if self._walking:
                    self._say(findings_lines(event.findings, self._style, self._bypassed))
                return
            case PhaseBegan():
                self._walking = True
            case StepBegan():
                progress = progress_words(self._steps, event.step.key)
                self._commands = event.commands
            case CommandEnded():
                self._copies.pop(event.attempt, None)
            case _:
                pass
        self._say(event_lines(event, self._style, progress, self._commands))

    def fill(self, form: Form, *, again: bool = False) -> None:
        """Ask one question after the other; `again` first which answer is to be changed."""
        one_by_one(form, self.answer, self.choose, again=again)

    def answer(self, asked: Asked) -> Any:
        """Ask a question of the questionnaire; gives the raw value, or `Back()`."""
        return self._heard(ask_question(asked, self._dialogue()))

    def proceed(self, request: ProceedRequest) -> Chosen:
        """Show all findings, then the plan, what is different from the last time, and ask what to do."""
        dialogue, plan = self._dialogue(), request.plan
        self._say(findings_lines(request.findings, self._style, self._bypassed))
        if plan != self._shown_plan:
            self._say(["", *self._style.fit(clean(plan_text(plan, guide_notes=False))).split("\n")])
            self._shown_plan = plan
        if changes := request.changes.text() or self._nothing_different:
            self._say(["", *self._style.fit(clean(changes)).split("\n")])
        options = _ways_to_proceed(request, self._bypassed)
        while True:
            self._say(["", *self._style.wrap(findings_summary(request.findings, self._bypassed))])
            try:
                picked = dialogue.prompts.pick("What now", options)
            except JournalFullError:
                raise
            except StoppedError:
                return Chosen("stop")
            if picked == "show":
                self._say(["", *self._style.fit(clean(plan_text(plan, guide_notes=False))).split("\n")])
                continue
            self._nothing_different = "Nothing is different." if picked in ("again", "answers") else ""
            reason = dialogue.needed_line("Why may this be bypassed") if picked.startswith("bypass:") else ""
            return self._heard(Chosen(picked, reason))

    def confirm(self, request: ConfirmRequest) -> Confirmed:
        """Show what is about to happen and take the operator's word; what the step said just now is not said twice."""
        dialogue = self._dialogue()
        told, self._told = self._told, None
        if not _was_told(request.say, told):
            self._title(request.title)
            if request.danger:
                self._say(box_lines("danger", "", request.say, self._style))
            else:
                dialogue.words(request.say)
        if request.lines:
            self._say(self._style.fit(f"  | {line}") for text in request.lines for line in clean(text).split("\n"))
        if request.opens:
            # An address or path is shown whole, so that it can be copied.
            self._say([f"    {self._style.fit(clean_line(request.opens))}"])
        if request.shown and (told is None or request.shown != told.commands):
            where = f", {clean_line(request.where)}" if request.where else ""
            self._say([*self._style.wrap(f"This will happen{where}:"), *command_lines(request.shown, self._style)])
        return self._heard(_word_of(request, dialogue))

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Show a decision with what supports it and ask for one of its choices."""
        dialogue = self._dialogue()
        self._title(request.title)
        dialogue.words(request.text)
        self._say(self._style.fit(f"  | {line}") for text in request.lines for line in clean(text).split("\n"))
        options = [Option(choice.key, clean_line(choice.label), choice.danger) for choice in request.choices]
        by_key = {choice.key: choice for choice in request.choices}
        proposed = by_key.get(request.default)
        try:
            while True:
                default = request.default if proposed and not proposed.danger else ""
                choice = by_key[dialogue.prompts.pick("What now", options, default, over=request.over)]
                if choice.says:
                    self._say(
                        ["", *(line for text in choice.says for line in self._style.wrap(clean(text), indent="    "))]
                    )
                    if not dialogue.yes_no(f"{choice.label}?"):
                        continue
                if choice.typed and not dialogue.exact_words(choice.typed):
                    continue
                return self._heard(Chosen(choice.key, dialogue.needed_line("Why") if choice.reason else ""))
        except Withdrawn:
            return NOTHING_LEFT
        except JournalFullError:
            raise  # it came while the prompt waited: nobody said that it shall stop here, which takes back what is set
        except StoppedError:
            if "stop" in by_key and not by_key["stop"].reason and not by_key["stop"].typed:
                return Chosen("stop")
            raise

    def secret(self, request: SecretRequest) -> Secret:
        """Ask for a secret again."""
        dialogue = self._dialogue()
        self._title(request.label)
        dialogue.words(request.why)
        while (given := ask_secret(request.id, request.label, dialogue)) is None:
            continue
        return self._heard(given)

    def room(self, shown: str, *, terminal: bool) -> Room:  # noqa: ARG002 - the same for all commands
        """The whole terminal, where a command's terminal is handed through to it."""
        size = size_of(self._out.fileno()) if is_terminal(self._stdin) and is_terminal(self._out) else None
        return Room(*size) if size is not None else Room()

    def attend(self, watching: Watching) -> Wish | None:
        """Hand the terminal through to a running command."""
        self._signals.check()
        copy = self._copies.get(watching.live.attempt)
        if copy is None:
            copy = self._copies[watching.live.attempt] = ScreenCopy(self._kept(watching), self._encoding)
        passthrough = Passthrough(
            watching,
            copy,
            stdin=self._stdin,
            out=self._out,
            style=self._style,
            prompts=NumberedPrompts(self._stdin, self._out, self._style),
            signals=self._signals,
            interrupts=self._interrupts,
            noticed=self._notice,
        )
        with self._interrupts.watching():
            return passthrough.watch()

    def on_key(self, noticed: Callable[[], None]) -> None:
        """Call `noticed` whenever the person gives a sign: a key in a drawn prompt or a command, a line elsewhere."""
        self._noticed = noticed

    def meanwhile(self, look: Callable[[], None]) -> None:
        """Call `look` while a prompt waits at a terminal, between two keys; a pipe has its replies ready."""
        self._glance = look

    def asked_to_hand_over(self, who: str, seconds: float) -> None:
        """Say who asks for the session, in the middle of whatever is on the screen."""
        if who:
            self._say_past_buffers(f"{clean_line(who)} asks for this session; a key within {seconds:.0f} s keeps it")

    def pause(self, pausing: Pausing, seconds: float) -> Wish | None:
        """Pass time; ^C asks what is wanted."""
        self._signals.check()
        self._say(self._waiting.lines(pausing, self._style, HOW_TO_SPEAK_UP))
        with self._interrupts.watching():
            ends = [end for end in (self._signals.fileno(), self._interrupts.fileno()) if end is not None]
            select.select(ends, [], [], max(0.0, seconds))
            self._signals.check()
            interrupted = self._interrupts.take()
        return self._wish() if interrupted else None

    def _wish(self) -> Wish | None:
        options = (
            Option("wait", "Wait on"),
            Option("go_on", "Do not wait any longer"),
            Option("leave", "Leave the wizard; `wizard resume` goes on waiting"),
            Option("stop", "Stop here, and take back what was set for a while"),
        )
        picked = self._heard(self._dialogue().prompts.pick("Interrupted while waiting", options))
        return None if picked == "wait" else Wish(picked)

    # -- words -----------------------------------------------------------------------------------

    @property
    def _style(self) -> Style:
        return style_of(self._environ, self._out)

    @property
    def _encoding(self) -> str:
        return getattr(self._out, "encoding", None) or "ascii"

    def _kept(self, watching: Watching) -> Keep:
        """How much of a command's control sequences this terminal can use."""
        if not is_terminal(self._out):
            return Keep.TEXT
        if self._environ.get("TERM", "") in DUMB:
            return Keep.DUMB
        return Keep.TERMINAL if watching.terminal and is_terminal(self._stdin) else Keep.LINE

    def _dialogue(self) -> Dialogue:
        self._signals.check()
        return Dialogue(self._prompts, self._say, self._style, self._glossary)

    def _heard(self, reply: T) -> T:
        """Note that the person gave a sign."""
        self._notice()
        return reply

    def _notice(self) -> None:
        """Pass on that the person is there."""
        self._noticed()

    def _look_around(self) -> list[str]:
        """Look around while a prompt stands there; gives the lines of what was told meanwhile.

        In a prompt a signal raises wherever it arrives: here that would be in the middle of an event of the journal.
        """
        if self._interrupts.take():
            raise KeyboardInterrupt  # it came during the look before, whose lines are shown by now
        self._held_back = []
        try:
            with self._signals.noting(), self._interrupts.watching():
                self._glance()
            return self._held_back
        finally:
            self._held_back = None

    def _say_interrupt_noted(self) -> None:
        """Say that ^C was heard."""
        self._say_past_buffers("^C: you are asked at the next place; once more leaves at once")

    def _say_past_buffers(self, words: str) -> None:
        """Say something within a signal's handler, or in another thread."""
        with contextlib.suppress(OSError, ValueError):
            os.write(self._out.fileno(), f"\n({words})\n".encode(self._encoding, "replace"))

    def _title(self, title: str) -> None:
        style = self._style
        self._say(["", *(style.paint(line, Tone.STRONG) for line in style.wrap(clean_line(title)))])

    def _say(self, lines: Iterable[str]) -> None:
        if self._held_back is not None:
            self._held_back += lines
            return
        text = "".join(f"{line}\n" for line in lines)
        try:
            self._out.write(text)
            self._out.flush()
        except UnicodeEncodeError:
            self._out.write(text.encode("ascii", "replace").decode("ascii"))
            self._out.flush()
        except (OSError, ValueError) as error:
            self._lost = True
            raise Gone("the terminal is gone") from error


def _ways_to_proceed(request: ProceedRequest, bypassed: Mapping[str, str]) -> list[Option]:
    """The menu after findings and plan; starting is only in it where nothing holds it back."""
    findings = request.findings
    all_the_same = " the rehearsal all the same" if blockers(findings, bypassed) else ""
    options = [Option("start", f"Start{all_the_same}")] if request.may_start else []
    options += [
        Option(f"fix:{one.key}", f"Fix “{clean_line(one.title)}”: {clean_line(one.fix)}")
        for one in findings
        if fixable(one)
    ]
    options += [
        Option(f"bypass:{one.key}", f"Go on without “{clean_line(one.title)}”, with a reason", danger=True)
        for one in findings
        if may_be_bypassed(one, bypassed)
    ]
    options += [
        Option(f"hold:{one.key}", f"Withdraw the bypass of “{clean_line(one.title)}”")
        for one in findings
        if only_bypassed(one, bypassed)
    ]
    return [
        *options,
        Option("again", "Look at the machine and check again"),
        Option("answers", "Change answers"),
        Option("show", "Show the plan again"),
        Option("stop", "Stop here, before the first step"),
    ]


def _was_told(text: str, told: StepBegan | None) -> bool:
    """Whether every line of a text stood in the step's boxes or its why a moment ago."""
    if told is None:
        return False
    lines = {line.strip() for part in (told.why, *(box[2] for box in told.boxes)) for line in part.splitlines()}
    return all(line.strip() in lines for line in text.splitlines())


def _word_of(request: ConfirmRequest, dialogue: Dialogue) -> Confirmed:
    """Take ticks, exact words or a plain yes, then what is to be noted down."""
    if request.ticks and not _all_ticked(request, dialogue):
        return Confirmed(yes=False)
    if request.typed and not dialogue.exact_words(request.typed):
        return Confirmed(yes=False)
    if not request.ticks and not request.typed and (refused := _refused(request, dialogue)) is not None:
        return refused
    records = {}
    for field in request.records:
        label = clean_line(field.label)
        noted = dialogue.prompts.line(f"{label} (may be empty)") if field.optional else dialogue.needed_line(label)
        if noted:
            records[field.id] = noted
    return Confirmed(yes=True, records=records)


def _refused(request: ConfirmRequest, dialogue: Dialogue) -> Confirmed | None:
    """Take a plain yes or no, or why it is left for after the run where it may be; None for a yes."""
    if not request.defer:
        return None if dialogue.yes_no("Do you confirm this") else Confirmed(yes=False)
    dialogue.words(f"It may be left for after the run: {request.defer}")
    options = (Option("yes", "yes"), Option("no", "no"), Option("later", "Leave it for after the run"))
    match dialogue.prompts.pick("Do you confirm this", options):
        case "yes":
            return None
        case "later":
            return Confirmed(yes=False, deferred=dialogue.needed_line("Why"))
        case _:
            return Confirmed(yes=False)


def _all_ticked(request: ConfirmRequest, dialogue: Dialogue) -> bool:
    """Ask until all boxes are ticked or the operator says no."""
    boxes = [Option(f"box {number}", clean_line(tick.say)) for number, tick in enumerate(request.ticks, 1)]
    ticked: list[str] = []
    while True:
        ticked = dialogue.prompts.pick_many("Tick what is so", boxes, ticked)
        missing = [box.label for box in boxes if box.key not in ticked]
        if not missing:
            return True
        dialogue.words(f"Not ticked: {'; '.join(missing)}.")
        ways = (Option("rest", "Tick the rest"), Option("no", "No, do not go on"))
        if dialogue.prompts.pick("All of them are needed", ways) == "no":
            return False
