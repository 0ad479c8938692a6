"""A text to read, over the screen it was asked for on: a report, a guide's commands, the problems of a guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from screens.saving import Saving
from screens.stage import SessionShown
from screens.widgets.reading import Line, Reading, from_markdown, plain_lines
from screens.widgets.title_bar import TitleBar
from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from textual.app import ComposeResult


class ReaderScreen(Saving[None]):
    """Shows a text that may take a moment to make, and saves it where there is something to save."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,enter",
            "dismiss(None)",
            "Back",
            key_display="esc",
            id="reader.back",
            tooltip="Back to where you were",
        ),
        Binding("s", "save", "Save", id="reader.save", tooltip="Save this text in a new file, readable for you alone"),
    ]

    SAVES = "Save this text"

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
        """Title and text."""
        yield TitleBar(self._words)
        yield Reading([Line("Reading …", "quiet")])

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
        self.give(self._show, lines)

    def _show(self, lines: list[Line]) -> None:
        self.query_one(Reading).show(lines)

    def write(self, name: str) -> Path:
        """Save the text, as it is written in full."""
        from wizard.new_file import place_of, write_new

        assert self._written is not None  # noqa: S101 - saving is offered only then
        path = place_of(name)
        write_new(str(path), self._written())
        return path


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
