"""The checks: as they are asked, then by what matters; nothing starts while one of them blocks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, assert_never

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Input, Static

from screens.dialogs.line import LineDialog
from screens.dialogs.sure import SureDialog
from screens.requests import Requested
from screens.stage import Stage
from screens.widgets.finding_list import FindingList, View
from screens.widgets.reading import Line, Reading, plain_lines
from screens.widgets.row_list import RowList
from screens.widgets.status_line import StatusLine
from screens.widgets.still_input import StillInput
from screens.widgets.title_bar import TitleBar, joined
from wizard.checks.model import Status
from wizard.checks.words import (
    blockers,
    counts_words,
    findings_summary,
    fixable,
    may_be_bypassed,
    only_bypassed,
    sorted_findings,
)
from wizard.counting import counted
from wizard.plain.clean import clean, clean_line
from wizard.plan.words import overview
from wizard.run.events import (
    CheckBegan,
    ChecksBegan,
    ChecksEnded,
    FactRead,
    FindingCame,
    PlanMade,
    Said,
)
from wizard.run.operator import Chosen, ProceedRequest
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.timer import Timer

    from screens.plan import PlanLeft
    from wizard.checks.model import Finding
    from wizard.plan.model import Plan
    from wizard.run.changes import Changes
    from wizard.run.events import Event

TICK: Final = 0.25
"""Seconds between two signs of life while something is awaited."""

_SIGNS: Final = "|/-\\"
_NAMED: Final = 3
"""Blockers that are named in the last line; of more it says how many."""


@dataclass(slots=True)
class Looks:
    """What was found and planned at the last look; it outlives the screen, which goes while answers are changed."""

    last: ProceedRequest | None = None
    """What was to be decided last, whether or not it was."""
    plan_before: Plan | None = None
    """The plan before the last change of it."""
    bypassed: dict[str, str] = field(default_factory=dict)
    """Reasons, by the keys of findings."""


class ChecksScreen(Stage):
    """Shows the checks while they are asked, takes what is to be done about them, and starts the walk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s,enter", "start", "Start", id="checks.start", tooltip="Start the walk, after one more look"),
        Binding("s,enter", "blocker", "Blocker", id="checks.blocker",
                tooltip="Go to the next finding that keeps it from starting"),
        Binding("p", "plan", "Plan", id="checks.plan", tooltip="Read the plan: every step and command"),
        Binding("f", "fix", "Fix", id="checks.fix", tooltip="Show the fix of this finding, then do it"),
        Binding("b", "hold", "Withdraw", id="checks.hold",
                tooltip="Withdraw the bypass of this finding: it blocks again"),
        Binding("b", "bypass", "Bypass", id="checks.bypass", tooltip="Go on in spite of this finding, with a reason"),
        Binding("a", "again", "Again", id="checks.again", tooltip="Read the machine and ask all checks again"),
        Binding("c", "answers", "Answers", id="checks.answers", tooltip="Change answers"),
        Binding("v", "view", "View", id="checks.view", tooltip="All, not passed, blocking, or changed findings only"),
        Binding("slash", "search", "Search", key_display="/", id="checks.search", tooltip="Only findings with a word"),
        Binding("y", "copy", "Copy", id="checks.copy",
                tooltip="Copy link, remedy or what was seen, one after the other"),
        Binding("x", "stop", "Stop", id="checks.stop", tooltip="Stop here, before the first step"),
        Binding("escape", "end_search", "All", id="checks.end-search", tooltip="Show all findings again"),
    ]  # fmt: skip

    CSS_PATH = "checks.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it

    HELP = (
        "Every check looks at this machine and gives a finding. Nothing has been changed yet, and nothing can start "
        "while a finding blocks; only a rehearsal goes past it. s goes from one that blocks to the next, and starts "
        "once none does.\n"
        "Select a finding to read what was seen, by what, and what to do. Fix does what the guide offers, after "
        "showing its commands, and all checks are asked again. Bypass goes on in spite of a finding, where the guide "
        "allows it, with a reason that the journal keeps; until the start it can be withdrawn. Error and unknown are "
        "no passes.\n"
        "Start begins the walk; the plan shows beforehand all that would be done."
    )

    def __init__(self, session: str, *, rehearsal: bool, looks: Looks | None = None) -> None:
        """Show the checks of `session`; `looks` are those that were made before, and take up what comes."""
        super().__init__()
        self._session = session
        self._rehearsal = rehearsal
        self._open: Requested | None = None
        self._asking = False
        self._began = time.monotonic()
        self._took = 0.0
        self._ticking: Timer | None = None
        self._ticks = 0
        self._doing = "Looking at this machine"
        """What the engine does while it asks nothing of the person."""
        self._facts = 0
        self._looks = looks or Looks()
        self._guide_title = ""
        self._boxes: tuple[tuple[str, str, str], ...] = ()
        self._said: list[str] = []
        self._copied: tuple[str, int] = ("", 0)
        self._there = False
        """Whether there is something to show it in."""
        self._early: list[Event | Requested] = []

    # -- children --------------------------------------------------------------------------------

    @property
    def _list(self) -> FindingList:
        return self.query_one(FindingList)

    def compose(self) -> ComposeResult:
        """Title and summary, list and finding, and the line that says whether it can start."""
        yield StatusLine()
        yield TitleBar(*self._title())
        yield Static("", id="checks-summary", markup=False)
        with Container(id="checks-body"):
            yield FindingList(id="checks-list")
            yield Reading(id="checks-finding")
        yield StillInput(placeholder="Only findings with these words (esc: all)", id="checks-search", compact=True)
        yield Static("", id="checks-verdict", markup=False)

    def on_mount(self) -> None:
        """Begin to follow; what was said before there was anything to show it in comes first."""
        self._list.focus()
        self._ticking = self.set_interval(TICK, self._tick, pause=True)
        if (last := self._looks.last) is not None:
            self._list.settle(last.findings, self._looks.bypassed)
        early, self._early = self._early, []
        self._there = True
        self._wait(self._doing)
        for one in early:
            if isinstance(one, Requested):
                self.asked(one)
            else:
                self.told(one)

    def on_screen_resume(self) -> None:
        """Show what came while something lay above."""
        if self._there:
            self._list.refresh_rows()
            self._show_standing()

    # -- what the engine says --------------------------------------------------------------------

    def told(self, event: Event) -> None:
        """Follow the look at the machine."""
        if not self._there:
            self._early.append(event)
            return
        match event:
            case ChecksBegan():
                self._asking, self._began = True, time.monotonic()
                self._list.begin(event.checks)
                self._wait("Asking")
            case CheckBegan():
                self._list.asked(event.key)
            case FindingCame():
                self._list.found(event.finding)
            case ChecksEnded():
                self._asking, self._took = False, time.monotonic() - self._began
                self._looks.bypassed = dict(event.bypassed)
                self._list.settle(event.findings, self._looks.bypassed)
                self._wait("Making the plan")
            case PlanMade():
                self._boxes = event.boxes
                self._guide_title = clean_line(event.plan.title)
                self.query_one(TitleBar).tell(*self._title())
            case FactRead():
                self._facts += 1
            case Said():
                self._said.append(event.text)
            case _:
                pass
        if self._open is None and self._ticking is not None:
            self._ticking.resume()

    def asked(self, requested: Requested) -> None:
        """Take the decision what to do now; what the engine asks besides is asked over this screen."""
        if not self._there:
            self._early.append(requested)
        elif isinstance(requested.request, ProceedRequest):
            self._decide(requested, requested.request)
        else:
            super().asked(requested)

    def _decide(self, requested: Requested, request: ProceedRequest) -> None:
        last, self._looks.last = self._looks.last, request
        self._open, self._asking = requested, False
        if last is not None and request.changes.plan:
            self._looks.plan_before = last.plan
        self._list.put_beside(self._boxes, tuple(self._different(request.changes)))
        self._said.clear()
        if self._ticking is not None:
            self._ticking.pause()
        self._show_standing()

    def _different(self, changes: Changes) -> Iterator[str]:
        """What is different since the last decision, and what the engine said on the way."""
        yield from changes.findings
        if changes.plan:
            yield changes.plan
        yield from self._said

    # -- how it stands ---------------------------------------------------------------------------

    def _wait(self, doing: str) -> None:
        """The engine works: say on what, with a sign of life."""
        self._doing = doing
        if self._ticking is not None:
            self._ticking.resume()
        self._show_standing()

    def _tick(self) -> None:
        if self.is_current:
            self._ticks += 1
            if self._asking:
                self._list.refresh_rows()
            self._show_standing()

    def _show_standing(self) -> None:
        """Bring the lines around the list, the selected finding and the keys up to date."""
        summary = self._summary()
        self.query_one("#checks-summary", Static).update(summary)
        verdict = self.query_one("#checks-verdict", Static)
        refusal = self._refusal()
        verdict.update(refusal or f"{self._free()} s starts; p shows the plan first.")
        self.query_one(StatusLine).show("", joined(*self._title()), refusal or self._free(), summary)
        verdict.set_class(self._open is not None and bool(refusal), "-blocked")
        verdict.set_class(not refusal, "-free")
        self.query_one("#checks-finding", Reading).show(self._list.details())
        self.refresh_bindings()

    def _title(self) -> tuple[str, ...]:
        return ("REHEARSAL" if self._rehearsal else "", "Checks", self._guide_title, self._session)

    def _summary(self) -> str:
        if self._open is None:
            sign = _SIGNS[self._ticks % len(_SIGNS)]
            if not self._asking:
                facts = f"; {counted(self._facts, 'fact')} read" if self._facts else ""
                return f"{sign} {self._doing}{facts}"
            found, asked, all_of_them = self._list.progress
            long = show_duration(int(time.monotonic() - self._began))
            return (
                f"{sign} {found} of {all_of_them} answered, {asked} asked now, {long}: {counts_words(self._list.came)}"
            )
        request = self._open.request
        assert isinstance(request, ProceedRequest)  # noqa: S101 - nothing else is kept open here
        parts = [f"Shown: {view}."] if (view := self._list.view) is not View.ALL else []
        parts += [f"{counted(changed, 'finding')} changed."] if (changed := self._list.changed) else []
        if self._took >= 1:
            parts.append(f"Took {show_duration(self._took)}.")
        return " ".join(filter(None, (findings_summary(request.findings, self._looks.bypassed), *parts)))

    def _blockers(self) -> list[Finding]:
        findings = self._looks.last.findings if self._looks.last is not None else ()
        return blockers(sorted_findings(findings, self._looks.bypassed), self._looks.bypassed)

    def _refusal(self) -> str:
        """Why nothing can start now; empty where it can."""
        if self._open is None:
            what = "all checks have answered" if self._asking else "that is done"
            return f"Nothing can start until {what}."
        if self._may_start:
            return ""
        blocking = self._blockers()
        named = "; ".join(clean_line(one.title) for one in blocking[:_NAMED])
        more = f"; and {len(blocking) - _NAMED} more" if len(blocking) > _NAMED else ""
        return f"Cannot start: {counted(len(blocking), 'finding')} {_block(len(blocking))}: {named}{more}."

    @property
    def _may_start(self) -> bool:
        return self._looks.last is not None and self._looks.last.may_start

    def _free(self) -> str:
        """What is said where it can start: a rehearsal can in spite of what blocks."""
        if not (blocking := self._blockers()):
            return "Nothing blocks."
        return f"{counted(len(blocking), 'finding')} {_block(len(blocking))} the run itself, not its rehearsal."

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done now, with the selected finding or at all."""
        del parameters
        if not self._there:
            return True
        finding = self._list.finding
        match action:
            case "start":
                return self._open is not None and self._may_start
            case "blocker":
                return self._open is not None and not self._may_start
            case "fix":
                return self._open is not None and finding is not None and fixable(finding)
            case "bypass":
                return self._open is not None and finding is not None and may_be_bypassed(finding, self._looks.bypassed)
            case "hold":
                return self._open is not None and finding is not None and only_bypassed(finding, self._looks.bypassed)
            case "plan" | "again" | "answers" | "stop":
                return self._open is not None
            case "copy":
                return bool(self._list.to_copy())
            case "end_search":
                return self.has_class("-searching")
            case _:
                return True

    # -- what the person wants -------------------------------------------------------------------

    def action_start(self) -> None:
        """Start after one more look at what will happen; not while the engine is at work."""
        if self._refusal():
            return
        assert self._looks.last is not None  # noqa: S101 - it can start
        plan = self._looks.last.plan
        title = clean_line(f"Start: {plan.title}, from {plan.current_version} to {plan.target_version}?")
        self.app.push_screen(SureDialog(title, list(self._before_start(self._looks.last)), "Start"), self._start_if)

    def action_blocker(self) -> None:
        """Go from one finding that blocks to the next.

        The line above the keys says why nothing can start; a message over the list would hide what is to be done.
        """
        keys = [one.key for one in self._blockers()] if self._open is not None else []
        if keys:
            at = self._list.selected
            self._list.go_to(keys[(keys.index(at) + 1) % len(keys)] if at in keys else keys[0])

    def _before_start(self, request: ProceedRequest) -> Iterator[Line]:
        if self._rehearsal:
            yield Line("This is a rehearsal: everything is shown, nothing is changed.", "heading")
        for words in overview(request.plan):
            yield from plain_lines(clean(words))
        risks = [one.title for one in request.findings if one.status is Status.RISK]
        bypassed = [one.title for one in request.findings if only_bypassed(one, self._looks.bypassed)]
        held = [one.title for one in self._blockers()]
        for word, titles in (("Would block the run itself", held), ("Risks", risks), ("Bypassed", bypassed)):
            if titles:
                yield Line(f"{word}: {'; '.join(map(clean_line, titles))}", "warning", 2)

    def _start_if(self, sure: bool | None) -> None:  # noqa: FBT001 - what the dialog gave
        if sure and not self._refusal():
            self._reply(Chosen("start"), "Starting")

    def action_plan(self) -> None:
        """Show the plan; it can be started from there too."""
        from screens.plan import PlanScreen

        if (last := self._looks.last) is not None:
            before = self._looks.plan_before
            shown = PlanScreen(last.plan, before, refusal=self._refusal(), free=self._free(), session=self._session)
            self.app.push_screen(shown, self._plan_left)

    def _plan_left(self, left: PlanLeft | None) -> None:
        from screens.plan import PlanLeft

        match left:
            case PlanLeft.START:
                self.action_start()
            case PlanLeft.BLOCKER:
                self.action_blocker()
            case PlanLeft.BACK | None:
                pass
            case _:
                assert_never(left)

    def action_fix(self) -> None:
        """Have the fix of the selected finding shown, and then done."""
        if (finding := self._list.finding) is not None:
            self._reply(Chosen(f"fix:{finding.key}"), f"Fix: {clean_line(finding.fix)}")

    def action_bypass(self) -> None:
        """Go on in spite of the selected finding, once there is a reason."""
        if (finding := self._list.finding) is None:
            return

        def bypass(reason: str | None) -> None:
            if reason:
                self._reply(Chosen(f"bypass:{finding.key}", reason), "Bypassing")

        words = [
            f"{finding.status.value.upper()}: {clean_line(finding.title)}",
            clean_line(finding.say),
            "The run goes on in spite of it. The journal and the report keep your reason.",
        ]
        self.app.push_screen(
            LineDialog(
                "Bypass this finding",
                [line for line in words if line],
                placeholder="Why may this be bypassed?",
                refuse=lambda line: "" if line else "It takes a reason.",
            ),
            bypass,
        )

    def action_hold(self) -> None:
        """Withdraw the bypass of the selected finding, after a yes."""
        if (finding := self._list.finding) is None:
            return

        def withdraw(sure: bool | None) -> None:  # noqa: FBT001 - what the dialog gave
            if sure:
                self._reply(Chosen(f"hold:{finding.key}"), "Withdrawing the bypass")

        words = f"It was bypassed because: {clean(self._looks.bypassed[finding.key])}"
        self.app.push_screen(
            SureDialog(
                f"Withdraw the bypass of {clean_line(finding.title)}?",
                plain_lines(f"{words}\nWithout it nothing can start until the finding is mended, or bypassed again."),
                "Withdraw",
            ),
            withdraw,
        )

    def action_again(self) -> None:
        """Look at the machine again."""
        self._reply(Chosen("again"), "Reading the machine again")

    def action_answers(self) -> None:
        """Go back to the answers."""
        self._reply(Chosen("answers"), "To the answers")

    def action_stop(self) -> None:
        """Stop before the first step, after a yes."""
        lines = plain_lines("Nothing was begun. The answers are kept, and `wizard resume` goes on from here.")
        self.app.push_screen(SureDialog("Stop here, before the first step?", lines, "Stop", no="Stay"), self._stop_if)

    def _stop_if(self, sure: bool | None) -> None:  # noqa: FBT001 - what the dialog gave
        if sure:
            self._reply(Chosen("stop"), "Stopping")

    def _reply(self, chosen: Chosen, doing: str) -> None:
        if self._open is None:
            return
        requested, self._open = self._open, None
        self._facts = 0
        self._wait(doing)
        requested.reply(chosen)

    def action_view(self) -> None:
        """Show other findings."""
        self._list.next_view()
        self._show_standing()

    def action_search(self) -> None:
        """Ask for words."""
        self.add_class("-searching")
        self.query_one(Input).focus()
        self.refresh_bindings()

    def action_end_search(self) -> None:
        """Show all again."""
        self.query_one(Input).value = ""
        self._list.search("")
        self.remove_class("-searching")
        self._list.focus()
        self._show_standing()

    def action_copy(self) -> None:
        """Copy what belongs to the selected row: its links first, then remedy and what was seen, one each time."""
        ways = self._list.to_copy()
        key, place = self._copied
        place = (place + 1) % len(ways) if key == self._list.selected else 0
        self._copied = (self._list.selected, place)
        self.app.copy_to_clipboard(ways[place])
        more = f" (y again: the next of {len(ways)})" if len(ways) > 1 else ""
        self.notify(f"{ways[place]}{more}", title="Copied", markup=False, timeout=4)

    @on(RowList.Moved)
    def _moved(self) -> None:
        self._show_standing()
        self.query_one("#checks-finding", Reading).scroll_home(animate=False)

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        self._list.search(event.value)
        self._show_standing()

    @on(Input.Submitted)
    def _searched(self) -> None:
        self._list.focus()


def _block(count: int) -> str:
    return "blocks" if count == 1 else "block"
