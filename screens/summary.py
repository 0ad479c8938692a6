"""The end of a run: what became of it, what is left to do, and what can be done next; or what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from screens.stage import Stage
from screens.summary_lines import error_lines, head_of, summary_lines
from screens.widgets.reading import Line, Reading
from wizard.errors import WizardError
from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.requests import JobEnded
    from wizard.run.events import RunEnded


class SummaryScreen(Stage):
    """Shows how the engine's job ended; everything but the error comes from the session's folder."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape", "finish", "Leave", id="summary.finish", tooltip="Leave this run"),
        Binding("p", "report", "Report", id="summary.report", tooltip="Read the whole report, and save it with s"),
        Binding(
            "e", "save_evidence", "Evidence", id="summary.evidence", tooltip="What this session proves, to be saved"
        ),
        Binding("space", "page", "Page", show=False, id="summary.page", tooltip="One page down"),
    ]

    DEFAULT_CSS = """
    SummaryScreen > #summary-head { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    SummaryScreen > #summary-head.-good { color: $text-success; }
    SummaryScreen > #summary-head.-warning { color: $text-warning; }
    SummaryScreen > #summary-head.-bad { color: $text-error; }
    """

    HELP = (
        "The end of this run: what was done, skipped, bypassed and undone, how long it took against what the guide "
        "expects, what is left for you to do, and what can be done next, with the commands.\n\n"
        "p opens the whole report, where s saves it in a new file. Everything is kept in the session: nothing is lost "
        "by leaving."
    )

    def __init__(self, session: str, run_ended: RunEnded | None, job_ended: JobEnded) -> None:
        """Sum up `session` (empty where none was opened); `run_ended` is what the engine told last, if it did."""
        super().__init__()
        self._session = session
        self._run_ended = run_ended
        self._error = job_ended.error

    def compose(self) -> ComposeResult:
        """One line of how it ended, and the rest."""
        yield Static(self._first_words(), id="summary-head", markup=False)
        yield Reading()

    def on_mount(self) -> None:
        """Say what is known at once, and read the rest."""
        self.query_one(Reading).focus()
        self._show_error(self._error)
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is no report of no session."""
        del parameters
        return bool(self._session) if action in ("report", "save_evidence") else True

    def action_finish(self) -> None:
        """Leave this run; it is over."""
        self.action_leave()

    def action_report(self) -> None:
        """Read the report."""
        from screens.reader import report_screen

        self.app.push_screen(report_screen(self._session))

    def action_save_evidence(self) -> None:
        """Read what the session proves; it can be saved there."""
        from screens.reader import evidence_screen

        self.app.push_screen(evidence_screen(self._session))

    def action_page(self) -> None:
        """One page down."""
        self.query_one(Reading).action_page_down()

    def _first_words(self) -> str:
        if self._error is not None:
            return "✗ It did not go well" if not isinstance(self._error, WizardError) else "■ Ended"
        return f"{self._run_ended.state if self._run_ended else 'Ended'} …"

    def _show_error(self, error: BaseException | None) -> None:
        """A defect of wizard itself is kept in a file by the worker, which knows the words for it."""
        if isinstance(error, WizardError):
            self._show("■ Ended", "warning", [*error_lines(error), Line(""), Line("Reading the session …", "quiet")])

    @work(thread=True, group="summary", exclusive=True, description="read how the session stands")
    def _read(self) -> None:
        lines: list[Line] = []
        head, tone = "", ""
        match self._error:
            case None:
                pass
            case WizardError():
                lines += error_lines(self._error)
                head, tone = "■ Ended", "warning"
            case _:
                from wizard.crash import keep_crash

                lines += [
                    Line(line, "" if number else "bad")
                    for number, line in enumerate(keep_crash(self._error).splitlines())
                ]
                head, tone = "✗ A defect of wizard itself", "bad"
        if self._session:
            from wizard.looking import session_report, session_status

            try:
                status, report = session_status(self._session), session_report(self._session)
            except WizardError as error:
                lines += [Line(""), *error_lines(error)]
            else:
                lines += [*([Line("")] if lines else []), *summary_lines(status, report)]
                own_head, own_tone = head_of(status)
                head, tone = (f"{own_head}   {self._session}", own_tone) if tone != "bad" else (head, tone)
        elif not lines:
            lines.append(Line("Nothing was begun."))
        self.app.call_from_thread(self._show, head or "Ended", tone, lines)

    def _show(self, head: str, tone: str, lines: list[Line]) -> None:
        title = self.query_one("#summary-head", Static)
        title.update(clean_line(head))
        for name in ("good", "warning", "bad"):
            title.set_class(name == tone, f"-{name}")
        self.query_one(Reading).show(lines)
