"""The app around the engine's thread: how jobs begin and end, and what a defect of a screen leaves behind."""

from __future__ import annotations

import threading
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from textual import work
from textual.widgets import Static
from textual.worker import WorkerFailed

from screens.app import WizardApp
from screens.conductor import Conductor
from screens.dialogs.asking import AskingDialog
from screens.dialogs.leaving import LeavingDialog
from screens.home import HomeScreen
from screens.requests import HandOverAsked
from screens.stage import Stage
from screens.summary import SummaryScreen
from screens.watch import WatchScreen
from tests.screens.frames import text_of, wait_for_text, wait_until
from tests.screens.some_sessions import failed_session
from wizard.errors import DrivenError, ExitCode, Gone, GuideError, StoppedError
from wizard.questions.model import AnswersFile
from wizard.run.events import Said
from wizard.run.operator import Choice, ChoiceRequest

if TYPE_CHECKING:
    from pathlib import Path

    from screens.engine import Job
    from wizard.assemble import FrontEnd
    from wizard.run.events import Event

CHOICE = ChoiceRequest("one", "One", "Why", (Choice("go", "Go on"), Choice("stop", "Stop")))


class BrokenStage(Stage):
    """A stage with a defect: it knows a secret, and raises when it is told something."""

    def told(self, event: Event) -> None:
        secret = "hunter2-hunter2"  # noqa: F841 - what a traceback with local variables would show
        if isinstance(event, Said):
            raise ZeroDivisionError


class LateStage(Stage):
    """A stage that puts up what it is told while it is being left already."""

    def told(self, event: Event) -> None:
        if isinstance(event, Said):
            self.app.exit(ExitCode.STOPPED)
            self.call_later(self._put_up, event.text)

    async def _put_up(self, words: str) -> None:
        await self.mount(Static(words))


class BreakingApp(WizardApp):
    """Shows the broken stage, or the one it is given."""

    stage: type[Stage] = BrokenStage

    def begin_job(self, job: Job) -> None:
        super().begin_job(job)
        self._conductor = Conductor(self)
        self._conductor._show(self.stage())


class JobThatAsks:
    """A job that tells something and asks; `ended` is what came out of its question."""

    def __init__(self) -> None:
        self.ended: BaseException | Any = None
        self.over = threading.Event()

    def __call__(self, front_end: FrontEnd) -> ExitCode:
        with front_end(AnswersFile()) as operator:
            operator.tell(Said("begin"))
            try:
                self.ended = operator.choose(CHOICE)
            except BaseException as error:
                self.ended = error
                raise
            finally:
                self.over.set()
        return ExitCode.DONE


async def test_a_job_that_fails_before_anything_is_shown_belongs_to_the_command_line() -> None:
    """A guide that cannot be used ends the full screen at once; whoever called says why, as in lines."""
    error = GuideError("there is no such guide", ())

    def job(front_end: FrontEnd) -> ExitCode:
        raise error

    app = WizardApp(job, {"TERM": "xterm-256color"})
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.failure is not None)
    assert app.failure is error
    assert app.last_code is ExitCode.GUIDE_INVALID


async def test_whoever_resumes_what_somebody_drives_looks_on(tmp_path: Path) -> None:
    """It is said who drives, nothing is taken, and going back leaves the program as after a watch."""
    session = failed_session(tmp_path)

    def job(front_end: FrontEnd) -> ExitCode:
        raise DrivenError("it is driven by ada on pts/3", session=str(session.folder))

    app = WizardApp(job, {"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, WatchScreen))
        await wait_for_text(pilot, "it is driven by ada on pts/3")
        await wait_for_text(pilot, "1.2 Two")
        await pilot.press("q")
        await wait_until(pilot, lambda: app.return_value is not None)
    assert app.failure is None
    assert app.return_value is ExitCode.DONE


async def test_what_comes_while_the_screen_is_left_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that reach a screen after its app began to end are seen by nobody, and leave no crash note behind."""
    monkeypatch.setattr(BreakingApp, "stage", LateStage)
    job = JobThatAsks()
    app = BreakingApp(job, {"TERM": "xterm-256color"})
    assert await app.run_async(headless=True, size=(80, 24)) is ExitCode.STOPPED
    assert app.failure is None
    assert job.over.wait(60), "the engine waits for somebody who has left"


async def test_a_defect_of_a_screen_ends_the_screen_and_frees_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    """The engine hears that nobody is there, the error is kept for the crash note, and no value is printed."""
    job = JobThatAsks()
    app = BreakingApp(job, {"TERM": "xterm-256color"})
    with pytest.raises(ZeroDivisionError):
        async with app.run_test() as pilot:
            await wait_until(pilot, job.over.is_set)
    assert isinstance(app.failure, ZeroDivisionError)
    assert isinstance(job.ended, Gone)
    seen = capsys.readouterr()
    assert "hunter2" not in seen.out + seen.err


async def test_leaving_at_a_question_stops_where_it_can_be_resumed() -> None:
    """Leaving by key asks first; then the engine is stopped, not lost, and the screen says what became of it."""
    job = JobThatAsks()
    app = WizardApp(job, {"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, AskingDialog))
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: isinstance(app.screen, LeavingDialog))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, AskingDialog))
        assert job.ended is None
        await pilot.press("ctrl+q")
        await wait_for_text(pilot, "Stop here; you are asked again on resume")
        await pilot.press("down", "enter")
        await wait_until(pilot, job.over.is_set)
    assert isinstance(job.ended, StoppedError)


class BrokenWorkerStage(Stage):
    """A stage whose worker has a defect."""

    def told(self, event: Event) -> None:
        self._break()

    @work(thread=True, group="break", exclusive=True, description="break")
    def _break(self) -> None:
        raise ZeroDivisionError


class BreakingWorkerApp(WizardApp):
    """Shows the stage with the broken worker."""

    def begin_job(self, job: Job) -> None:
        super().begin_job(job)
        self._conductor = Conductor(self)
        self._conductor._show(BrokenWorkerStage())


async def test_a_defect_in_a_worker_is_kept_as_what_it_was() -> None:
    """The note says where in the worker it happened, not that some worker failed."""
    app = BreakingWorkerApp(JobThatAsks(), {"TERM": "xterm-256color"})
    with pytest.raises((ZeroDivisionError, WorkerFailed)):
        async with app.run_test() as pilot:
            await wait_until(pilot, lambda: app.failure is not None)
    assert isinstance(app.failure, ZeroDivisionError)
    assert traceback.extract_tb(app.failure.__traceback__)[-1].name == "_break"


async def test_who_asked_for_the_session_is_named_only_as_long_as_they_ask() -> None:
    """Once a key has refused, or they gave up, the words that a key refuses are gone, and it says who drives on."""
    app = WizardApp(JobThatAsks(), {"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, AskingDialog))
        app.post_message(HandOverAsked("anna on pts/3 (pid 7)", 10.0))
        await wait_for_text(pilot, "anna on pts/3 (pid 7)")
        app.post_message(HandOverAsked("", 10.0))
        await wait_for_text(pilot, "The session stays here.")
        assert "anna" not in text_of(app)


async def test_a_run_that_is_over_is_left_for_home_and_home_for_the_shell() -> None:
    """What was begun at home ends there by enter; ctrl+q leaves the program from the summary as from everywhere."""

    def job(front_end: FrontEnd) -> ExitCode:
        with front_end(AnswersFile()):
            return ExitCode.DONE

    app = WizardApp(None, {"TERM": "xterm-256color"})
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, HomeScreen))
        app.screen.dismiss(job)
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, HomeScreen))
        assert not any(isinstance(one, SummaryScreen) for one in app.screen_stack)
        app.screen.dismiss(job)
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: app.return_value is not None)
    assert app.return_value is ExitCode.DONE


async def test_leaving_at_once_waits_for_no_engine_that_hangs() -> None:
    """A check that never answers keeps nobody here: the engine ends with the process, as if that had been killed."""
    hold, begun = threading.Event(), threading.Event()

    def job(front_end: FrontEnd) -> ExitCode:
        with front_end(AnswersFile()):
            begun.set()
            hold.wait(30)
        return ExitCode.DONE

    app = WizardApp(job, {"TERM": "xterm-256color"})
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, begun.is_set)
            await pilot.press("ctrl+q")
            await wait_until(pilot, lambda: isinstance(app.screen, LeavingDialog))
            await pilot.press("3", "enter")
            await wait_for_text(pilot, "Back; nothing is done")
            await pilot.press("down", "enter")
            await wait_until(pilot, lambda: app.left_busy)
    finally:
        hold.set()
    assert app.return_value is ExitCode.STOPPED
