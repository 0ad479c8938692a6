"""The end of a run: what became of it, what is left to do, and what can be done next; or what went wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from screens.home_entries import session_entry
from screens.offering import Offering
from screens.stage import JobWanted, LeaveWanted, Stage
from screens.summary_lines import error_lines, head_of, summary_lines
from screens.widgets.reading import Line, Reading
from screens.widgets.status_line import StatusLine
from screens.widgets.title_bar import TitleBar, joined
from wizard.errors import WizardError

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.engine import Job
    from screens.home_entries import Entry, Watch
    from screens.requests import JobEnded
    from wizard.run.events import RunEnded


class SummaryScreen(Offering[None], Stage):
    """Shows how the engine's job ended; everything but the error comes from the session's folder."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape", "finish", "Finish", id="summary.finish", tooltip="Leave this run"),
        Binding("r", "do('resume')", "Resume", id="summary.resume", tooltip="Go on from where it stands"),
        Binding("u", "do('undo')", "Undo", id="summary.undo", tooltip="Take back what it did; it asks first"),
        Binding("v", "do('watch')", "Watch", id="summary.watch", tooltip="Look on while somebody else drives"),
        Binding("t", "do('take over')", "Take over", show=False, id="summary.take-over",
                tooltip="Ask the driver for this session"),
        Binding("c", "do('close')", "Close", show=False, id="summary.close",
                tooltip="End this session for good; undoes nothing"),
        Binding("o", "choose", "Offers", id="summary.offers", tooltip="All that can be done next, to choose from"),
        Binding("p", "report", "Report", id="summary.report", tooltip="Read the whole report, and save it with s"),
        Binding("b", "bundle", "Bundle", id="summary.bundle", tooltip="Make one file of this session for support"),
        Binding(
            "e", "save_evidence", "Evidence", id="summary.evidence", tooltip="What this session proves, to be saved"
        ),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SummaryScreen > TitleBar.-good { color: $text-success; }
    SummaryScreen > TitleBar.-warning { color: $text-warning; }
    SummaryScreen > TitleBar.-bad { color: $text-error; }
    """

    HELP = (
        "The end of this run: what was done, skipped, bypassed and undone, how long it took against what the guide "
        "expects, what is left for you to do, and what can be done next, with its key here and its command in any "
        "terminal.\n\n"
        "o lists all that can be done next. p opens the whole report, where s saves it in a new file. b makes one file "
        "of everything for support. Everything is kept in the session: nothing is lost by leaving."
    )

    def __init__(self, session: str, run_ended: RunEnded | None, job_ended: JobEnded) -> None:
        """Sum up `session` (empty where none was opened); `run_ended` is what the engine told last, if it did."""
        super().__init__()
        self._session = session
        self._run_ended = run_ended
        self._error = job_ended.error
        self._crash = ""
        """Words for a defect of wizard itself, once it is kept in a file."""
        self._entry: Entry | None = None

    @property
    def marked(self) -> Entry | None:
        """The session, once it was read."""
        return self._entry

    def compose(self) -> ComposeResult:
        """One line of how it ended, and the rest."""
        yield StatusLine()
        yield TitleBar(self._first_words())
        yield Reading()

    def on_mount(self) -> None:
        """Say what is known at once, and read the rest."""
        self.query_one(Reading).focus()
        reading = Line("Reading the session …", "quiet")
        if isinstance(self._error, WizardError):
            head, tone, lines = self._of_error()
            self._show(head, tone, [*lines, Line(""), reading])
        elif self._session:
            self.query_one(Reading).show([reading])
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is no report of no session."""
        if action in ("report", "bundle", "save_evidence"):
            return bool(self._session)
        return super().check_action(action, parameters)

    def chosen(self, chosen: Job | Watch) -> None:
        """Go on from here."""
        self.post_message(JobWanted(chosen))

    def closed(self) -> None:
        """Say how it stands now: the word to leave it for a resume no longer counts."""
        self._error = None
        self._read()

    def action_finish(self) -> None:
        """Leave this run, which is over: to home where it was begun there, else to the shell."""
        self.post_message(LeaveWanted(run_only=True))

    def action_report(self) -> None:
        """Read the report."""
        from screens.reader import report_screen

        self.app.push_screen(report_screen(self._session))

    def action_bundle(self) -> None:
        """Make a bundle of the session."""
        from screens.dialogs.bundle import BundleDialog

        self.app.push_screen(BundleDialog(self._session))

    def action_save_evidence(self) -> None:
        """Read what the session proves; it can be saved there."""
        from screens.reader import evidence_screen

        self.app.push_screen(evidence_screen(self._session))

    def _first_words(self) -> str:
        if self._error is not None:
            return "✗ It did not go well" if not isinstance(self._error, WizardError) else "■ Ended"
        return f"{self._run_ended.state if self._run_ended else 'Ended'} …"

    @work(thread=True, group="summary", exclusive=True, description="read how the session stands")
    def _read(self) -> None:
        head, tone, lines = self._of_error()
        entry = self._entry
        if self._session:
            from wizard.looking import session_report, session_status

            lines += [Line("")] if lines else []
            try:
                status, report = session_status(self._session), session_report(self._session)
            except WizardError as error:
                lines += error_lines(error)
            else:
                lines += summary_lines(status, report)
                entry = replace(session_entry(status, datetime.now().astimezone()), subject=self._session)
                if tone != "bad":
                    head, tone = head_of(status)
                    head = joined(head, self._session)
        elif not lines:
            lines.append(Line("Nothing was begun."))
        self.give(self._take, entry, head or "Ended", tone, lines)

    def _of_error(self) -> tuple[str, str, list[Line]]:
        """What went wrong, if something did: head, tone and lines; a defect of wizard itself is kept in a file first.

        Beside the screen only, but for a WizardError.
        """
        match self._error:
            case None:
                return "", "", []
            case WizardError():
                return "■ Ended", "warning", list(error_lines(self._error))
            case defect:
                from wizard.crash import keep_crash

                self._crash = self._crash or keep_crash(defect)
                first, *rest = self._crash.splitlines()
                return "✗ A defect of wizard itself", "bad", [Line(first, "bad"), *map(Line, rest)]

    def _take(self, entry: Entry | None, head: str, tone: str, lines: list[Line]) -> None:
        self._entry = entry
        self._show(head, tone, lines)

    def _show(self, head: str, tone: str, lines: list[Line]) -> None:
        title = self.query_one(TitleBar)
        title.tell(head)
        for name in ("good", "warning", "bad"):
            title.set_class(name == tone, f"-{name}")
        self.query_one(Reading).show(lines)
        self.query_one(StatusLine).show("", head, self._session)
        self.refresh_bindings()
