"""The full screen: takes the terminal, lets the engine work beside it, and shows what the conductor says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import WorkerFailed

from screens.driver import driver_class
from screens.keys_in_turn import KeysInTurn
from screens.presentation import PresentingApp
from screens.requests import (
    Attended,
    Doing,
    FormChanged,
    HandOverAsked,
    JobEnded,
    Leaving,
    Paused,
    Requested,
    RoomWanted,
    Told,
)
from screens.stage import (
    HelpWanted,
    JobWanted,
    LeaveWanted,
    PresentationToggled,
    SessionShown,
    Stage,
    ThemeChosen,
    Wished,
    WizardScreen,
)
from screens.themes import THEMES, theme_for
from screens.timers import ring_once
from screens.widgets.too_small import has_room
from wizard.errors import DrivenError, ExitCode, Gone, HandedOver, WizardError
from wizard.plain.clean import clean_line
from wizard.plain.signals import Signals
from wizard.remembered import remember_theme, remembered_theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.command import Provider

    from screens.conductor import Conductor
    from screens.engine import EngineThread, Job
    from screens.home_entries import Chosen

LEAVE_SECONDS: Final = 0.7
"""How long an engine that is busy may take to leave once the terminal is lost; the process then ends by itself."""

JOURNAL_SECONDS: Final = 5.0
"""How long an engine that heard of it may take to write down that it left, and to hand the session over."""

GOING: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""Signals that mean that the person is gone. No key sends the last two here: keys are read as bytes."""

STAYS_SECONDS: Final = 4.0
"""How long it is said that the session was not handed over."""

RESTORE_SECONDS: Final = 3.0
"""How long it may take to give a terminal back that is perhaps not there any more."""


def _commands() -> type[Provider]:
    """Import the palette's commands when it is opened."""
    from screens.palette import Commands

    return Commands


class WizardApp(KeysInTurn[ExitCode], PresentingApp[ExitCode]):
    """One terminal, one person; at most one job of the engine at a time."""

    TITLE = "wizard"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "no_interrupt", "How to leave", show=False, id="interrupt", tooltip="Says how to leave"),
    ]

    CSS_PATH = Path(__file__).with_name("app.tcss")

    def __init__(self, job: Job | None = None, environ: Mapping[str, str] | None = None, *, watched: str = "") -> None:
        """Do `job`, or look on at session `watched`, and leave; without either, begin at home and come back to it."""
        self._environ = os.environ if environ is None else environ
        super().__init__(driver_class=driver_class(self._environ))
        self._first_job = job
        self._watched = watched
        self._engine: EngineThread | None = None
        self._signals = Signals(GOING, leave_seconds=LEAVE_SECONDS)
        self._conductor: Conductor | None = None
        self.failure: BaseException | None = None
        """What ended the app although it should not have; whoever started it says so once the terminal is back."""
        self.lost = False
        """Whether the terminal was lost."""
        self.parting = ""
        """Why the session went to somebody else, for the person who had it."""
        self.left_busy = False
        """Whether it was left while the engine was too busy to hear of it; until the process ends it drives."""
        self.last_code = ExitCode.DONE
        """Exit code of the last job."""
        self._taking_over = ""
        """Id of the session that was looked at, while it is asked for."""
        self._leaves_whole = False
        """Whether the program is left with the job that ends."""
        self._went_on = False
        """Whether something more was done after the first job."""

    @property
    def session(self) -> str:
        """Id of the session that is driven, or was driven last; empty where there is none."""
        return self._conductor.session if self._conductor is not None else ""

    # -- life ------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Take hold of signals, and begin."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_for(self._environ, remembered_theme())
        # A slow link gets what is there at the end, not the way to it.
        self.animation_level = "none"
        self._signals.__enter__()
        if (end := self._signals.fileno()) is not None:
            asyncio.get_running_loop().add_reader(end, self._hung_up)
        if self._first_job is not None:
            self.begin_job(self._first_job)
        elif self._watched:
            self.look_on(self._watched)
        else:
            self._go_home()

    def on_unmount(self) -> None:
        """Let go of signals."""
        if (end := self._signals.fileno()) is not None:
            asyncio.get_running_loop().remove_reader(end)
        self._signals.__exit__(None, None, None)

    def begin_job(self, job: Job) -> None:
        """Let the engine do something."""
        # Home is there before the engine's words are loaded.
        from screens.conductor import Conductor
        from screens.engine import EngineThread

        self._conductor = Conductor(self)
        self._engine = EngineThread(job, self.post_message)
        self._engine.start()

    def _go_home(self) -> None:
        from screens.home import HomeScreen

        self._engine = None
        self._take_all_away()
        self.push_screen(HomeScreen(), self._begin_chosen)

    def _begin_chosen(self, chosen: Chosen) -> None:
        """Do what was chosen at home or after a run; None leaves."""
        from screens.home_entries import Watch

        match chosen:
            case None:
                self.exit(self.last_code)
            case Watch(session):
                self.look_on(session)
            case job:
                self.begin_job(job)

    def look_on(self, session: str) -> None:
        """Look on at a session."""
        from screens.watch import WatchScreen

        self.push_screen(WatchScreen(session), self._watched_so)

    def _watched_so(self, resume: str | None) -> None:
        """Go on with the session that was looked at where that is wanted (`resume`: its id), else leave."""
        if resume:
            from wizard.assemble import Resume, go_on

            self._taking_over = resume
            request = Resume(resume, take_over=True)
            self.begin_job(lambda front_end: go_on(request, front_end))
        elif isinstance(self.screen, Stage):
            # It was looked on at from a summary, which is still there.
            return
        elif self._watched:
            self.exit(self.last_code)
        else:
            self._go_home()

    def show_stage(self, stage: Stage) -> None:
        """Show a stage in the place of the one before, and nothing over it."""
        while len(self.screen_stack) > 2:
            self.screen.dismiss(None)
        if len(self.screen_stack) == 2:
            self.switch_screen(stage)
        else:
            self.push_screen(stage)
        self.cover_more(self.session)

    def _take_all_away(self) -> None:
        """Leave nothing that could be come back to."""
        while len(self.screen_stack) > 1:
            self.screen.dismiss(None)

    def _hung_up(self) -> None:
        """The terminal is gone, or shall be left: the engine leaves, and so does this; what runs runs on."""
        if (end := self._signals.fileno()) is not None:
            asyncio.get_running_loop().remove_reader(end)
        with contextlib.suppress(Gone):
            # From here on this sees to it that the process ends.
            self._signals.check()
        self.lost = True
        engine = self._engine
        threading.Thread(target=_end_for_sure, args=(engine,), name="way out", daemon=True).start()
        if engine is not None and engine.working:
            engine.lose("the terminal was lost")
        else:
            self.exit(ExitCode.STOPPED)

    def _handle_exception(self, error: Exception) -> None:
        """Keep what went wrong for whoever started this: Textual's traceback would show values."""
        # What comes last may reach a screen that is being left: nothing can be put or found there any more.
        if not (self._exit and isinstance(error, MountError | NoMatches)):
            cause = error.error if isinstance(error, WorkerFailed) else error
            self.failure = self.failure or cause
            self._return_code = ExitCode.INTERNAL
            if self._exception is None:
                self._exception = error
                self._exception_event.set()
        if self._engine is not None:
            self._engine.lose("the screen crashed")
        self._close_messages_no_wait()

    # -- keys ------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note every sign of the person: whoever asks for the session is refused by it, and what was said is read."""
        if isinstance(event, events.Key | events.MouseDown | events.Paste) and not event.is_forwarded:
            # What was said covers what comes next, and may not be so any more.
            self.clear_notifications()
            if self._engine is not None:
                self._engine.notice()
        await super().on_event(event)

    async def action_quit(self) -> None:
        """Leave as the screen leaves: Textual binds ctrl+q to this before any screen is asked."""
        if isinstance(self.screen, WizardScreen):
            self.screen.action_leave()
        else:
            self.post_message(LeaveWanted())

    def action_no_interrupt(self) -> None:
        """Say how to leave, where ^C would end other programs."""
        self.notify("ctrl+q leaves; what runs goes on", title="Not stopped")

    # -- what the engine says --------------------------------------------------------------------

    @on(Told)
    def _show_event(self, message: Told) -> None:
        if self._conductor is not None:
            self._conductor.told(message.event)

    @on(Requested)
    def _put_request(self, message: Requested) -> None:
        if self._conductor is not None:
            self._conductor.asked(message)

    @on(RoomWanted)
    def _tell_room(self, message: RoomWanted) -> None:
        if self._conductor is not None:
            self._conductor.room_wanted(message)

    @on(Attended)
    def _show_command(self, message: Attended) -> None:
        if self._conductor is not None:
            self._conductor.attended(message.attending)

    @on(Paused)
    def _show_wait(self, message: Paused) -> None:
        if self._conductor is not None:
            self._conductor.paused(message.pausing)

    @on(FormChanged)
    def _show_form(self, message: FormChanged) -> None:
        if self._conductor is not None:
            self._conductor.form_changed(message.view)

    @on(HandOverAsked)
    def _show_newcomer(self, message: HandOverAsked) -> None:
        # What was said of the one before is over, and with it how long a key still refuses.
        self.clear_notifications()
        if message.who:
            keeps = f"Any key within {message.seconds:.0f} s keeps it here."
            words = f"{clean_line(message.who)} asks for this session. {keeps}"
            self.notify(words, title="Somebody else", severity="warning", timeout=message.seconds, markup=False)
        else:
            self.notify("The session stays here.", title="Nobody asks any more", timeout=STAYS_SECONDS)

    @on(JobEnded)
    def _job_ended(self, message: JobEnded) -> None:
        if message.code is not None:
            self.last_code = message.code
        elif (code := getattr(message.error, "exit_code", None)) is not None:
            self.last_code = ExitCode(code)
        asked_for, self._taking_over = self._taking_over, ""
        if isinstance(message.error, HandedOver):
            self.parting = str(message.error)
        if self._signals.caught is not None or isinstance(message.error, Gone):
            self.exit(ExitCode.STOPPED)
        elif isinstance(message.error, WizardError) and asked_for and not self.session:
            self._look_on_again(asked_for, message.error)
        elif isinstance(message.error, DrivenError) and not self.session:
            self._look_on_instead(message.error)
        elif message.error is not None and not self.session and self._first_job is not None and not self._went_on:
            # Nothing was shown yet: what is wrong belongs to the line the program was called with.
            self.failure = message.error
            self.exit(self.last_code)
        elif self._leaves_whole:
            self.exit(self.last_code)
        elif self._conductor is not None:
            self._conductor.job_ended(message)

    def _look_on_instead(self, error: DrivenError) -> None:
        """Show a session that somebody else drives: one drives, whoever else resumes it looks on."""
        if self._first_job is not None and not self._went_on:
            self._watched, self.last_code = error.session, ExitCode.DONE
        self._look_on_again(error.session, error)

    def _look_on_again(self, session: str, error: WizardError) -> None:
        """Show a session that was not given to this wizard as before, and why it was not."""
        self._take_all_away()
        self.look_on(session)
        self.notify(clean_line(error.message), title="You look on", severity="warning", timeout=10, markup=False)

    # -- what screens say ------------------------------------------------------------------------

    @on(HelpWanted)
    def _explain(self) -> None:
        from screens.help import HelpScreen

        if isinstance(self.screen, WizardScreen):
            self.push_screen(HelpScreen(self.screen, self._conductor.glossary if self._conductor is not None else {}))

    @on(Wished)
    def _pass_on(self, message: Wished) -> None:
        if self._engine is not None:
            self._engine.want(message.wish)

    @on(JobWanted)
    def _begin_wanted(self, message: JobWanted) -> None:
        if self._engine is None or not self._engine.working:
            self._went_on = True
            self._begin_chosen(message.wanted)

    @on(SessionShown)
    def _cover_hosts(self, message: SessionShown) -> None:
        self.cover_more(message.session)

    @on(PresentationToggled)
    def _present(self) -> None:
        self.present(self.session or self._watched, self._environ)
        if self.presenting:
            self.notify("Machines and accounts are covered; w uncovers them.", title="Sharing the screen")

    @on(ThemeChosen)
    def _choose_theme(self, message: ThemeChosen) -> None:
        self.theme = message.name
        self._remember_theme(message.name)

    @work(thread=True, group="theme", exclusive=True, description="keep the theme that was chosen")
    def _remember_theme(self, name: str) -> None:
        try:
            remember_theme(name)
        except WizardError as error:
            words = f"The next start begins with other colours: {clean_line(error.message)}"
            self.call_from_thread(self.notify, words, title="Theme", severity="warning", markup=False)

    @on(LeaveWanted)
    def _leave(self, message: LeaveWanted) -> None:
        from screens.dialogs.leaving import LeavingDialog

        if self._engine is None or not self._engine.working:
            if message.run_only and self._first_job is None and not self._watched:
                self._go_home()
            else:
                self.exit(self.last_code)
        elif has_room(self.size):
            self.push_screen(LeavingDialog(self._engine.doing), self._leave_so)
        else:
            # There is no room to ask how: the way that ends nothing is taken, and the program goes with it.
            self._leaves_whole = True
            passes = self._engine.doing in (Doing.RUNNING, Doing.WAITING)
            self._leave_so(Leaving.RUNS_ON if passes else Leaving.HERE)

    def _leave_so(self, how: Leaving | None) -> None:
        if how is None or self._engine is None:
            return
        busy = self._engine.doing is Doing.BUSY
        self._engine.leave(how)
        if how is Leaving.AT_ONCE:
            ring_once(self, LEAVE_SECONDS if busy else JOURNAL_SECONDS, self._leave_all_the_same)
        elif self._engine.doing is Doing.BUSY:
            self.notify("It leaves at the next place it can be left at.", title="Leaving")

    def _leave_all_the_same(self) -> None:
        """Leave an engine that is too busy to hear of it (a check hangs): it ends with the process, as after a kill."""
        if self._engine is not None and self._engine.working:
            self.left_busy = True
            self.exit(ExitCode.STOPPED)


def _end_for_sure(engine: EngineThread | None) -> None:
    """End the process once the engine has left: on a dead terminal nothing else may ever come to an end."""
    if engine is not None:
        engine.join(LEAVE_SECONDS if engine.doing is Doing.BUSY else JOURNAL_SECONDS)
    time.sleep(RESTORE_SECONDS)
    os._exit(ExitCode.STOPPED)
