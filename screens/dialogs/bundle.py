"""Making the bundle of a session: where to, how far it is, and where it is then and what to do with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from screens.dialogs.dialog import Dialog
from screens.widgets.card_base import Card
from screens.widgets.card_rows import words
from screens.widgets.reading import Line, Reading
from screens.widgets.still_input import StillInput
from wizard.bundling import current_folder, own_name, session_bundle
from wizard.errors import WizardError
from wizard.plain.clean import clean, clean_line
from wizard.units import show_size

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wizard.report.bundle import BundleMade

_SAY_EVERY: Final = 0.2
"""Seconds between two words on how far it is."""

_WHAT: Final = (
    "One file for support: report, journal, plan, guide, answers without secrets, and what commands printed. "
    "The session is only read."
)


class BundleDialog(Dialog[None]):
    """Asks for a place, makes the bundle there, and says where it is; it is there for as long as it takes to read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc", id="bundle.back", tooltip="Back; what is not made is not"),
        Binding("enter", "read", "Read", show=False, id="bundle.read", tooltip="It is read; back to where you were"),
    ]

    DEFAULT_CSS = """
    BundleDialog {
        & > .-box { max-width: 90; padding: 0 2; }
        & .-box > Static { width: 1fr; height: auto; }
        & .-box > .-strong { max-height: 3; }
        & Input { margin-top: 1; }
        & .-problem { display: none; color: $text-error; text-style: bold; }
        & .-problem.-shown { display: block; }
        & #bundle-far { display: none; }
        & Reading { display: none; height: auto; max-height: 70vh; padding: 0; margin-top: 1; }
        &.-making #bundle-far, &.-made Reading { display: block; }
        &.-making Input, &.-made Input, &.-made #bundle-what { display: none; }
    }
    """

    HELP = (
        "A bundle is one file with what support needs of a session, without known secrets. Write a file or a folder "
        "and press enter; nothing is ever written over. Escape goes back, also while it is made: then nothing is left "
        "of it."
    )

    def __init__(self, session: str) -> None:
        """Offer to bundle the session with that id."""
        super().__init__()
        self._session = session
        self._own_name = own_name(session)
        self._made_at = 0.0

    def compose(self) -> ComposeResult:
        """What it is, the place, and what becomes of it."""
        with Vertical(classes="-box"):
            yield words(f"Bundle of {clean_line(self._session)}", "-strong")
            yield Static(f"{_WHAT}\n{clean_line(_where())}", id="bundle-what", markup=False)
            yield StillInput(self._own_name, placeholder="A file or a folder", select_on_focus=False)
            yield Static("", classes="-problem", markup=False)
            yield Static("", id="bundle-far", markup=False)
            yield Reading()

    def on_mount(self) -> None:
        """Lead to the place."""
        self.query_one(Input).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter ends only what can be read."""
        return self.has_class("-made") if action == "read" else super().check_action(action, parameters)

    def action_read(self) -> None:
        """Back, with the bundle made; not by the key that made it, pressed twice."""
        if time.monotonic() - self._made_at > Card.QUIET:
            self.dismiss(None)

    def action_back(self) -> None:
        """Back; what is being made ends, and is not left."""
        # The workers of a screen end when it is taken down, which may be after the bundle is whole.
        self.workers.cancel_group(self, "bundle")
        self.dismiss(None)

    @on(Input.Submitted)
    def _wanted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.has_class("-making"):
            return
        self._say_problem("")
        self._say_far(0, 0)
        self.add_class("-making")
        self.set_focus(None)
        # Its own name gets a number where it is taken; one that was written is meant as it is.
        given = event.value.strip()
        self._make("" if given == self._own_name else given)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._say_problem("")

    @work(thread=True, group="bundle", exclusive=True, description="make the bundle")
    def _make(self, output: str) -> None:
        worker = get_current_worker()
        said = 0.0

        def going_on(done: int, of: int) -> bool:
            nonlocal said
            if (now := time.monotonic()) - said >= _SAY_EVERY:
                said = now
                self.give(self._say_far, done, of)
            return not worker.is_cancelled

        try:
            made = session_bundle(self._session, output, going_on=going_on)
        except WizardError as error:
            self.give(self._failed, str(error))
        else:
            self.give(self._made, made)

    def _say_far(self, done: int, of: int) -> None:
        far = f" {show_size(done)} of {show_size(of)}" if of else ""
        self.query_one("#bundle-far", Static).update(f"Making it …{far}")

    def _failed(self, problem: str) -> None:
        self.remove_class("-making")
        self._say_problem(clean(problem))
        self.query_one(Input).focus()

    def _made(self, made: BundleMade) -> None:
        from wizard.report.bundle_words import handing_over

        self.remove_class("-making")
        self.add_class("-made")
        self._made_at = time.monotonic()
        reading = self.query_one(Reading)
        head = Line("✓ It is in", "good")
        path = Line(clean_line(str(made.path)), "heading")
        reading.show([head, path, Line(""), *(Line(line, hang=2) for line in handing_over(made))])
        reading.focus()

    def _say_problem(self, problem: str) -> None:
        shown = self.query_one(".-problem", Static)
        if problem or shown.has_class("-shown"):
            shown.update(problem)
            shown.set_class(bool(problem), "-shown")


def _where() -> str:
    try:
        return f"Without a path before its name it goes into {current_folder()}."
    except WizardError:
        return "Write where it goes, with its whole path."
