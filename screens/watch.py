"""Looking on at a run that another process drives, or nobody: the same as its driver sees, from the folder alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from screens.dialogs.sure import SureDialog
from screens.run_screen import HOW_TO_READ, RunScreen
from screens.widgets.note_line import LONGEST
from screens.widgets.reading import Line
from screens.widgets.wait_view import WaitWords
from screens.widgets.walk_view import WalkView
from wizard.plain.clean import clean, clean_line
from wizard.run.operator import Pausing

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wizard.run.session_view import SessionView, WaitingSeen


class WatchScreen(RunScreen[str | None]):
    """Gives the id of the session where it is to be gone on with here, else None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "take_over", "Take over", id="watch.take-over", tooltip="Ask the driver for the session"),
        Binding("r", "resume", "Resume", id="watch.resume", tooltip="Go on with the session here"),
        Binding("q", "back", "Back", id="watch.back", tooltip="Look on no more; the run goes on"),
        Binding("B", "bundle", "Bundle", id="watch.bundle", tooltip="Make one file of this session for support"),
    ]

    DEFAULT_CSS = """
    #watch-wait { height: auto; padding: 0 1; background: $panel; }
    """

    HELP: ClassVar[str] = (
        "You look on: nothing you press here reaches the run. It shows what the driver sees, but for what the driver "
        "types and is asked.\n"
        f"{HOW_TO_READ}"
        "r goes on with the session here: where somebody drives, they are asked first and may refuse. B makes one file "
        "of the session for support; the run is not disturbed. q goes back."
    )

    def __init__(self, session: str) -> None:
        """Look on at the session with that id."""
        super().__init__(session, here=False)
        self._noted: int | None = None
        """The event of the last note that was seen; None before the first look."""

    def compose(self) -> ComposeResult:
        """What the driver sees, and below it what they wait for."""
        yield from super().compose()
        yield WaitWords(id="watch-wait")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A session that is closed or done is not gone on with; one key asks the driver, or goes on where none is."""
        view = self._view.session_view
        match action:
            case "take_over" | "resume":
                return "resume" in " ".join(view.next) and (action == "take_over") == (view.driver is not None)
            case _:
                return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Look on no more."""
        self.dismiss(None)

    def action_bundle(self) -> None:
        """Make a bundle of the session; the run is not disturbed."""
        from screens.dialogs.bundle import BundleDialog

        self.app.push_screen(BundleDialog(self.session))

    def action_take_over(self) -> None:
        """Go on with the session here; where somebody drives, ask first whether they are to be asked."""
        from wizard.run.takeover import PATIENCE

        driver = self._view.session_view.driver
        if driver is None:
            self.dismiss(self.session)
            return
        lines = [
            Line(f"{clean_line(driver.words)} drives, and is asked for it."),
            Line(
                f"Any key there within {PATIENCE.refuse:.0f} seconds refuses. Who pressed none for "
                f"{PATIENCE.idle:.0f} is taken to be away, and not asked. What runs, runs on."
            ),
        ]
        dialog = SureDialog("Take this session over?", lines, "Take it over", no="Look on")
        self.app.push_screen(dialog, self._taken_over)

    def action_resume(self) -> None:
        """The same: somebody may have begun to drive since the key was offered."""
        self.action_take_over()

    def _taken_over(self, yes: bool | None) -> None:  # noqa: FBT001 - what the dialog gives
        if yes:
            self.dismiss(self.session)

    @on(WalkView.Moved)
    def _moved(self, event: WalkView.Moved) -> None:
        """What can be done may be something else now, and what is waited for."""
        event.stop()
        self._tell_notes(event.view)
        waits = event.view.waiting
        self.query_one(WaitWords).show(_pausing(waits, event.now()) if waits is not None else None)
        self.refresh_bindings()

    def _tell_notes(self, view: SessionView) -> None:
        """Say which notes the driver took in since the last look; those of before are in the log."""
        if self._noted is not None:
            for note in (one for one in view.notes if one.seq > self._noted):
                text = clean(note.text[:LONGEST])
                self.notify(text, title="A note, as the driver sees it", severity="warning", markup=False)
        self._noted = max((one.seq for one in view.notes), default=0)


def _pausing(waits: WaitingSeen, now: float) -> Pausing:
    """A wait as its driver is shown it."""
    return Pausing(waits.title, waits.seen, max(0.0, now - waits.since), waits.usually, waits.at_most)
