"""The bridge between the engine's thread and the screens."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from screens.operator import ScreenOperator
from screens.requests import Attended, Doing, Paused, Requested
from tests.fakes.live import FakeLive
from tests.fakes.plans import planned_step
from wizard.errors import Gone, StoppedError
from wizard.run.operator import Choice, ChoiceRequest, Chosen, Confirmed, ConfirmRequest, Pausing, Watching, Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

CHOICE = ChoiceRequest("failed:one", "It failed", "Why", (Choice("retry", "Try again"), Choice("stop", "Stop")))


class Stage:
    """Takes the messages of an operator whose engine is a thread of the test."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._came = threading.Condition()
        self.operator = ScreenOperator(self.post)

    def post(self, message: Message) -> None:
        with self._came:
            self.messages.append(message)
            self._came.notify_all()

    def next(self, kind: type[Any]) -> Any:
        """Wait for the first message of a kind that was not taken yet."""

        def found() -> Any:
            return next((one for one in self.messages if isinstance(one, kind)), None)

        with self._came:
            assert self._came.wait_for(found, 5), f"no {kind.__name__} among {self.messages}"
            message = found()
            self.messages.remove(message)
            return message

    def doing(self, doing: Doing) -> None:
        """Wait until the engine does that."""
        for _ in range(500):
            if self.operator.doing is doing:
                return
            threading.Event().wait(0.01)
        message = f"it is {self.operator.doing}, not {doing}"
        raise AssertionError(message)


class Engine:
    """Something the engine does, in a thread; what came of it is `result` or `error`."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None

        def run() -> None:
            try:
                self.result = work()
            except BaseException as error:  # noqa: BLE001 - it is looked at by the test
                self.error = error

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def end(self) -> Engine:
        """Wait for its end."""
        self._thread.join(5)
        assert not self._thread.is_alive()
        return self


@pytest.fixture
def stage() -> Stage:
    return Stage()


def watching(live: FakeLive, stalled: Callable[[], str] = lambda: "") -> Watching:
    return Watching(planned_step("1/a/one"), "sleep 9", terminal=True, live=live, stalled=stalled)


def test_the_engine_waits_for_a_reply_and_gets_the_first_one(stage: Stage) -> None:
    """Two keys in a row answer a request once."""
    engine = Engine(lambda: stage.operator.choose(CHOICE))
    requested: Requested = stage.next(Requested)
    stage.doing(Doing.ASKING)
    requested.reply(Chosen("retry"))
    requested.reply(Chosen("stop"))
    assert engine.end().result == Chosen("retry")
    assert stage.operator.doing is Doing.BUSY


def test_a_reply_is_a_sign_of_the_person(stage: Stage) -> None:
    """Who asks for the session is refused by an answer."""
    signs: list[int] = []
    stage.operator.on_key(lambda: signs.append(1))
    engine = Engine(lambda: stage.operator.confirm(ConfirmRequest("one", "One", "Is it so")))
    stage.next(Requested).reply(Confirmed(yes=True))
    assert engine.end().result == Confirmed(yes=True)
    assert signs


def test_a_lost_terminal_ends_what_waits_for_the_person(stage: Stage) -> None:
    """A request that is open, and every later one, raise Gone."""
    engine = Engine(lambda: stage.operator.choose(CHOICE))
    stage.next(Requested)
    stage.operator.lose("the terminal was lost")
    assert isinstance(engine.end().error, Gone)
    assert isinstance(Engine(lambda: stage.operator.choose(CHOICE)).end().error, Gone)
    assert isinstance(Engine(lambda: stage.operator.attend(watching(FakeLive()))).end().error, Gone)


def test_stopping_ends_the_request_that_is_open_or_the_next_one(stage: Stage) -> None:
    """Wherever the engine is, it stops at a place it can be resumed from; once."""
    engine = Engine(lambda: stage.operator.choose(CHOICE))
    stage.next(Requested)
    stage.operator.stop()
    assert isinstance(engine.end().error, StoppedError)
    stage.operator.stop()
    assert isinstance(Engine(lambda: stage.operator.choose(CHOICE)).end().error, StoppedError)
    third = Engine(lambda: stage.operator.choose(CHOICE))
    stage.next(Requested).reply(Chosen("retry"))
    assert third.end().result == Chosen("retry")


def test_a_wait_passes_its_time_or_ends_by_a_wish(stage: Stage) -> None:
    """Without a wish a pause lasts as long as it was asked to, with one it ends at once."""
    pausing = Pausing("the port", "closed", 1.0)
    assert Engine(lambda: stage.operator.pause(pausing, 0.01)).end().result is None
    stage.next(Paused)
    engine = Engine(lambda: stage.operator.pause(pausing, 60))
    stage.next(Paused)
    stage.doing(Doing.WAITING)
    stage.operator.want(Wish.GO_ON)
    assert engine.end().result is Wish.GO_ON


def test_a_command_is_attended_until_it_ends(stage: Stage) -> None:
    """What is typed and the new size reach the command; what it prints and holds back reaches the screen."""
    live = FakeLive(with_descriptor=True)
    engine = Engine(lambda: stage.operator.attend(watching(live)))
    attending = stage.next(Attended).attending
    stage.doing(Doing.RUNNING)
    seen = attending.wait_changed(0, 0)
    live.print(b"some output\r\n")
    seen = attending.wait_changed(seen, 5)
    assert attending.size == len(b"some output\r\n")
    live.hold(b"Password: ")
    while not attending.tail:
        seen = attending.wait_changed(seen, 5)
    assert attending.tail == b"Password: "
    attending.send(b"yes\r")
    attending.resize(40, 120)
    while not live.sizes:
        threading.Event().wait(0.01)
    assert live.sent == b"yes\r"
    assert live.sizes == [(40, 120)]
    live.end()
    assert engine.end().result is None
    assert not attending.running


def test_it_is_noticed_that_typing_is_hidden(stage: Stage) -> None:
    """Once a command that asks for a password is quiet, the screen knows."""
    live = FakeLive(b"Password: ", with_descriptor=True)
    live.hidden = True
    engine = Engine(lambda: stage.operator.attend(watching(live)))
    attending = stage.next(Attended).attending
    seen = 0
    while attending.hidden is None:
        seen = attending.wait_changed(seen, 5)
    assert attending.hidden is True
    live.end()
    engine.end()


@pytest.mark.parametrize("wish", [Wish.STOP, Wish.LEAVE])
def test_a_wish_ends_the_attending(stage: Stage, wish: Wish) -> None:
    """Stop and leave are the engine's to carry out."""
    engine = Engine(lambda: stage.operator.attend(watching(FakeLive(with_descriptor=True))))
    stage.next(Attended)
    stage.doing(Doing.RUNNING)
    stage.operator.want(wish)
    assert engine.end().result is wish


def test_a_command_that_seems_stuck_is_handed_back_and_gone_on_with(stage: Stage) -> None:
    """The engine decides what a stall means; the screen keeps the same command, with the notice."""
    live = FakeLive(with_descriptor=True)
    assert Engine(lambda: stage.operator.attend(watching(live, lambda: "silent"))).end().result is None
    first = stage.next(Attended).attending
    again = Watching(planned_step("1/a/one"), "sleep 9", terminal=True, live=live, notice="silent for long")
    engine = Engine(lambda: stage.operator.attend(again))
    assert stage.next(Attended).attending is first
    assert first.notice == "silent for long"
    live.end()
    engine.end()
