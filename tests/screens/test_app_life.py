"""The app around the engine's thread: how jobs begin and end, and what a defect of a screen leaves behind."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from screens.app import WizardApp
from screens.conductor import Conductor
from screens.dialogs.asking import AskingDialog
from screens.dialogs.leaving import LeavingDialog
from screens.stage import Stage
from tests.screens.frames import wait_for_text, wait_until
from wizard.errors import ExitCode, Gone, GuideError, StoppedError
from wizard.questions.model import AnswersFile
from wizard.run.events import Said
from wizard.run.operator import Choice, ChoiceRequest

if TYPE_CHECKING:
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


class BreakingApp(WizardApp):
    """Shows the broken stage."""

    def begin_job(self, job: Job) -> None:
        super().begin_job(job)
        self._conductor = Conductor(self, BrokenStage())


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
