"""When a picture may go, told with a clock of the test's own."""

from __future__ import annotations

from screens.driver.answers import Answers, Question
from screens.driver.pace import BLIND_PAUSE, MOST_PATIENCE, PATIENCE, RATE, REACTION, Hearing, Pace


def answering(now: float = 0.0) -> Pace:
    """The pace of a terminal that has answered once, at once."""
    pace = Pace(now)
    pace.sent(now, 100, asked=True)
    pace.answered(now)
    return pace


def test_one_on_its_way() -> None:
    """The next picture waits for the answer to the last, and goes with it."""
    pace = answering()
    pace.sent(1.0, 100, asked=True)
    assert pace.delay(1.1) > 0.5
    pace.answered(1.2)
    assert pace.delay(1.2) == 0


def test_key_sends_a_second_but_no_third() -> None:
    """After a key a second picture may follow the first, a third may not."""
    pace = answering()
    pace.sent(1.0, 100, asked=True)
    pace.key(1.0)
    assert pace.delay(1.0 + REACTION) == 0
    pace.sent(1.1, 100, asked=True)
    pace.key(1.1)
    assert pace.delay(1.15) > 0.5


def test_rate() -> None:
    """A terminal that answers at once gets no more than the rate, but after a key."""
    pace = answering()
    now, size = 0.0, 4000
    for _ in range(500):
        now += pace.delay(now)
        pace.sent(now, size, asked=True)
        pace.answered(now)
    assert 500 * size / now < RATE * 1.05
    pace.key(now)
    assert pace.delay(now + REACTION) == 0


def test_never_answers() -> None:
    """Without any answer in the first second pictures go without waiting, ten a second at most."""
    pace = Pace(0.0)
    pace.sent(0.0, 100, asked=True)
    pace.sent(0.1, 100, asked=True)
    assert 0 < pace.delay(0.2) <= PATIENCE
    assert pace.delay(0.2 + PATIENCE) == 0
    assert pace.hearing is Hearing.MUTE
    assert not pace.waiting
    pace.sent(2.0, 100, asked=False)
    assert 0 < pace.delay(2.01) <= BLIND_PAUSE
    pace.answered(2.1)
    assert pace.hearing.value == "answers"


def test_dead_link_gets_few() -> None:
    """While nothing is heard the pauses grow; ten minutes of it leave few pictures for the link to keep."""
    pace = answering()
    now, pictures = 0.0, 0
    while now < 600:
        now += max(0.01, pace.delay(now))
        if pace.delay(now) == 0:
            pace.sent(now, 2000, asked=True)
            pictures += 1
    assert pictures < 600 / MOST_PATIENCE + 8


def test_answers_after_a_silence() -> None:
    """When a link comes back, all answers that are still to come are heard before it counts as free."""
    pace = answering()
    for now in (1.0, 3.0, 6.0):
        pace.sent(now, 2000, asked=True)
    pace.answered(10.0)
    assert pace.delay(10.0) > 0
    pace.answered(10.0)
    pace.answered(10.0)
    assert pace.delay(10.0) == 0


def test_lost_answer() -> None:
    """An answer that is lost costs one pause, not one for every picture after it."""
    pace = answering()
    pace.sent(1.0, 100, asked=True)
    now = 1.0 + pace.delay(1.0)
    pace.sent(now, 100, asked=True)
    pace.answered(now + 0.01)
    now += 0.01 + pace.delay(now + 0.01)
    assert pace.delay(now) == 0
    pace.sent(now, 100, asked=True)
    pace.answered(now + 0.01)
    assert pace.delay(now + 0.01) == 0


def test_answers_in_pieces() -> None:
    """Answers are taken out wherever they stand and however they are cut; what was typed stays whole."""
    typed = "ab\x1b[0nc\x1b[A\x1b[3n\x1b\x1b[0n"
    for cut in range(len(typed) + 1):
        answers = Answers()
        rest, count = answers.take(typed[:cut])
        more, also = answers.take(typed[cut:])
        assert (rest + more + answers.let_go(), count + also) == ("abc\x1b[A\x1b", 3)


def test_mode_question() -> None:
    """With the other question its answers are taken; Textual's own answer passes while it is not ours."""
    reply = "\x1b[?2026;2$y"
    answers = Answers()
    assert answers.take(f"x{reply}y") == (f"x{reply}y", 0)
    assert answers.mode_known
    for cut in range(len(reply) + 1):
        ours = Answers(Question.MODE)
        first, count = ours.take(reply[:cut])
        second, also = ours.take(reply[cut:])
        assert (first + second, count + also) == ("", 1)
