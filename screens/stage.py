"""What every screen has, and what those that the engine speaks to have besides."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import get_current_worker

from screens.widgets.key_bar import KeyBar
from screens.widgets.note_line import NoteLine
from screens.widgets.too_small import mind_the_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from screens.attending import Attending
    from screens.engine import Job
    from screens.home_entries import Watch
    from screens.requests import Requested, RoomWanted
    from wizard.questions.form import FormView
    from wizard.run.events import Event, Noted, Said
    from wizard.run.operator import Pausing, Wish

T = TypeVar("T")


class LeaveWanted(Message):
    """The person wants to leave the wizard; `run_only`: this run, which is over, and not what it was begun from."""

    def __init__(self, *, run_only: bool = False) -> None:
        """Say how far."""
        super().__init__()
        self.run_only = run_only


class Wished(Message):
    """The person wants something of the wait, or of the command that runs."""

    def __init__(self, wish: Wish) -> None:
        """Carry `wish` to the engine."""
        super().__init__()
        self.wish = wish


class JobWanted(Message):
    """The person wants something done with a session, or to look on at one."""

    def __init__(self, wanted: Job | Watch) -> None:
        """Carry what is wanted."""
        super().__init__()
        self.wanted = wanted


class SessionShown(Message):
    """A session is shown that the engine need not be at work on: its machines are to be covered too."""

    def __init__(self, session: str) -> None:
        """Name the session."""
        super().__init__()
        self.session = session


class HelpWanted(Message):
    """The person wants this screen explained."""


class PresentationToggled(Message):
    """The person switches the layout for sharing the screen on or off."""


class ThemeChosen(Message):
    """The person chose a theme, for now and for the next start."""

    def __init__(self, name: str) -> None:
        """Carry its name."""
        super().__init__()
        self.name = name


class WizardScreen(Screen[T], Generic[T]):
    """A screen with what all of them have: its keys in the last line, and a word where the terminal is too small.

    `HELP` explains it in a few lines of plain text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?", id="help", tooltip="Explain this screen"),
        Binding("w", "presentation", "Share", id="presentation", tooltip="Layout for sharing the screen", show=False),
        Binding("ctrl+q", "leave", "Leave", id="leave", tooltip="Leave; a command that runs goes on", priority=True),
    ]

    HELP: ClassVar[str] = ""

    def on_mount(self) -> None:
        """Show the keys; Textual calls this besides the `on_mount` of a subclass, as it does the next two."""
        self.mount(KeyBar())

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is no room."""
        del event
        mind_the_size(self)

    def on_screen_resume(self) -> None:
        """Say so where there is no room (any more)."""
        mind_the_size(self)

    def give(self, take: Callable[..., object], *what: object, **more: object) -> None:
        """Have a worker's thread hand what it found to the thread of this screen, which calls `take` with it.

        Nothing is taken where a newer worker has the place of this one, or the screen or the wizard is being left.
        """
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._given, partial(take, *what, **more))

    def _given(self, take: Callable[[], object]) -> None:
        # A screen that is left is taken apart from the inside, and is there until that is done.
        if self.is_attached and self.app.is_running and self in self.app.screen_stack:
            take()

    def action_help(self) -> None:
        """Explain this screen."""
        self.post_message(HelpWanted())

    def action_presentation(self) -> None:
        """Switch the layout for sharing the screen."""
        self.post_message(PresentationToggled())

    def action_leave(self) -> None:
        """Ask how to leave."""
        self.post_message(LeaveWanted())


class Stage(WizardScreen[None]):
    """A screen the engine speaks to: the conductor hands it what comes while it is shown."""

    notes: reactive[tuple[Noted | Said, ...]] = reactive(())
    """What watchers noted, or was told at once, and was not heard yet; oldest first."""

    def on_mount(self) -> None:
        """Have a place for notes; Textual calls this besides the `on_mount` of a subclass."""
        self.mount(line := NoteLine())
        line.show(self.notes)

    def watch_notes(self) -> None:
        """Show them above all else."""
        for line in self.query(NoteLine):
            line.show(self.notes)

    def told(self, event: Event) -> None:
        """Show an event, as far as this screen is concerned with it."""

    def asked(self, requested: Requested) -> None:
        """Put a request to the person; by default as a dialog over this screen."""
        from screens.dialogs.asking import AskingDialog

        self.app.push_screen(AskingDialog(requested))

    def room_wanted(self, wanted: RoomWanted) -> None:
        """Say how much room a command will have; by default on the screen of its own that `attended` shows."""
        from screens.dialogs.running import room_of

        wanted.reply(room_of(wanted.shown, self.app.size))

    def attended(self, attending: Attending) -> None:
        """Show a running command; by default as a screen of its own over this one."""
        from screens.dialogs.running import RunningScreen

        shown = (one for one in self.app.screen_stack if isinstance(one, RunningScreen))
        if all(one.attempt != attending.attempt for one in shown):
            self.app.push_screen(RunningScreen(attending))

    def paused(self, pausing: Pausing) -> None:
        """Show that the engine passes time."""

    def form_changed(self, view: FormView) -> None:
        """Show a form that is different while the engine works on it."""
