"""Which screen shows what the engine says: from questionnaire over checks and walk to the summary."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from screens.requests import FillRequest
from screens.widgets.note_line import LONGEST
from wizard.plain.clean import clean
from wizard.run.events import ChecksBegan, Noted, RunEnded, Said, SessionOpened, WalkBegan
from wizard.run.operator import HEARD_AFTER, ProceedRequest

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from screens.attending import Attending
    from screens.checks import Looks
    from screens.requests import JobEnded, Requested, RoomWanted
    from screens.stage import Stage
    from wizard.questions.form import FormView
    from wizard.run.events import Event
    from wizard.run.operator import Pausing


NOTE_SECONDS: Final = 15.0
"""How long a note lies over what hides the stage, unless a key is pressed."""


class Theatre(Protocol):
    """Where stages are shown; the App."""

    def notify(self, message: str, *, title: str, severity: SeverityLevel, timeout: float, markup: bool) -> None:
        """Show words over whatever is there."""

    def show_stage(self, stage: Stage) -> None:
        """Show a stage in the place of the one before, and nothing over it."""


class Conductor:
    """Follows one job and shows the stage that fits; holds what a later stage has to know of the earlier ones."""

    def __init__(self, theatre: Theatre) -> None:
        """Show in `theatre` that something begins."""
        from screens.opening import OpeningScreen

        self._theatre = theatre
        self.session = ""
        """Id of the session, empty until it is opened."""
        self.rehearsal = False
        self._guide_title = ""
        self.glossary: dict[str, str] = {}
        self.ended: RunEnded | None = None
        self._looks: Looks | None = None
        """What was found and planned at the last look, while somebody changes answers."""
        self._walking = False
        """Whether the walk has begun: what is checked again before a later hop belongs to it."""
        self._notes: list[tuple[Noted | Said, float]] = []
        """What watchers noted, or was told at once, and was not heard yet, each with when (`time.monotonic`)."""
        self._asked: Requested | None = None
        """What the person was asked last, but for the form: there they reply all the time."""
        self._stage: Stage = OpeningScreen()
        theatre.show_stage(self._stage)

    def told(self, event: Event) -> None:
        """Show an event, on the stage it belongs to."""
        self._hear_notes()
        match event:
            case Noted() | Said(at_once=True):
                self._note(event)
            case SessionOpened():
                self.session, self.rehearsal, self.glossary = event.session, event.rehearsal, dict(event.glossary)
                self._guide_title = event.guide_title
                self._questionnaire()
            case ChecksBegan() if not self._walking:
                self._checks()
            case WalkBegan():
                self._walking = True
                self._walk()
            case RunEnded():
                self.ended = event
            case _:
                pass
        self._stage.told(event)

    def asked(self, requested: Requested) -> None:
        """Put a request to the person, on the stage it belongs to."""
        self._hear_notes()
        match requested.request:
            case FillRequest():
                self._questionnaire()
            case ProceedRequest():
                self._checks()
            case _:
                pass
        if not isinstance(requested.request, FillRequest):
            self._asked = requested
        self._stage.asked(requested)

    def room_wanted(self, wanted: RoomWanted) -> None:
        """Say how much room a command will have on the stage that will show it."""
        self._stage.room_wanted(wanted)

    def attended(self, attending: Attending) -> None:
        """Show a running command."""
        self._stage.attended(attending)

    def paused(self, pausing: Pausing) -> None:
        """Show a wait."""
        self._stage.paused(pausing)

    def form_changed(self, view: FormView) -> None:
        """Show the form as it fills itself."""
        self._questionnaire()
        self._stage.form_changed(view)

    def job_ended(self, ended: JobEnded) -> None:
        """Show what became of it."""
        from screens.summary import SummaryScreen

        self._show(SummaryScreen(self.session, self.ended, ended))

    # -- notes of watchers, and what is told at once -----------------------------------------------

    def _note(self, note: Noted | Said) -> None:
        """Keep a note in sight on every stage until it was heard, and lay it over what hides the stage."""
        self._notes.append((note, time.monotonic()))
        self._show_notes()
        if not self._stage.is_active:
            text = clean(note.text)[:LONGEST]
            title = "A note of a watcher" if isinstance(note, Noted) else "Beside the steps"
            self._theatre.notify(text, title=title, severity="warning", timeout=NOTE_SECONDS, markup=False)

    def _hear_notes(self) -> None:
        """Take notes out of sight that were there for a while when the person replied."""
        asked = self._asked
        if asked is None or not asked.answered or asked.withdrawn:
            return
        self._asked = None
        left = [(note, came) for note, came in self._notes if asked.replied_at - came < HEARD_AFTER]
        if len(left) != len(self._notes):
            self._notes = left
            self._show_notes()

    def _show_notes(self) -> None:
        self._stage.notes = tuple(note for note, _ in self._notes)

    # -- stages ----------------------------------------------------------------------------------

    def _questionnaire(self) -> None:
        from screens.questionnaire import QuestionnaireScreen

        if not isinstance(self._stage, QuestionnaireScreen):
            self._show(
                QuestionnaireScreen(
                    self.session, rehearsal=self.rehearsal, glossary=self.glossary, guide_title=self._guide_title
                )
            )

    def _checks(self) -> None:
        from screens.checks import ChecksScreen, Looks

        if not isinstance(self._stage, ChecksScreen):
            self._looks = self._looks or Looks()
            self._show(ChecksScreen(self.session, rehearsal=self.rehearsal, looks=self._looks))

    def _walk(self) -> None:
        from screens.walk import WalkScreen

        if not isinstance(self._stage, WalkScreen):
            self._show(WalkScreen(self.session, rehearsal=self.rehearsal))

    def _show(self, stage: Stage) -> None:
        self._stage = stage
        self._show_notes()
        self._theatre.show_stage(stage)
