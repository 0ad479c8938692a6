"""The bridge between the engine's thread and the screens."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from screens.attending import Attending
from screens.operator import ScreenOperator
from screens.requests import Attended, Doing, Paused, Requested, RoomWanted, Told
from tests.fakes.live import FakeLive
from tests.fakes.plans import planned_step
from tests.waiting import until
from wizard.errors import Gone, JournalFullError, StoppedError
from wizard.run.events import Noted, StepEnded
from wizard.run.operator import (
    NOTHING_LEFT,
    Choice,
    ChoiceRequest,
    Chosen,
    Confirmed,
    ConfirmRequest,
    LiveState,
    Pausing,
    Room,
    Watching,
    Wish,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

PATIENCE = 20.0
"""Seconds after which what was waited for fails the test."""

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
            assert self._came.wait_for(found, PATIENCE), f"no {kind.__name__} among {self.messages}"
            message = found()
            self.messages.remove(message)
            return message

    def doing(self, doing: Doing) -> None:
        """Wait until the engine does that."""
        until(lambda: self.operator.doing is doing, PATIENCE)


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
        self._thread.join(PATIENCE)
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


def test_a_decision_that_goes_away_is_taken_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once nothing is left to decide the engine goes on, the card hears of it, and nobody counts as having replied."""
    monkeypatch.setattr("screens.requests.GLANCE_EVERY", 0.01)
    signs: list[int] = []
    stage.operator.on_key(lambda: signs.append(1))
    over = threading.Event()
    engine = Engine(lambda: stage.operator.choose(replace(CHOICE, over=over.is_set)))
    requested: Requested = stage.next(Requested)
    heard = threading.Event()
    requested.on_withdrawn(heard.set)
    over.set()
    assert engine.end().result == NOTHING_LEFT
    assert requested.withdrawn
    assert heard.is_set()
    assert signs == []
    late = threading.Event()
    requested.on_withdrawn(late.set)
    assert late.is_set()


def test_the_engine_looks_around_in_its_own_thread_while_it_waits_for_a_reply(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the look tells is shown while the request is open; what it raises ends the request."""
    monkeypatch.setattr("screens.requests.GLANCE_EVERY", 0.01)
    threads: list[threading.Thread] = []

    def look() -> None:
        threads.append(threading.current_thread())
        stage.operator.tell(Noted("mind the gap"))
        if len(threads) == 3:
            raise JournalFullError("no room")

    stage.operator.meanwhile(look)
    engine = Engine(lambda: stage.operator.confirm(ConfirmRequest("go", "Go", "Go on?")))
    requested: Requested = stage.next(Requested)
    assert stage.next(Told).event == Noted("mind the gap")
    assert isinstance(engine.end().error, JournalFullError)
    assert not requested.withdrawn
    assert len(set(threads)) == 1
    assert threads[0] is not threading.current_thread()


def test_a_reply_counts_although_the_decision_could_go_away(stage: Stage) -> None:
    """What is decided before anything ended by itself is the decision."""
    engine = Engine(lambda: stage.operator.choose(replace(CHOICE, over=lambda: False)))
    requested: Requested = stage.next(Requested)
    requested.reply(Chosen("retry"))
    assert engine.end().result == Chosen("retry")
    assert not requested.withdrawn


def test_a_command_has_the_room_the_screen_says(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine waits for the screen, and goes on with the size of before where the screen says nothing."""
    monkeypatch.setattr("screens.operator.ROOM_SECONDS", PATIENCE)
    engine = Engine(lambda: stage.operator.room("dialog", terminal=True))
    wanted: RoomWanted = stage.next(RoomWanted)
    assert (wanted.shown, wanted.terminal) == ("dialog", True)
    wanted.reply(Room(11, 77))
    assert engine.end().result == Room(11, 77)
    monkeypatch.setattr("screens.operator.ROOM_SECONDS", 0.01)
    assert Engine(lambda: stage.operator.room("dialog", terminal=True)).end().result == Room(11, 77)


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


def test_what_is_wanted_of_one_step_is_not_wanted_of_the_next(stage: Stage) -> None:
    """Stopping a wait that was over by then does not stop the next one, nor does what was wanted of a command."""
    pausing = Pausing("the port", "closed", 1.0)
    stage.operator.want(Wish.STOP)
    stage.operator.tell(StepEnded(planned_step("1/a/one"), "done"))
    assert Engine(lambda: stage.operator.pause(pausing, 0.01)).end().result is None
    live = FakeLive(with_descriptor=True)
    engine = Engine(lambda: stage.operator.attend(watching(live)))
    stage.doing(Doing.RUNNING)
    stage.operator.want(Wish.STOP)
    assert engine.end().result is Wish.STOP
    assert Engine(lambda: stage.operator.pause(pausing, 0.01)).end().result is None


class UntoldLive(FakeLive):
    """Wakes nobody up, as a command of which nobody tells yet, and has ended by the eighth look."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def wait(self, seconds: float) -> LiveState:
        self.looks += 1
        if self.looks == 8:
            self.end()
        return super().wait(seconds)


def test_a_command_that_tells_nobody_is_looked_at_again_and_again(stage: Stage) -> None:
    """The end of a short one is seen at once, long before the next look whether it seems stuck."""
    live, asked = UntoldLive(), []

    def stalled() -> str:
        asked.append(live.looks)
        return ""

    assert stage.operator.attend(watching(live, stalled)) is None
    assert live.looks == 8
    assert len(asked) < 6


def test_typing_into_a_command_that_was_let_go_reaches_nothing_else() -> None:
    """The descriptor that wakes the engine may belong to another file by then, and nothing is written into that."""
    attending = Attending(watching(FakeLive()))
    attending.close()
    read_end, write_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        attending.send(b"yes\r")
        with pytest.raises(BlockingIOError):
            os.read(read_end, 1)
    finally:
        os.close(read_end)
        os.close(write_end)


def test_stopping_counts_although_the_open_request_was_answered_a_moment_before(stage: Stage) -> None:
    """The reply is taken, and the next request is where it stops."""
    engine = Engine(lambda: (stage.operator.choose(CHOICE), stage.operator.choose(CHOICE)))
    requested = stage.next(Requested)
    requested.answered = True
    stage.operator.stop()
    requested.answered = False
    requested.reply(Chosen("retry"))
    assert isinstance(engine.end().error, StoppedError)


@pytest.mark.parametrize(("stands_after", "left"), [(0.0, b"Password: "), (60.0, b"")])
def test_what_waits_for_the_disk_is_kept_only_where_it_stood_for_a_while(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, stands_after: float, left: bytes
) -> None:
    """Once nobody looks at the command any more, what came just now may be on the disk: it would be shown twice."""
    monkeypatch.setattr("screens.attending.TAIL_STANDS_AFTER", stands_after)
    live = FakeLive(with_descriptor=True)
    live.hold(b"Password: ")
    engine = Engine(lambda: stage.operator.attend(watching(live)))
    attending = stage.next(Attended).attending
    seen = 0
    while not attending.tail:
        seen = attending.wait_changed(seen, PATIENCE)
    stage.operator.want(Wish.STOP)
    assert engine.end().result is Wish.STOP
    assert attending.tail == left


def test_a_command_is_attended_until_it_ends(stage: Stage) -> None:
    """What is typed and the new size reach the command; what it prints and holds back reaches the screen."""
    live = FakeLive(with_descriptor=True)
    engine = Engine(lambda: stage.operator.attend(watching(live)))
    attending = stage.next(Attended).attending
    stage.doing(Doing.RUNNING)
    seen = attending.wait_changed(0, 0)
    live.print(b"some output\r\n")
    while not attending.size:
        seen = attending.wait_changed(seen, PATIENCE)
    assert attending.size == len(b"some output\r\n")
    live.hold(b"Password: ")
    while not attending.tail:
        seen = attending.wait_changed(seen, PATIENCE)
    assert attending.tail == b"Password: "
    attending.send(b"yes\r")
    attending.resize(40, 120)
    until(lambda: live.sizes, PATIENCE)
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
        seen = attending.wait_changed(seen, PATIENCE)
    assert attending.hidden is True
    live.end()
    engine.end()


def test_it_is_noticed_without_any_output_that_typing_is_hidden_or_no_longer(stage: Stage) -> None:
    """Some ask first and switch it then, and the answer may not be there in time; the command prints nothing then."""
    live = FakeLive(b"Password: ", with_descriptor=True)
    live.hidden = None
    engine = Engine(lambda: stage.operator.attend(watching(live)))
    attending = stage.next(Attended).attending
    for hidden in (True, False):
        live.hidden = hidden
        until(lambda: attending.hidden is live.hidden, PATIENCE)
    live.end()
    assert engine.end().error is None


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
