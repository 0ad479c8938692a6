"""The line-by-line front end, driven by typed text: what it shows and what it replies to the engine."""

from __future__ import annotations

import io
import os
import signal
import termios
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.live import FakeLive
from tests.fakes.plans import finding, planned_phase, planned_step, small_plan
from tests.waiting import AT_ONCE
from wizard.checks.model import Finding, Status
from wizard.checks.words import blockers
from wizard.errors import AnswersError, Gone, JournalFullError, StoppedError
from wizard.guide.models import Question
from wizard.guide.models.checks import Blocks
from wizard.host.protocols import LiveState
from wizard.plain.operator import PlainOperator
from wizard.plain.prompts import NumberedPrompts
from wizard.plain.signals import Signals
from wizard.plain.style import Style
from wizard.questions.model import Asked
from wizard.run.changes import Changes
from wizard.run.events import (
    ChecksEnded,
    CommandEnded,
    Noted,
    PhaseBegan,
    PlanMade,
    RunEnded,
    Said,
    SessionOpened,
    StepBegan,
    WalkBegan,
)
from wizard.run.operator import (
    Choice,
    ChoiceRequest,
    Chosen,
    Confirmed,
    ConfirmRequest,
    Operator,
    Pausing,
    ProceedRequest,
    RecordField,
    Room,
    SecretRequest,
    TickBox,
    Watching,
    Wish,
)


class Interrupted(io.StringIO):
    """Typed text in which a line `^C` is the interrupt key."""

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        line = super().readline(size or -1)
        if line == "^C\n":
            raise KeyboardInterrupt
        return line


def spoken(typed: str = "") -> tuple[PlainOperator, io.StringIO]:
    """An operator over typed text, and what is shown to them."""
    out = io.StringIO()
    return PlainOperator({}, stdin=Interrupted(typed), out=out), out


def test_it_is_an_operator() -> None:
    """The front end fits the engine's one port, with a person behind it."""
    operator: Operator = spoken()[0]
    assert operator.attended


def test_steps_are_told_with_their_place_in_the_plan() -> None:
    """Once a plan is known every step says how far along it is; the guide's boxes are shown once."""
    operator, out = spoken()
    plan = small_plan()
    operator.tell(PlanMade(plan, (("warning", "", "Read this."),)))
    operator.tell(PlanMade(plan, (("warning", "", "Read this."),)))
    operator.tell(WalkBegan(plan))
    operator.tell(StepBegan(plan.phases[0].steps[1], "Migrate the database", "Why.", ("migrate",)))
    shown = out.getvalue()
    assert "Step 3.2 - Migrate the database  (step 2 of 2)" in shown
    assert shown.count("Read this.") == 1


def test_findings_that_come_during_the_walk_are_shown_at_once() -> None:
    """Before the walk findings are shown with the plan; later, when they come."""
    operator, out = spoken()
    operator.tell(ChecksEnded((finding(),)))
    assert out.getvalue() == ""
    operator.tell(PhaseBegan(planned_phase(), ""))
    operator.tell(ChecksEnded((finding(),)))
    assert "FAIL    Room for the dump (blocks)" in out.getvalue()


def proceed(typed: str, *findings: Finding, bypassed: tuple[tuple[str, str], ...] = ()) -> tuple[Chosen, str]:
    """Go through findings and plan with typed text."""
    operator, out = spoken(typed)
    operator.tell(ChecksEnded(findings, bypassed))
    may_start = not blockers(findings, dict(bypassed))
    return operator.proceed(ProceedRequest(small_plan(), findings, may_start=may_start)), out.getvalue()


def test_what_is_different_since_the_last_time_is_said() -> None:
    """Also that nothing is, where somebody asked for another look."""
    operator, out = spoken("again\nagain\nstop\n")
    different = Changes(("Port: was fail, is ok now",), "What is different in the plan:\n  3.1 is called Halt")
    assert operator.proceed(ProceedRequest(small_plan(), ())) == Chosen("again")
    assert "different" not in out.getvalue()
    assert operator.proceed(ProceedRequest(small_plan(), (), different)) == Chosen("again")
    assert "Port: was fail, is ok now\nWhat is different in the plan:\n  3.1 is called Halt\n" in out.getvalue()
    assert operator.proceed(ProceedRequest(small_plan(), ())) == Chosen("stop")
    assert "Nothing is different.\n" in out.getvalue()


def test_starting_is_only_offered_where_nothing_blocks() -> None:
    """With a blocker the menu has no start, and says how many findings block."""
    chosen, shown = proceed("start\nstop\n", finding())
    assert chosen == Chosen("stop")
    assert ") Start" not in shown
    assert "1 fail; 1 blocks." in shown
    chosen, shown = proceed("start\n", finding(status=Status.OK), finding("risk", Status.RISK, blocks=Blocks.NEVER))
    assert chosen == Chosen("start")
    assert shown.index("RISK") < shown.index("OK ")
    assert shown.index("OK ") < shown.index("Migrate the database")


def test_enter_alone_never_starts() -> None:
    """Starting is typed, not taken."""
    assert proceed("\n\nstart\n", finding(status=Status.OK))[0] == Chosen("start")
    with pytest.raises(Gone):
        proceed("\n", finding(status=Status.OK))


def test_a_fix_and_a_bypass_with_its_reason() -> None:
    """A fix is offered where there is one; a bypass asks until there is a reason."""
    fixable = finding("port", fix="Stop the old process", blocks=Blocks.ALWAYS)
    assert proceed("fix:port\n", fixable)[0] == Chosen("fix:port")
    assert proceed("bypass:port\nstop\n", fixable)[0] == Chosen("stop")
    assert proceed("bypass:disk\n\nenough for us\n", finding())[0] == Chosen("bypass:disk", "enough for us")


def test_what_was_bypassed_does_not_block_any_more() -> None:
    """A bypass that the engine took is shown with its reason, and one can start."""
    chosen, shown = proceed("start\n", finding(), bypassed=(("disk", "enough for us"),))
    assert chosen == Chosen("start")
    assert "Bypassed because: enough for us" in shown


def test_the_plan_can_be_seen_again() -> None:
    """The plan is shown once, and again on request."""
    shown = proceed("show\nstop\n", finding())[1]
    assert shown.count("Stop the product") == 2


def confirm(lines: str, **more: Any) -> tuple[Confirmed, str]:
    """Confirm something with typed text."""
    operator, out = spoken(lines)
    return operator.confirm(ConfirmRequest("migrate", "3.2 Migrate", "There is no way back.", **more)), out.getvalue()


def test_a_word_is_a_yes_that_was_said() -> None:
    """Yes or no, never Enter alone; danger is a word, and the commands are shown before."""
    reply, shown = confirm("\nyes\n", danger=True, shown=("rm -rf /opt/old",))
    assert reply == Confirmed(yes=True)
    assert "DANGER" in shown
    assert shown.index("$ rm -rf /opt/old") < shown.index("Do you confirm this")
    assert confirm("no\n")[0] == Confirmed(yes=False)


def test_what_a_step_said_just_now_is_not_said_twice() -> None:
    """Directly after a step was announced only the question is left; anything new is shown, and later all of it."""
    began = StepBegan(planned_step(), "Migrate", "It copies.", ("migrate",), (("danger", "", "No way back."),))
    request = ConfirmRequest("migrate", "3.2 Migrate", "No way back.\nIt copies.", danger=True, shown=("migrate",))
    operator, out = spoken("yes\nyes\nyes\n")
    operator.tell(began)
    assert operator.confirm(request).yes
    assert out.getvalue().count("No way back.") == 1
    assert out.getvalue().count("$ migrate") == 1
    assert operator.confirm(request).yes
    assert out.getvalue().count("No way back.") == 2
    assert out.getvalue().count("$ migrate") == 2
    operator.tell(began)
    operator.confirm(ConfirmRequest("migrate", "3.2 Migrate", "Something else.", shown=("other",)))
    assert "Something else." in out.getvalue()
    assert "$ other" in out.getvalue()


def test_typed_words_must_be_exact() -> None:
    """Case and all; after three tries the operator is asked whether to go on at all."""
    assert confirm("migrate\n", typed="migrate")[0].yes
    reply, shown = confirm("Migrate\nyes\n\nno\n", typed="migrate")
    assert not reply.yes
    assert shown.count("That is not the same.") == 3
    assert confirm("x\nx\nx\nagain\nmigrate\n", typed="migrate")[0].yes


def test_every_box_must_be_ticked() -> None:
    """Ticking some is not enough; what is missing is named, and no is possible."""
    boxes = (TickBox("The backup was copied"), TickBox("The users know"))
    reply, shown = confirm("1\nrest\nall\n", ticks=boxes)
    assert reply.yes
    assert "Not ticked: The users know." in shown
    assert not confirm("none\nno\n", ticks=boxes)[0].yes


def test_records_are_noted_down() -> None:
    """What is needed is asked until it is there; what is optional may stay empty."""
    fields = (RecordField("ticket", "Ticket"), RecordField("who", "Who", optional=True))
    reply, _ = confirm("yes\n\nX-1\n\n", records=fields)
    assert reply == Confirmed(yes=True, records={"ticket": "X-1"})


CHOICES = (
    Choice("again", "Try again", reason=True, danger=True),
    Choice("override", "Go on all the same", reason=True, typed="migrate"),
    Choice("stop", "Stop here"),
)


def choose(typed: str, **more: Any) -> tuple[Chosen, str]:
    """Decide with typed text."""
    operator, out = spoken(typed)
    request = ChoiceRequest("failed:migrate", "3.2 failed", "Exit 1.", CHOICES, ("ERROR: disk full",), **more)
    return operator.choose(request), out.getvalue()


def test_a_decision_shows_what_supports_it() -> None:
    """Title, text and the last lines stand before the menu; danger is a word."""
    chosen, shown = choose("again\n\nit was the network\n")
    assert chosen == Chosen("again", "it was the network")
    assert "Exit 1.\n  | ERROR: disk full\n" in shown
    assert "1) Try again (DANGER)" in shown


def test_a_typed_decision_needs_its_words() -> None:
    """Without the exact words one is back at the menu."""
    assert choose("override\nx\ny\nz\nno\noverride\nmigrate\nbecause\n")[0] == Chosen("override", "because")


def test_a_decision_that_says_what_it_will_do_is_told_and_asked_before_it_is_taken() -> None:
    """A no leads back to the menu; the yes comes after the words."""
    back = Choice("undo-run", "Undo the whole run", says=("2 steps are taken back.", "  1.2 Two: Back"))
    operator, out = spoken("undo-run\nno\nundo-run\nyes\n")
    request = ChoiceRequest("failed:migrate", "3.2 failed", "Exit 1.", (back, *CHOICES))
    assert operator.choose(request) == Chosen("undo-run")
    assert out.getvalue().count("    2 steps are taken back.\n      1.2 Two: Back\n") == 2
    assert "Undo the whole run? - choose: " in out.getvalue()


def test_a_proposed_decision_is_taken_by_enter_but_not_a_dangerous_one() -> None:
    """Enter takes a default that was shown; one that is dangerous has to be typed."""
    assert choose("\n", default="stop")[0] == Chosen("stop")
    assert choose("\nstop\n", default="again")[0] == Chosen("stop")


def test_interrupt_at_a_decision_can_stop_or_go_on() -> None:
    """^C asks; stopping takes the decision's own way to stop, going on asks the same again."""
    assert choose("^C\nstop\n")[0] == Chosen("stop")
    assert choose("again\n^C\ngo on\nbecause\n")[0] == Chosen("again", "because")
    assert proceed("^C\nstop\n", finding())[0] == Chosen("stop")


def test_interrupt_at_a_question_stops_the_run() -> None:
    """Where there is no other way to stop, StoppedError is; a second ^C means the same."""
    question = Question.model_validate({"id": "a", "label": "A", "type": "text"})
    for typed in ("^C\nstop\n", "^C\n^C\n"):
        with pytest.raises(StoppedError):
            spoken(typed)[0].answer(Asked(question, "S", "A", ""))


def test_rows_survive_an_interrupt() -> None:
    """Going on after ^C within a table loses no row."""
    columns = [{"id": "name", "label": "Name"}]
    question = Question.model_validate({"id": "a", "label": "A", "type": "table", "columns": columns})
    operator, _ = spoken("add\none\n^C\ngo on\ndone\n")
    assert operator.answer(Asked(question, "S", "A", "")) == [{"name": "one"}]


def test_a_secret_is_not_asked_where_it_would_be_seen() -> None:
    """Without a terminal the way through the answers file is named."""
    with pytest.raises(AnswersError, match="password: env:VARIABLE"):
        spoken("hush\n")[0].secret(SecretRequest("password", "Database password"))


def test_a_secret_is_asked_until_there_is_one() -> None:
    """An empty secret is none; what was typed is not shown."""

    class Hiding(NumberedPrompts):
        def hidden(self, label: str) -> str:
            return self.line(label)

    out = io.StringIO()
    prompts = Hiding(io.StringIO("\nhush-hush\n"), out, Style())
    prompts.can_hide = True
    operator = PlainOperator({}, stdin=io.StringIO(), out=out, prompts=prompts)
    assert (
        operator.secret(SecretRequest("password", "Database password", "It was never stored.")).reveal() == "hush-hush"
    )
    assert "hush" not in out.getvalue()


@pytest.mark.parametrize("closed", ["input", "output"])
def test_a_person_who_is_gone_is_gone(closed: str) -> None:
    """A closed input or output raises Gone; afterwards telling is silent, so that the engine can leave."""
    operator, out = spoken("")
    if closed == "output":
        out.close()
    with pytest.raises(Gone):
        operator.confirm(ConfirmRequest("x", "X", "X?"))
    if closed == "output":
        operator.tell(Said("more"))


def test_every_reply_is_a_sign_of_life() -> None:
    """Whoever asks for the session learns that a person is there."""
    signs: list[int] = []
    operator, _ = spoken("yes\n")
    operator.on_key(lambda: signs.append(1))
    operator.confirm(ConfirmRequest("x", "X", "X?"))
    assert signs == [1]


def test_a_hang_up_is_told_once() -> None:
    """The first word after a signal raises Gone; what the engine says while it leaves goes nowhere."""
    out = io.StringIO()
    with PlainOperator({}, stdin=io.StringIO(), out=out, signals=Signals(leave=None)) as operator:
        os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(Gone):
            operator.tell(Said("one"))
        operator.tell(Said("two"))
        with pytest.raises(Gone):
            operator.confirm(ConfirmRequest("x", "X", "X?"))
    assert out.getvalue() == ""


def watching(live: FakeLive, **more: Any) -> Watching:
    """A watch over a played command."""
    return Watching(planned_step(), "migrate", terminal=False, live=live, **more)


def test_output_is_copied_where_there_is_no_terminal() -> None:
    """In a pipe the output is copied as text, once, over several watches of the same command."""
    live = FakeLive(b"one\r\n\x1b[31mtwo\x1b[0m\r\n")
    operator, out = spoken("this is for the next question\n")
    answers = iter(["", "It has printed nothing for 5 min."])
    assert operator.attend(watching(live, stalled=lambda: next(answers, "quiet"))) is None
    live.print(b"three\r\nfour")
    live.end()
    assert operator.attend(watching(live, notice="It has printed nothing for 5 min.")) is None
    assert out.getvalue() == "one\ntwo\nIt has printed nothing for 5 min.\nthree\nfour\n"
    assert operator.confirm(ConfirmRequest("x", "X", "X?", typed="this is for the next question")).yes


def test_a_lost_command_ends_the_watch() -> None:
    """Neither running nor ended: the engine looks again and decides."""
    live = FakeLive()
    live.end(LiveState.LOST)
    assert spoken()[0].attend(watching(live)) is None


@pytest.mark.parametrize(("typed", "wish"), [("stop\n", Wish.STOP), ("leave\n", Wish.LEAVE)])
def test_interrupt_without_a_terminal_asks_in_lines(typed: str, wish: Wish) -> None:
    """SIGINT during a command asks by numbered lines where there are no keys."""
    out = io.StringIO()
    live = FakeLive(b"working\r\n")
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    with PlainOperator({}, stdin=io.StringIO(typed), out=out) as operator:
        timer.start()
        assert operator.attend(watching(live)) is wish
    timer.join()
    assert "The command is running" in out.getvalue()


def test_a_new_attempt_begins_at_its_beginning() -> None:
    """What was shown of an attempt is forgotten when it has ended."""
    operator, out = spoken()
    operator.attend(watching(FakeLive(b"one\n", ended=True)))
    operator.tell(CommandEnded("0001-01", "exit 0", 1.0))
    operator.attend(watching(FakeLive(b"two\n", ended=True)))
    assert out.getvalue().startswith("one\n")
    assert out.getvalue().endswith("two\n")


def test_a_wait_is_said_when_it_begins_changes_or_lasts() -> None:
    """Every look is no line: the first, a change after a while, and now and then a sign of life."""
    operator, out = spoken()
    looks = [(0.0, "a"), (2.0, "b"), (11.0, "b"), (13.0, "b"), (31.0, "b"), (33.0, "b"), (65.0, "b")]
    for waited, seen in looks:
        assert operator.pause(Pausing("The service answers", seen, waited, usually=60.0, at_most=300.0), 0.0) is None
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("Waiting:")] == [
        "Waiting: The service answers - a; usually 1 min, at most 5 min (^C asks what to",
        "Waiting: The service answers - b; waited 11 s, usually 1 min, at most 5 min",
        "Waiting: The service answers - b; waited 31 s, usually 1 min, at most 5 min",
        "Waiting: The service answers - b; waited 1 min 5 s, usually 1 min, at most 5 min",
    ]


@pytest.mark.parametrize(
    ("typed", "wish"), [("wait\n", None), ("go_on\n", Wish.GO_ON), ("leave\n", Wish.LEAVE), ("stop\n", Wish.STOP)]
)
def test_interrupt_during_a_wait_asks(typed: str, wish: Wish | None) -> None:
    """^C wakes the wait at once and asks what is wanted."""
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT))
    began = time.monotonic()
    with PlainOperator({}, stdin=io.StringIO(typed), out=io.StringIO()) as operator:
        timer.start()
        assert operator.pause(Pausing("The service answers", "", 0.0), 30.0) is wish
    timer.join()
    assert time.monotonic() - began < AT_ONCE


def test_a_hang_up_wakes_a_wait() -> None:
    """A wait ends with Gone at once, and not when its time is over."""
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGHUP))
    began = time.monotonic()
    with PlainOperator({}, stdin=io.StringIO(), out=io.StringIO(), signals=Signals(leave=None)) as operator:
        timer.start()
        with pytest.raises(Gone):
            operator.pause(Pausing("The service answers", "", 0.0), 30.0)
    timer.join()
    assert time.monotonic() - began < AT_ONCE


def test_a_part_may_be_left_for_after_the_run() -> None:
    """Where the guide allows it the third way is offered, and asks why; an address is shown whole."""
    address = "https://example.org/" + "x" * 120
    request = ConfirmRequest("hands", "Hands", "Tell them.", opens=address, defer="Nobody is there.", item=1)
    operator, out = spoken("3\ntomorrow\n")
    assert operator.confirm(request) == Confirmed(yes=False, deferred="tomorrow")
    assert f"    {address}\n" in out.getvalue()
    assert "Nobody is there." in out.getvalue()
    assert spoken("1\n")[0].confirm(request) == Confirmed(yes=True)
    assert spoken("2\n")[0].confirm(request) == Confirmed(yes=False)


def test_what_is_to_be_read_stands_before_the_question() -> None:
    """The last lines of an output come cleaned, above the yes and no."""
    operator, out = spoken("1\n")
    operator.confirm(ConfirmRequest("review:x", "Read it", "Fine?", lines=("3 rows\x1b[31m lost",)))
    shown = out.getvalue()
    assert "\x1b" not in shown
    assert shown.index("  | 3 rows") < shown.index("Do you confirm this")


def test_the_guides_words_are_explained_from_the_start() -> None:
    """The glossary comes with the session; `?` explains the words a question uses."""
    operator, out = spoken("?\n7\n")
    operator.tell(SessionOpened("s", "Guide", resumed=False, glossary={"node": "One of the machines."}))
    question = Question.model_validate({"id": "n", "label": "Number of node", "type": "text"})
    assert operator.answer(Asked(question, "Section", "Number of node", "")) == "7"
    assert "node: One of the machines." in out.getvalue()


def test_what_is_left_is_said_at_the_end() -> None:
    """What is to be done by hand, and what others have with the file for them."""
    operator, out = spoken()
    operator.tell(RunEnded("done", "", ("report",), (("1.2", "Mail — tomorrow"),), (("1.3", "the DBA", "/x/y.md"),)))
    shown = out.getvalue()
    assert "Left to do by hand:\n  1.2 Mail" in shown
    assert "1.3 was handed to the DBA" in shown
    assert "    /x/y.md\n" in shown


def test_who_does_it_stands_at_the_head_of_a_step() -> None:
    """A step of somebody else says so before anything is asked."""
    operator, out = spoken()
    operator.tell(StepBegan(replace(planned_step("3.2"), who="the DBA"), "Grant", "", ()))
    assert "Done by: the DBA" in out.getvalue()


def test_a_command_begins_with_the_size_of_the_terminal_it_is_handed_through_to() -> None:
    """Where there is no terminal, with the usual one."""
    master, slave = os.openpty()
    try:
        termios.tcsetwinsize(slave, (31, 97))
        with os.fdopen(slave, "r+b", buffering=0, closefd=False) as raw:
            both = io.TextIOWrapper(raw, write_through=True)
            assert PlainOperator({}, stdin=both, out=both).room("x", terminal=True) == Room(31, 97)
            both.detach()
        assert PlainOperator({}, stdin=io.StringIO(), out=io.StringIO()).room("x", terminal=True) == Room(24, 80)
    finally:
        os.close(slave)
        os.close(master)


class FullMeanwhile(NumberedPrompts):
    """Prompts at which a note comes that the journal has no room for."""

    def pick(self, *_: object, **__: object) -> str:
        raise JournalFullError("no room for the journal")


def test_a_journal_that_is_full_is_no_word_of_the_person() -> None:
    """Nobody said that it shall stop here: that would take back what was set, with no room to journal it."""
    operator = PlainOperator({}, out=io.StringIO(), prompts=FullMeanwhile(io.StringIO(), io.StringIO(), Style()))
    with pytest.raises(JournalFullError):
        operator.choose(ChoiceRequest("failed:one", "It failed", "Why", (Choice("stop", "Stop here"),)))
    with pytest.raises(JournalFullError):
        operator.proceed(ProceedRequest(small_plan(), ()))


def test_a_note_between_a_step_and_its_question_lets_nothing_be_said_twice() -> None:
    """What the step said just now is known still, though somebody said something meanwhile."""
    operator, out = spoken("yes\n")
    operator.tell(StepBegan(planned_step("3.2"), "Grant", "Read this.", ("grant all",)))
    operator.tell(Noted("careful", "grace"))
    operator.confirm(ConfirmRequest("grant", "Grant", "Read this.", shown=("grant all",)))
    assert [out.getvalue().count(words) for words in ("Read this.", "grant all")] == [1, 1]


def test_what_ends_beside_the_steps_is_said_above_the_prompt_that_stands_there() -> None:
    """It comes at once, and the question below it is not asked anew with words that were said just now."""
    operator, out = spoken("yes\n")
    operator.tell(StepBegan(planned_step("3.2"), "Grant", "Read this.", ("grant all",)))
    operator.tell(Said("1.1 Serve is not running any more: exit 7.", "warning", at_once=True))
    operator.confirm(ConfirmRequest("grant", "Grant", "Read this.", shown=("grant all",)))
    said = out.getvalue()
    assert "1.1 Serve is not running any more: exit 7." in said
    assert [said.count(words) for words in ("Read this.", "grant all")] == [1, 1]
