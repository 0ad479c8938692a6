"""Looking on at a run that another process drives, or nobody: the same as its driver sees, from the folder alone."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from screens.dialogs.sure import SureDialog
from screens.run_screen import HOW_TO_READ, RunScreen
from screens.widgets.reading import Line
from screens.widgets.walk_view import WalkView
from wizard.plain.clean import clean_line


class WatchScreen(RunScreen[str | None]):
    """Gives the id of the session where it is to be gone on with here, else None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "resume", "Go on here", id="watch.resume", tooltip="Go on with the session here; take it over"),
        Binding("q", "back", "Back", id="watch.back", tooltip="Look on no more; the run goes on"),
        Binding("B", "bundle", "Bundle", id="watch.bundle", tooltip="Make one file of this session for support"),
    ]

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A session that is closed or done is not gone on with."""
        if action == "resume":
            return "resume" in " ".join(self._view.session_view.next)
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Look on no more."""
        self.dismiss(None)

    def action_bundle(self) -> None:
        """Make a bundle of the session; the run is not disturbed."""
        from screens.dialogs.bundle import BundleDialog

        self.app.push_screen(BundleDialog(self.session))

    def action_resume(self) -> None:
        """Go on with the session here; where somebody drives, ask first whether they are to be asked."""
        driver = self._view.session_view.driver
        if driver is None:
            self.dismiss(self.session)
            return
        lines = [
            Line(f"{clean_line(driver.words)} drives, and is asked for it."),
            Line("Any key there refuses. Who does not answer within 10 seconds is replaced; what runs, runs on."),
        ]
        dialog = SureDialog("Take this session over?", lines, "Take it over", no="Look on")
        self.app.push_screen(dialog, self._taken_over)

    def _taken_over(self, yes: bool | None) -> None:  # noqa: FBT001 - what the dialog gives
        if yes:
            self.dismiss(self.session)

    @on(WalkView.Moved)
    def _moved(self, event: WalkView.Moved) -> None:
        """What can be done may be something else now."""
        event.stop()
        self.refresh_bindings()
