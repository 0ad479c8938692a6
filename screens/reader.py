"""A text to read, over the screen it was asked for on: a report, a guide's commands, the problems of a guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from screens.stage import SessionShown, WizardScreen
from screens.widgets.reading import Line, Reading, from_markdown, plain_lines
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult


class ReaderScreen(WizardScreen[None]):
    """Shows a text that may take a moment to make, and saves it where there is something to save."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,enter", "back", "Back", key_display="esc", id="reader.back", tooltip="Back to where you were"
        ),
        Binding("s", "save", "Save", id="reader.save", tooltip="Save this text in a new file, readable for you alone"),
        Binding("j,down", "down", "Down", show=False, id="reader.down", tooltip="One line down"),
        Binding("k,up", "up", "Up", show=False, id="reader.up", tooltip="One line up"),
        Binding("space", "page_down", "Page", show=False, id="reader.page", tooltip="One page down"),
    ]

    DEFAULT_CSS = """
    ReaderScreen > #reader-title { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    ReaderScreen > #reader-file { display: none; height: 3; border: tall $border; }
    ReaderScreen.-saving > #reader-file { display: block; }
    """

    HELP = "A text to read. Arrows, page up and page down, home and end move through it."

    def __init__(
        self,
        title: str,
        make: Callable[[], Sequence[Line]],
        *,
        save_as: str = "",
        written: Callable[[], str] | None = None,
        session: str = "",
    ) -> None:
        """Show what `make` gives, which is called beside the screen; `session` is the one it is about.

        With `save_as`, a name to propose, what `written` gives can be saved.
        """
        super().__init__()
        self._session = session
        self._words = title
        self._make = make
        self._save_as = save_as
        self._written = written

    def compose(self) -> ComposeResult:
        """Title, text, and the name of the file where one is asked for."""
        yield Static(self._words, id="reader-title", markup=False)
        yield Reading([Line("Reading …", "quiet")])
        field = Input(self._save_as, placeholder="Name of a new file", id="reader-file")
        field.cursor_blink = False
        field.border_title = "Save in a new file (enter saves, esc does not)"
        yield field

    def on_mount(self) -> None:
        """Have the text made."""
        self.query_one(Reading).focus()
        if self._session:
            self.post_message(SessionShown(self._session))
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be saved offers it."""
        del parameters
        return self._written is not None if action == "save" else True

    @work(thread=True, group="reader", exclusive=True, description="make the text to read")
    def _read(self) -> None:
        try:
            lines = list(self._make())
        except WizardError as error:
            lines = [Line(line, "bad" if not number else "") for number, line in enumerate(str(error).splitlines())]
        self.app.call_from_thread(self.query_one(Reading).show, lines)

    def action_back(self) -> None:
        """Back, from the name of the file to the text, from the text to the screen below."""
        if self.has_class("-saving"):
            self._end_saving()
        else:
            self.dismiss(None)

    def action_down(self) -> None:
        """One line down."""
        self.query_one(Reading).action_scroll_down()

    def action_up(self) -> None:
        """One line up."""
        self.query_one(Reading).action_scroll_up()

    def action_page_down(self) -> None:
        """One page down."""
        self.query_one(Reading).action_page_down()

    def action_save(self) -> None:
        """Ask for the name of a file."""
        self.add_class("-saving")
        self.query_one(Input).focus()

    def _end_saving(self) -> None:
        self.remove_class("-saving")
        self.query_one(Reading).focus()

    @on(Input.Submitted)
    def _save(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() and self._written is not None:
            self._write(event.value.strip(), self._written)

    @work(thread=True, group="reader-file", exclusive=True, description="save the text")
    def _write(self, name: str, written: Callable[[], str]) -> None:
        import os

        from wizard.new_file import write_new

        try:
            write_new(os.path.expanduser(name), written())  # noqa: PTH111 - leaves a ~ of nobody as it is
        except WizardError as error:
            self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
            return
        self.app.call_from_thread(self._saved, name)

    def _saved(self, name: str) -> None:
        self._end_saving()
        self.notify(f"Saved in {name}.", markup=False)


def report_screen(session: str) -> ReaderScreen:
    """The report of a session, to be read and saved."""

    def written() -> str:
        from wizard.looking import session_report
        from wizard.report.markdown import to_markdown

        return to_markdown(session_report(session))

    return ReaderScreen(
        f"Report of {session}",
        lambda: from_markdown(written()),
        save_as=f"{session}.md",
        written=written,
        session=session,
    )


def evidence_screen(session: str) -> ReaderScreen:
    """What a session proves, to be read and saved for a gate of another run."""

    def written() -> str:
        from wizard.looking import session_evidence

        return session_evidence(session)

    return ReaderScreen(
        f"Evidence of {session}",
        lambda: plain_lines(written()),
        save_as=f"{session}-evidence.json",
        written=written,
        session=session,
    )
