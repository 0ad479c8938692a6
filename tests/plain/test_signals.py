"""Signals: noticed within a second, raised only where nothing can be torn apart."""

from __future__ import annotations

import io
import os
import select
import signal
import threading
import time

import pytest

from wizard.errors import Gone, StoppedError
from wizard.plain import prompts
from wizard.plain.dialogue import GuardedPrompts
from wizard.plain.operator import PlainOperator
from wizard.plain.prompts import NumberedPrompts
from wizard.plain.signals import Interrupts, Signals
from wizard.plain.style import Style
from wizard.run.operator import Choice, ChoiceRequest


def send(number: int) -> None:
    """Send this process a signal and let its handler run."""
    os.kill(os.getpid(), number)
    time.sleep(0)


def test_a_hang_up_interrupts_a_prompt() -> None:
    """A prompt that waits for a reply, which never comes, raises Gone when the signal comes."""
    read, write = os.pipe()
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGHUP))
    with Signals(leave=None) as signals, os.fdopen(read, encoding="utf-8") as stdin:
        timer.start()
        asked = GuardedPrompts(NumberedPrompts(stdin, io.StringIO(), Style()), signals, Interrupts())
        with pytest.raises(Gone):
            asked.line("Name")
    timer.join()
    os.close(write)


def test_a_hang_up_while_the_engine_works_waits_for_the_next_word() -> None:
    """Outside a prompt nothing is raised where the signal arrives, but at the next call."""
    with Signals(leave=None) as signals:
        send(signal.SIGTERM)
        assert signals.caught == signal.SIGTERM
        end = signals.fileno()
        assert end is not None
        assert select.select([end], [], [], 0)[0]
        with pytest.raises(Gone, match="SIGTERM"):
            signals.check()
        with pytest.raises(Gone), signals.raising():
            pytest.fail("a prompt was begun although nobody is there")


def test_an_engine_that_does_not_come_back_ends_with_the_process() -> None:
    """Where the engine is busy with something long, the process is ended instead of lingering."""
    ended = threading.Event()
    with Signals(leave=ended.set, leave_seconds=0.05):
        send(signal.SIGHUP)
        assert ended.wait(30)


def test_an_engine_that_comes_back_is_left_to_leave_by_itself() -> None:
    """Once Gone was raised the process is not ended behind the engine's back."""
    ended, before = threading.Event(), set(threading.enumerate())
    with Signals(leave=ended.set, leave_seconds=60) as signals:
        send(signal.SIGHUP)
        [timer] = set(threading.enumerate()) - before
        with pytest.raises(Gone):
            signals.check()
        timer.join(30)
        assert not timer.is_alive(), "it still waits for the moment to end the process"
    assert not ended.is_set()


def test_code_that_cleans_up_is_not_ended() -> None:
    """While the terminal is raw the process never ends by itself."""
    ended = threading.Event()
    with Signals(leave=ended.set, leave_seconds=0.05) as signals, signals.patient():
        send(signal.SIGHUP)
        assert not ended.wait(0.2)
        assert signals.caught == signal.SIGHUP


def test_what_was_ignored_stays_ignored() -> None:
    """Under nohup a hang-up means nothing."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals(leave=None) as signals:
            send(signal.SIGHUP)
            assert signals.caught is None
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_are_put_back() -> None:
    """Afterwards every signal is handled as before."""
    numbers = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    with Signals(leave=None), Interrupts():
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before


def test_an_interrupt_while_the_engine_works_is_asked_about_at_the_next_prompt() -> None:
    """^C in between tears nothing apart; the next prompt begins with the question whether to stop."""
    noted = []
    out = io.StringIO()
    with Signals(leave=None) as signals, Interrupts(lambda: noted.append(1)) as interrupts:
        asked = GuardedPrompts(NumberedPrompts(io.StringIO("go on\nword\n"), out, Style()), signals, interrupts)
        send(signal.SIGINT)
        assert noted == [1]
        assert asked.line("Name") == "word"
    assert "Go on where I was" in out.getvalue()


def test_a_second_interrupt_leaves_at_once() -> None:
    """Somebody who presses ^C twice while the engine works does not have to wait."""
    with Interrupts():
        send(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)


def test_a_watch_takes_interrupts_as_facts() -> None:
    """While something is watched ^C raises nothing, wakes the watch, and is taken once."""
    with Interrupts() as interrupts, interrupts.watching():
        send(signal.SIGINT)
        end = interrupts.fileno()
        assert end is not None
        assert select.select([end], [], [], 0)[0]
        assert interrupts.take()
        assert not interrupts.take()
        assert not select.select([end], [], [], 0)[0]


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGHUP, Gone), (signal.SIGINT, StoppedError)])
def test_what_goes_on_while_a_prompt_waits_is_not_torn_apart(
    number: int, raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note may just be written into the journal: a hang-up and ^C wait until it stands there, and then count."""
    monkeypatch.setattr(prompts, "LOOK_EVERY", 0.01)
    master, slave = os.openpty()
    done: list[str] = []

    def look() -> None:
        if done:
            os.write(master, b"2\n")  # stop, at the question of ^C
        else:
            send(number)
            done.append("written")

    with os.fdopen(slave, encoding="utf-8") as stdin:
        operator = PlainOperator({}, stdin=stdin, out=io.StringIO(), signals=Signals(leave=None))
        operator.meanwhile(look)
        with operator, pytest.raises(raised):
            operator.choose(ChoiceRequest("failed:one", "It failed", "Why", (Choice("undo", "Undo"),)))
    assert done == ["written"]
    os.close(master)
