"""The engine at work in a thread of its own, with a front end made of messages."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, assert_never

from screens.operator import ScreenOperator
from screens.requests import Doing, JobEnded, Leaving
from wizard.run.operator import Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from wizard.assemble import FrontEnd
    from wizard.errors import ExitCode
    from wizard.questions.model import AnswersFile

    Job = Callable[[FrontEnd], ExitCode]
    """What the engine is to do, with the front end it is given: begin, resume, undo, call a procedure."""


class EngineThread:
    """Does one job; says by `JobEnded` how it ended. Its methods may be called from any thread."""

    def __init__(self, job: Job, post: Callable[[Message], object]) -> None:
        """Prepare to do `job`, speaking by `post`."""
        self._job = job
        self._post = post
        self._operator = ScreenOperator(post)
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def working(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()

    @property
    def doing(self) -> Doing:
        """What it does just now."""
        return self._operator.doing

    def join(self, seconds: float) -> None:
        """Wait for the end, so long at most."""
        self._thread.join(seconds)

    def notice(self) -> None:
        """Pass on that the person gave a sign."""
        self._operator.notice()

    def lose(self, why: str) -> None:
        """The person is gone; the engine leaves at once, and what runs runs on."""
        self._operator.lose(why)

    def leave(self, how: Leaving) -> None:
        """The person wants to leave; what the engine does meanwhile may be something else than when they were asked."""
        match how:
            case Leaving.AT_ONCE:
                self.lose("the person left at once")
            case Leaving.RUNS_ON if self.doing in (Doing.RUNNING, Doing.WAITING):
                self._operator.want(Wish.LEAVE)
            case Leaving.STOP if self.doing in (Doing.RUNNING, Doing.WAITING):
                self._operator.want(Wish.STOP)
            case Leaving.HERE | Leaving.RUNS_ON | Leaving.STOP:
                self._operator.stop()
            case _:
                assert_never(how)

    def want(self, wish: Wish) -> None:
        """Say what is wanted of the command that runs, or of the wait."""
        self._operator.want(wish)

    def _work(self) -> None:
        code: ExitCode | None = None
        failure: BaseException | None = None
        try:
            code = self._job(self._front_end)
        except BaseException as error:  # noqa: BLE001 - the main thread says what it means
            failure = error
        self._post(JobEnded(code, failure))

    def _front_end(self, given: AnswersFile) -> ScreenOperator:
        del given
        return self._operator
