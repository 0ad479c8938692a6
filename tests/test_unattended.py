"""The front end without a person: replies from the answers file, and ends that say what is missing."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from typing import Any

import pytest

from tests.fakes.forms import FakeForm
from tests.fakes.live import FakeLive
from tests.fakes.plans import finding, planned_step, small_plan
from tests.waiting import AT_ONCE
from wizard.checks.model import Finding, Status
from wizard.checks.words import blockers
from wizard.errors import (
    AnswersError,
    BlockedError,
    ExitCode,
    OutcomeUnknownError,
    StepFailedError,
    StoppedError,
    WizardError,
)
from wizard.guide.models import Question
from wizard.guide.models.checks import Blocks
from wizard.questions.model import AnswersFile, Asked
from wizard.run.events import ChecksEnded, CommandEnded, PlanMade, RunEnded, Said, StepBegan, WalkBegan
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
    SecretRequest,
    TickBox,
    Watching,
    Wish,
)
from wizard.secrets import Secret
from wizard.unattended import UnattendedOperator


def alone(**sections: Any) -> tuple[UnattendedOperator, io.StringIO]:
    """An operator over an answers file with those sections, and what is shown."""
    out = io.StringIO()
    lines = {f"{section}.{key}": 7 for section, entries in sections.items() for key in entries}
    return UnattendedOperator(AnswersFile(path="answers.yaml", lines=lines, **sections), {}, out=out), out


def test_it_is_an_operator_with_nobody_behind_it() -> None:
    """The front end fits the engine's one port, and says that nobody can decide."""
    operator: Operator = alone()[0]
    assert not operator.attended


def confirm(entry: Any, **more: Any) -> Confirmed:
    """Confirm a step that the file has an entry for."""
    return alone(confirmations={"migrate": entry})[0].confirm(ConfirmRequest("migrate", "3.2", "No way back.", **more))


FULL: dict[str, Any] = {
    "typed": "migrate",
    "ticks": (TickBox("The backup was copied"),),
    "records": (RecordField("ticket", "Ticket"), RecordField("who", "Who", optional=True)),
}


@pytest.mark.parametrize(
    ("entry", "request_", "reply"),
    [
        (True, {}, Confirmed(yes=True)),
        (False, FULL, Confirmed(yes=False)),
        ("migrate", {"typed": "migrate"}, Confirmed(yes=True)),
        (2024, {"typed": "2024"}, Confirmed(yes=True)),
        ({"typed": "migrate"}, {"typed": "migrate"}, Confirmed(yes=True)),
        ({"tick": "all"}, {"ticks": FULL["ticks"]}, Confirmed(yes=True)),
        ({"tick": True}, {"ticks": FULL["ticks"]}, Confirmed(yes=True)),
        (
            {"typed": "migrate", "tick": "all", "record": {"ticket": " X-1 "}},
            FULL,
            Confirmed(yes=True, records={"ticket": "X-1"}),
        ),
        ({"record": {"ticket": 12, "who": "me", "of_another_item": "x"}}, {"records": FULL["records"]},
         Confirmed(yes=True, records={"ticket": "12", "who": "me"})),
    ],
)  # fmt: skip
def test_words_of_the_file_are_taken(entry: Any, request_: dict[str, Any], reply: Confirmed) -> None:
    """Each form of an entry confirms exactly what it covers."""
    assert confirm(entry, **request_) == reply


@pytest.mark.parametrize(
    ("entry", "request_", "why"),
    [
        (True, {"typed": "migrate"}, "must be exactly 'migrate'"),
        ("Migrate", {"typed": "migrate"}, "must be exactly 'migrate'"),
        ({"typed": "migrate "}, {"typed": "migrate"}, "must be exactly 'migrate'"),
        ("yes", {}, "nothing is typed here: write true"),
        (True, {"ticks": FULL["ticks"]}, "every box must be ticked"),
        ({"tick": ["one"]}, {"ticks": FULL["ticks"]}, "every box must be ticked"),
        (True, {"records": FULL["records"]}, "`record` must hold ticket: Ticket"),
        ({"record": {"ticket": " "}}, {"records": FULL["records"]}, "`record` must hold ticket: Ticket"),
        ({"record": "X-1"}, {"records": FULL["records"]}, "`record` is a map"),
        ({"ticks": "all"}, {"ticks": FULL["ticks"]}, "ticks is not known here"),
        (["all"], {}, "write true"),
        ("", {}, "write true"),
    ],
)
def test_half_a_word_is_none(entry: Any, request_: dict[str, Any], why: str) -> None:
    """What does not cover everything that is asked ends the run with the line and what to write."""
    with pytest.raises(AnswersError) as caught:
        confirm(entry, **request_)
    [problem] = caught.value.problems
    assert why in problem.message
    assert (problem.file, problem.line, problem.key) == ("answers.yaml", 7, "confirmations.migrate")
    assert "Under `confirmations:` add `migrate:" in problem.hint
    assert caught.value.exit_code is ExitCode.ANSWERS_INVALID


def test_a_word_that_is_missing_names_the_line_to_add() -> None:
    """Without an entry the whole entry that is needed is spelled out."""
    with pytest.raises(AnswersError) as caught:
        alone()[0].confirm(ConfirmRequest("migrate", "3.2", "No way back.", **FULL))
    hint = caught.value.problems[0].hint
    assert hint == "Under `confirmations:` add `migrate: {typed: 'migrate', tick: all, record: {ticket: …, who: …}}`."


def test_statements_come_from_states() -> None:
    """An `ask` check is stated by `true`, or by the text that is noted down with it."""
    operator, _ = alone(states={"told-users": True, "backup-place": "nas:/dump", "refused": False})
    assert operator.confirm(ConfirmRequest("state:told-users", "Users", "They know?")) == Confirmed(yes=True)
    request = ConfirmRequest("backup-place", "Backup", "Where?", records=(RecordField("where", "Where"),))
    assert operator.confirm(request) == Confirmed(yes=True, records={"where": "nas:/dump"})
    assert operator.confirm(ConfirmRequest("state:refused", "X", "X?")) == Confirmed(yes=False)
    with pytest.raises(AnswersError, match="Under `states:` add `other: true`"):
        operator.confirm(ConfirmRequest("state:other", "Other", "Other?"))


DECISION = (Choice("again", "Again"), Choice("stop", "Stop"))


@pytest.mark.parametrize(
    ("name", "error", "code"),
    [
        ("failed:migrate", StepFailedError, 30),
        ("waited:migrate", StepFailedError, 30),
        ("gate:migrate", StepFailedError, 30),
        ("unknown:migrate", OutcomeUnknownError, 31),
        ("survivors:migrate", OutcomeUnknownError, 31),
        ("something-new:migrate", AnswersError, 41),
    ],
)
def test_decisions_end_the_run(name: str, error: type[WizardError], code: int) -> None:
    """Nobody decides: the run ends with the code that says why, and with what supports it."""
    with pytest.raises(error, match="Migrate failed") as caught:
        alone(confirmations={"migrate": True})[0].choose(
            ChoiceRequest(name, "Migrate failed", "Exit 1.", DECISION, ("ERROR: disk full",), default="again")
        )
    assert "ERROR: disk full" in str(caught.value)
    assert caught.value.exit_code == code


def proceed(operator: UnattendedOperator, *findings: Finding, bypassed: tuple[tuple[str, str], ...] = ()) -> Chosen:
    """Show findings and ask what to do."""
    operator.tell(ChecksEnded(findings, bypassed))
    return operator.proceed(ProceedRequest(small_plan(), findings, may_start=not blockers(findings, dict(bypassed))))


def test_it_starts_where_nothing_blocks() -> None:
    """Passes, risks that do not block, and what was skipped keep nobody from starting."""
    findings = (
        finding("a", Status.OK),
        finding("b", Status.RISK, blocks=Blocks.NEVER),
        finding("c", Status.SKIPPED, blocks=Blocks.ALWAYS),
    )
    assert proceed(alone()[0], *findings) == Chosen("start")


def test_a_fix_the_file_allows_is_taken_once() -> None:
    """The fix comes before any bypass; one that does not help is not taken again."""
    one = finding("port", fix="Stop the old process", blocks=Blocks.ALWAYS)
    operator, _ = alone(confirmations={"fix-port": True})
    assert proceed(operator, one) == Chosen("fix:port")
    with pytest.raises(BlockedError, match="Its fix was tried and did not help"):
        proceed(operator, one)


def test_a_bypass_needs_its_reason_in_the_file() -> None:
    """A bypass is taken with its reason, and not for what cannot be bypassed."""
    operator, _ = alone(bypasses={"disk": "enough for us"})
    assert proceed(operator, finding()) == Chosen("bypass:disk", "enough for us")
    assert proceed(operator, finding(), bypassed=(("disk", "enough for us"),)) == Chosen("start")
    with pytest.raises(BlockedError, match="it cannot be bypassed"):
        proceed(alone(bypasses={"disk": "enough"})[0], finding(blocks=Blocks.ALWAYS))
    with pytest.raises(BlockedError):
        proceed(alone(bypasses={"disk": " "})[0], finding())


def test_all_blockers_are_named_at_once() -> None:
    """One look shows everything that has to be done, with the ways out that the file could allow."""
    with pytest.raises(BlockedError) as caught:
        proceed(
            alone()[0], finding("disk"), finding("port", fix="Stop it", blocks=Blocks.ALWAYS), finding("x", Status.OK)
        )
    words = str(caught.value)
    assert caught.value.exit_code is ExitCode.BLOCKED
    assert words.startswith("2 findings keep the run from starting:")
    assert "bypasses: {disk: your reason}" in words
    assert "confirmations: {fix-port: true}" in words
    assert "What to do: Free some space." in words


def test_a_question_is_never_answered_by_itself() -> None:
    """A question that was not answered beforehand is refused by name."""
    question = Question.model_validate({"id": "install_dir", "label": "Folder", "type": "path", "default": "/opt"})
    form = FakeForm([Asked(question, "Installation", "Folder", "")])
    with pytest.raises(AnswersError, match="Under `answers:` add `install_dir: …`"):
        alone()[0].fill(form)
    assert form.taken == []


def test_secrets_come_from_the_file() -> None:
    """A secret that is needed again is given again; text is not taken for one."""
    operator, _ = alone(answers={"password": Secret("hush-hush"), "plain": "text"})
    assert operator.secret(SecretRequest("password", "Password")) == Secret("hush-hush")
    for name in ("plain", "missing"):
        with pytest.raises(AnswersError, match="env:VARIABLE"):
            operator.secret(SecretRequest(name, "Password"))


def test_words_go_out_with_progress_and_findings_that_are_no_pass() -> None:
    """What happens is written as it is in the other front ends; of findings the passes are only counted."""
    operator, out = alone()
    plan = small_plan()
    operator.tell(ChecksEnded((finding("a", Status.OK, title="All fine"), finding(title="Too small"))))
    operator.tell(WalkBegan(plan))
    operator.tell(StepBegan(plan.phases[0].steps[1], "Migrate", "Why.", ()))
    shown = out.getvalue()
    assert "Checks: 1 fail, 1 ok; 1 blocks." in shown
    assert "Too small" in shown
    assert "All fine" not in shown
    assert "step 2 of 2" in shown


def test_findings_and_boxes_are_written_once_before_the_walk() -> None:
    """After a bypass all checks are asked again: only what is different now is written, and that it was bypassed."""
    operator, out = alone()
    boxes = (("warning", "", "Read this."),)
    for bypassed in ((), (("disk", "enough for us"),)):
        operator.tell(ChecksEnded((finding(title="Too small"),), bypassed))
        operator.tell(PlanMade(small_plan(), boxes))
    assert (out.getvalue().count("Too small"), out.getvalue().count("Read this.")) == (1, 1)
    assert "bypassed disk: enough for us" in out.getvalue()
    operator.tell(WalkBegan(small_plan()))
    operator.tell(ChecksEnded((finding(title="Too small"),)))
    assert out.getvalue().count("Too small") == 2


def test_what_was_to_be_done_by_hand_is_written() -> None:
    """Whoever reads the log sees the part, its address, and what the file says of it."""
    operator, out = alone(confirmations={"look": {"record": {"seen": "all fine"}}})
    fields = (RecordField("seen", "What was seen"),)
    operator.confirm(
        ConfirmRequest("look", "Look (1 of 1)", "Log in.", records=fields, opens="http://localhost:8001/", item=1)
    )
    assert out.getvalue() == (
        "  By hand: Log in.\n    http://localhost:8001/\n    The answers file says yes.\n    seen: all fine\n"
    )


def watching(live: FakeLive, **more: Any) -> Watching:
    """A watch over a played command."""
    return Watching(planned_step(), "migrate", terminal=False, live=live, **more)


def test_output_is_written_line_by_line_with_the_step() -> None:
    """Each line has the step's code in front; colours, returns and half lines are no trouble."""
    live = FakeLive(b"\x1b[31mone\x1b[0m\r\n10%\r100%\r\ntw")
    operator, out = alone()
    assert operator.attend(watching(live, stalled=iter(["quiet"]).__next__)) is None
    assert out.getvalue() == "3.2 | one\n3.2 | 10%\n3.2 | 100%\n"
    live.print(b"o\r\nthree")
    live.end()
    assert operator.attend(watching(live, notice="It has printed nothing for 5 min.")) is None
    assert out.getvalue().splitlines()[3:] == ["It has printed nothing for 5 min.", "3.2 | two", "3.2 | three"]


def test_a_new_attempt_is_written_from_its_beginning() -> None:
    """What was written of an attempt is forgotten when it has ended."""
    operator, out = alone()
    operator.attend(watching(FakeLive(b"first\n", ended=True)))
    operator.tell(CommandEnded("0001-01", "exit 1", 1.0))
    operator.attend(watching(FakeLive(b"again\n", ended=True)))
    assert "3.2 | first\n" in out.getvalue()
    assert "3.2 | again\n" in out.getvalue()


def test_much_output_is_written_whole() -> None:
    """Long outputs and long lines come through without loss."""
    data = b"".join(b"line %06d\n" % number for number in range(30_000)) + b"x" * 20_000
    operator, out = alone()
    operator.attend(watching(FakeLive(data, ended=True)))
    shown = out.getvalue()
    assert shown.count("3.2 | line ") == 30_000
    assert shown.count("x") == 20_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_command_running(number: signal.Signals) -> None:
    """A watched command is left at once and not stopped; the words at the end still go out."""
    live = FakeLive(b"working\n")
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), number))
    operator, out = alone()
    began = time.monotonic()
    with operator:
        timer.start()
        assert operator.attend(watching(live)) is Wish.LEAVE
        operator.tell(RunEnded("waiting", "the command runs on", ("resume",)))
    timer.join()
    assert time.monotonic() - began < AT_ONCE
    assert live.stops == 0
    assert "the command runs on" in out.getvalue()


def test_a_signal_wakes_a_wait() -> None:
    """A wait of minutes is left at once."""
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGTERM))
    operator, _ = alone()
    began = time.monotonic()
    with operator:
        timer.start()
        assert operator.pause(Pausing("The service answers", "", 0.0), 60.0) is Wish.LEAVE
    timer.join()
    assert time.monotonic() - began < AT_ONCE


def test_a_wait_passes_its_time() -> None:
    """Without a signal a pause takes as long as it should."""
    operator, _ = alone()
    began = time.monotonic()
    with operator:
        assert operator.pause(Pausing("The service answers", "", 0.0), 0.1) is None
    assert time.monotonic() - began >= 0.1


def test_a_signal_between_commands_stops_at_the_next_word() -> None:
    """Elsewhere the run stops with exit 10, whoever swallows that; the words of the leaving still go out."""
    operator, out = alone(confirmations={"migrate": True})
    with operator:
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(2):
            with pytest.raises(StoppedError, match="SIGTERM") as caught:
                operator.confirm(ConfirmRequest("migrate", "3.2", "Go on?"))
        operator.tell(Said("leaving"))
    assert caught.value.exit_code is ExitCode.STOPPED
    assert "leaving" in out.getvalue()


def test_a_reader_that_is_gone_does_not_end_the_run() -> None:
    """A closed stderr is no reason to break off an upgrade that needs nobody."""
    operator, out = alone()
    out.close()
    operator.tell(Said("one"))
    operator.attend(watching(FakeLive(b"two\n", ended=True)))
    assert operator.proceed(ProceedRequest(small_plan(), ())) == Chosen("start")


def test_words_that_cannot_be_encoded_are_still_written() -> None:
    """An ASCII stream gets ASCII."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    UnattendedOperator(AnswersFile(), {}, out=out).tell(Said("Dienst läuft — gut"))
    out.flush()
    assert raw.getvalue() == b"Dienst laeuft - gut\n"
