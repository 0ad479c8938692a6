"""The actions a person answers or that only look, and what a guide offers beside the walk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.run.test_walking import at, log
from tests.waiting import until
from wizard.assemble import Resume, call_procedure
from wizard.errors import BlockedError, ExitCode, StoppedError, UsageError
from wizard.host.clock import SystemClock
from wizard.looking import session_report
from wizard.run.context import Run
from wizard.run.events import CheckAsked, PlanMade, Said
from wizard.run.operator import NOTHING_LEFT, Chosen
from wizard.run.recheck import LONG, look_again
from wizard.run.session_state import SessionState
from wizard.run.state import StepStatus
from wizard.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path


def test_manual_items_tick_themselves_when_their_check_holds(tmp_path: Path) -> None:
    """What is already so is not asked about; what a person says is done is looked at."""
    (tmp_path / "one").touch()

    def does_it(_: Any) -> bool:
        (tmp_path / "two").touch()
        return True

    items = [
        {"do": "Make one.", "check": {"file": str(tmp_path / "one")}},
        {"do": "Make two.", "check": {"file": str(tmp_path / "two")}},
    ]
    operator = ScriptedOperator({"hands": Turns(True, does_it)})
    assert at(tmp_path, step("hands", manual=items)).begin(operator) is ExitCode.DONE
    assert operator.keys().count("hands") == 2
    assert dict(operator.asked)["hands"].title == "1.1 Hands (2 of 2)"
    assert not operator.told(CheckAsked)[0].finding.passed
    warned = [event.text for event in operator.told(Said) if event.kind == "warning"]
    assert warned == ["Its check does not hold yet, so it is asked again."]


def test_what_is_noted_down_can_be_used_later(tmp_path: Path) -> None:
    """Records of a confirmation are values of later steps, and are in the journal."""
    confirm = {"say": "Sure?", "record": [{"id": "ticket", "label": "Ticket"}]}
    journey = at(
        tmp_path,
        step("sure", confirm=confirm),
        step("use", ["sh", "-c", 'echo "$0" >> effects', "${{ captured.ticket }}"]),
    )
    assert journey.begin(ScriptedOperator({"sure": {"ticket": "CHG-7"}})) is ExitCode.DONE
    assert journey.lines() == ["CHG-7"]
    assert journey.state.step("1/work/sure").noted == {"ticket": "CHG-7"}


def test_refusing_a_confirmation_does_nothing(tmp_path: Path) -> None:
    """A no leaves the step undone and asks what comes next."""
    journey = at(tmp_path, step("sure", confirm="Really?"), step("work", log("x")))
    assert journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"})) is ExitCode.STOPPED
    assert journey.lines() == []
    assert journey.state.word is SessionState.STOPPED


def test_an_irreversible_step_wants_its_name_typed(tmp_path: Path) -> None:
    """The request carries the exact words and the command that is about to run."""
    operator = ScriptedOperator({"burn": True})
    saved = step("save", log("save"), makes="backup", rerun="safe")
    at(tmp_path, saved, step("burn", log("burn"), impact="irreversible", rerun="safe")).begin(operator)
    request = dict(operator.asked)["burn"]
    assert request.typed == "burn"
    assert request.shown == ("echo burn >> effects",)


def test_a_gate_holds_or_is_overridden_by_typing(tmp_path: Path) -> None:
    """The override needs exact words and a reason, and the reason is kept."""
    gate = {"expr": "1 > 2", "say": "Not yet.", "override": "typed"}
    operator = ScriptedOperator({"gate:stop": ("override", "the boss said so")})
    journey = at(tmp_path, step("stop", gate=gate), step("work", log("x")))
    assert journey.begin(operator) is ExitCode.DONE
    choice = next(one for one in dict(operator.asked)["gate:stop"].choices if one.key == "override")
    assert (choice.typed, choice.reason) == ("stop", True)
    assert "the boss said so" in journey.state.step("1/work/stop").detail


def test_a_failed_check_shows_what_was_seen(tmp_path: Path) -> None:
    """The failure card has the evidence; asking again after mending goes on."""
    proof = tmp_path / "proof"

    def mend(_: Any) -> str:
        proof.touch()
        return "again"

    operator = ScriptedOperator({"failed:look": mend})
    journey = at(tmp_path, step("look", check=[{"title": "The proof", "file": str(proof)}]))
    assert journey.begin(operator) is ExitCode.DONE
    assert "The proof" in dict(operator.asked)["failed:look"].text


@pytest.mark.parametrize(("then", "code"), [("fail", ExitCode.STOPPED), ("go_on", ExitCode.DONE)])
def test_a_wait_that_is_over(tmp_path: Path, then: str, code: ExitCode) -> None:
    """After its time a wait fails or goes on, as the guide says."""
    wait = {"until": [{"file": str(tmp_path / "never")}], "every": "50ms", "at_most": "200ms", "then": then}
    journey = at(tmp_path, step("wait", wait=wait))
    assert journey.begin(ScriptedOperator({"failed:wait": "stop"})) is code


def test_a_wait_ends_when_it_holds_and_stops_on_what_must_not_be(tmp_path: Path) -> None:
    """Both are asked in every round; one of several things that must not be is enough."""
    wait: dict[str, Any] = {"every": "50ms", "at_most": "30s", "until": [{"file": str(tmp_path / "come")}]}
    late = step("late", "(sleep 0.3; touch come) & sleep 0.05")
    assert at(tmp_path, late, step("wait", wait=wait)).begin() is ExitCode.DONE
    never = {
        **wait,
        "until": [{"file": str(tmp_path / "never")}],
        "stop_on": [{"file": str(tmp_path / "never")}, {"file": str(tmp_path)}],
    }
    other = tmp_path / "other"
    other.mkdir()
    operator = ScriptedOperator({"failed:wait": "stop"})
    at(other, step("wait", wait=never)).begin(operator)
    assert "must not happen" in dict(operator.asked)["failed:wait"].text


def test_a_retry_the_guide_knows_is_done_by_itself(tmp_path: Path) -> None:
    """An end that means `retry` is tried again after its delay, and only so often."""
    outcomes = [{"exit": 75, "means": "retry", "after": "50ms", "times": 2}]
    run = "echo try >> effects; [ $(wc -l < effects) -ge 3 ] || exit 75"
    journey = at(tmp_path, step("busy", run, outcomes=outcomes))
    assert journey.begin() is ExitCode.DONE
    assert journey.lines() == ["try"] * 3
    never = at(tmp_path / "never", step("busy", "exit 75", outcomes=outcomes))
    (tmp_path / "never").mkdir()
    operator = ScriptedOperator({"failed:busy": "stop"})
    never.begin(operator)
    assert "3 tries" in dict(operator.asked)["failed:busy"].text


def test_a_stalled_command_is_asked_about(tmp_path: Path) -> None:
    """A command that says the same thing again and again is noticed, and can be stopped."""
    stall = {"line": "^retrying", "times": 3, "say": "It will never come."}
    run = "for n in 1 2 3; do echo retrying; done; sleep 60"
    operator = ScriptedOperator({"stalled:loop": "stop", "unknown:loop": "stop"})
    journey = at(tmp_path, step("loop", run, stall=stall))
    assert journey.begin(operator) is ExitCode.STOPPED
    assert dict(operator.asked)["stalled:loop"].text == "It has printed the same thing 3 times. It will never come."
    assert journey.state.word is SessionState.UNKNOWN


def test_a_command_that_ends_while_it_is_asked_about_leaves_nothing_to_decide(tmp_path: Path) -> None:
    """Silent, then ended by itself before anybody replied: the run says so and goes on."""

    def slow_person(request: Any) -> Chosen:
        (tmp_path / "go").touch()
        until(request.over)
        return NOTHING_LEFT

    operator = ScriptedOperator({"stalled:quiet": slow_person})
    quiet = step("quiet", "until test -e go; do sleep 0.05; done", stall={"silence": "100ms"})
    journey = at(tmp_path, quiet, step("next", "echo next >> effects"))
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["next"]
    said = [one.text for one in operator.told(Said) if "nothing was left to decide" in one.text]
    assert said == ["1.1 Quiet: it ended by itself, so that nothing was left to decide."]
    assert not any(entry.kind == "stop-asked" for entry in journey.entries)


def test_a_command_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """`timeout` is carried out without anybody."""
    operator = ScriptedOperator({"failed:slow": "stop"})
    at(tmp_path, step("slow", "sleep 60", timeout="500ms")).begin(operator)
    assert "time was over" in dict(operator.asked)["failed:slow"].text


FORBID = [{"command": r"wipe 1\.0", "why": "Not on 1.0."}]


def test_a_forbidden_command_keeps_the_run_from_beginning(tmp_path: Path) -> None:
    """The plan shows it with its values, so nothing is begun; quotes around a value are no way around the pattern."""
    word = '"${{ answers.current_version }}"'
    parts = guide(phase(step("first", "echo x >> effects"), step("wipe", f"echo wipe {word}")), forbid=FORBID)
    journey = Journey(tmp_path, {**parts, "defaults": {"folder": str(tmp_path)}})
    operator = ScriptedOperator({"no-plan": "stop"})
    with pytest.raises(BlockedError, match=r"step 1\.2 Wipe: Not on 1\.0\."):
        journey.begin(operator)
    assert journey.lines() == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"run": 'echo wipe "${{ captured.version }}" >> effects'}, "this command is forbidden"),
        ({"run": ["true"], "stop": {"run": "wipe ${{ captured.version }}"}}, "the command that would stop it"),
    ],
)
def test_a_command_is_held_against_what_is_forbidden_as_it_is_about_to_run(
    tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    """One whose values are only known then is refused there, and so is one that would be stopped in such a way."""
    steps = (step("read", ["echo", "is 1.0"], capture={"version": "is (.*)"}), step("wipe", **more))
    journey = Journey(tmp_path, guide(phase(*steps), forbid=FORBID, defaults={"folder": str(tmp_path)}))
    operator = ScriptedOperator({"failed:wipe": "stop"})
    journey.begin(operator)
    text = dict(operator.asked)["failed:wipe"].text
    assert said in text
    assert "Not on 1.0." in text
    assert journey.lines() == []


@pytest.mark.parametrize(
    "action",
    [{"say": "Hello."}, {"confirm": "Sure"}, {"wait": {"until": "1s"}}, {"gate": {"expr": "1 == 1", "say": "No."}}],
)
def test_what_talks_or_waits_is_done_where_its_check_says_so(tmp_path: Path, action: dict[str, Any]) -> None:
    """A `done_when` that does not hold afterwards is a failure of such a step too."""
    checked = {"id": "look", "title": "Look", **action, "done_when": [{"file": str(tmp_path / "never")}]}
    operator = ScriptedOperator({"failed:look": "stop"})
    Journey(tmp_path, guide(phase(checked))).begin(operator)
    assert "is not done" in dict(operator.asked)["failed:look"].text


def test_a_check_that_fails_is_mended_by_its_fix(tmp_path: Path) -> None:
    """The fix is shown, confirmed, run as an attempt, and the check is asked again."""
    place = tmp_path / "made"
    check = {
        "id": "place",
        "title": "The place",
        "file": {"path": str(place), "is": "folder"},
        "fix": {"title": "Make it", "run": ["mkdir", str(place)]},
    }
    journey = Journey(tmp_path, guide(phase(step("say", say="Hello.")), checks=[check]))
    operator = ScriptedOperator({"proceed": Turns("fix:place", "start")})
    assert journey.begin(operator) is ExitCode.DONE
    assert dict(operator.asked)["fix-place"].shown == (f"mkdir {place}",)
    assert [len(entry.data["findings"]) for entry in journey.entries if entry.kind == "checks-asked"] == [1, 1]
    assert journey.state.findings[0]["status"] == "ok"


def test_what_blocks_cannot_be_started_past(tmp_path: Path) -> None:
    """Only a bypass with a reason, where the guide allows one, lets a run start."""
    checks = [
        {"id": "soft", "title": "Soft", "expr": "1 > 2", "blocks": "bypassable"},
        {"id": "hard", "title": "Hard", "file": str(tmp_path / "key")},
    ]

    def make(_: Any) -> str:
        (tmp_path / "key").touch()
        return "again"

    journey = Journey(tmp_path, guide(phase(step("work", log("x"), folder=str(tmp_path))), checks=checks))
    proceed = Turns("start", ("bypass:hard", "please"), ("bypass:soft", "we know"), "start", make, "start")
    operator = ScriptedOperator({"proceed": proceed})
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.state.bypassed == {"soft": "we know"}
    assert len(operator.told(PlanMade)) == 6


def test_a_bypass_can_be_withdrawn(tmp_path: Path) -> None:
    """What was bypassed by mistake blocks again, and the report keeps both."""
    soft = {"id": "soft", "title": "Soft", "expr": "1 > 2", "blocks": "bypassable"}
    journey = Journey(tmp_path, guide(phase(step("work", log("x"), folder=str(tmp_path))), checks=[soft]))
    proceed = Turns("hold:soft", ("bypass:soft", "by mistake"), "hold:soft", "start", "stop")
    operator = ScriptedOperator({"proceed": proceed})
    with pytest.raises(StoppedError):
        journey.begin(operator)
    assert journey.state.bypassed == {}
    assert any("Nothing can start while these findings block" in said.text for said in operator.told(Said))
    assert session_report(None).by_hand == ("Soft: bypassed — by mistake", "Soft: bypass withdrawn — it blocked again")


def test_changing_an_answer_makes_the_plan_again(tmp_path: Path) -> None:
    """Going back to the questions gives another plan before anything is started."""
    ask = {"section": "More", "ask": [{"id": "wide", "label": "Wide?", "type": "yes_no"}]}
    parts = guide(phase(step("narrow", log("n")), step("wide", log("w"), when="answers.wide")))
    parts = {**parts, "questions": [VERSIONS, ask], "defaults": {"folder": str(tmp_path)}}
    operator = ScriptedOperator(
        {"wide": Turns(True, False), "answers": "answer:wide", "proceed": Turns("answers", "start")}
    )
    journey = Journey(tmp_path, parts)
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["n"]


def test_offers_of_a_failed_step(tmp_path: Path) -> None:
    """A side door shows a text, runs a command, or calls a procedure, and the card comes again."""
    offers = [
        {"title": "Read about it", "text": "It is known to fail."},
        {"title": "Look", "run": log("looked")},
        {"title": "Repair", "include": "repair"},
    ]
    parts = guide(
        phase(step("work", "test -e repaired", rerun="safe", offers=offers)),
        procedures={"repair": {"title": "Repair", "steps": [step("mend", "touch repaired; " + log("mended"))]}},
        defaults={"folder": str(tmp_path)},
    )
    operator = ScriptedOperator({"failed:work": Turns("offer:0", "offer:1", "offer:2", "again")})
    journey = Journey(tmp_path, parts)
    assert journey.begin(operator) is ExitCode.DONE
    assert journey.lines() == ["looked", "mended"]
    cards = [request.text for key, request in operator.asked if key == "failed:work"]
    assert ["known to fail" in text for text in cards] == [False, True, False, False]


def test_a_procedure_can_be_called_after_the_run_is_done(tmp_path: Path) -> None:
    """From its step on it is offered, as often as wanted; before that it is refused."""
    parts = guide(
        phase(step("one", log("one"))),
        procedures={
            "again": {"title": "Again", "offer": {"after": "one"}, "steps": [step("redo", log("redo"))]},
            "hidden": {"title": "Hidden", "offer": {"after": "one", "until": "one"}, "steps": [step("no", log("no"))]},
        },
        defaults={"folder": str(tmp_path)},
    )
    journey = Journey(tmp_path, parts)
    assert journey.begin() is ExitCode.DONE
    for _ in range(2):
        code = call_procedure(Resume(None), journey.front_end(ScriptedOperator()), procedure="again")
        assert code is ExitCode.DONE
    assert journey.lines() == ["one", "redo", "redo"]
    assert journey.state.word is SessionState.DONE
    with pytest.raises(UsageError, match="not offered"):
        call_procedure(Resume(None), journey.front_end(ScriptedOperator()), procedure="hidden")


def test_secrets_reach_commands_and_nothing_else(tmp_path: Path) -> None:
    """By environment and by stdin; what the command prints of them is replaced before it reaches the disk."""
    ask = {"section": "Secrets", "ask": [{"id": "password", "label": "Password", "type": "secret"}]}
    parts = guide(
        phase(
            step("env", 'echo "got $PW"; printf %s "$PW" | md5sum > env.md5', env={"PW": "${{ answers.password }}"}),
            step("stdin", "cat; echo", stdin="${{ answers.password }}"),
        ),
        questions=[VERSIONS, ask],
        defaults={"folder": str(tmp_path)},
    )
    journey = Journey(tmp_path, parts)
    assert journey.begin(ScriptedOperator({"password": Secret("correct horse")})) is ExitCode.DONE
    assert journey.lines("env.md5")[0].split()[0] == _md5("correct horse")
    spools = [path.read_bytes() for path in journey.folder.glob("attempts/*/output")]
    assert len(spools) == 2
    for path in journey.folder.rglob("*"):
        if path.is_file():
            assert b"correct horse" not in path.read_bytes(), path


def _md5(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_a_secret_is_asked_again_on_resume(tmp_path: Path) -> None:
    """It was never stored; it is asked for by the step that needs it, and by no other."""
    ask = {"section": "Secrets", "ask": [{"id": "password", "label": "Password", "type": "secret"}]}
    parts = guide(
        phase(
            step("sure", confirm="Really?"),
            step("use", 'test "$PW" = "open sesame" && echo right >> effects', env={"PW": "${{ answers.password }}"}),
        ),
        questions=[VERSIONS, ask],
        defaults={"folder": str(tmp_path)},
    )
    journey = Journey(tmp_path, parts)
    journey.begin(ScriptedOperator({"password": Secret("open sesame"), "sure": False, "failed:sure": "stop"}))
    operator = ScriptedOperator({"password": Secret("open sesame")})
    assert journey.resume(operator) is ExitCode.DONE
    assert operator.keys().count("password") == 1
    assert journey.lines() == ["right"]


class LaterClock(SystemClock):
    """A clock that has gone on, or another boot."""

    def __init__(self, *, later: float = 0.0, boot: str = "") -> None:
        """Go on by `later` seconds, or be in `boot`."""
        self._later = later
        self._boot = boot

    def boottime(self) -> float:
        """Give the later time."""
        return super().boottime() + self._later

    def boot(self) -> str:
        """Give the other boot."""
        return self._boot or super().boot()


def _recheck(journey: Journey, operator: ScriptedOperator, clock: LaterClock) -> None:
    """Look again, as a resume does, with another clock."""
    from wizard.assemble import store
    from wizard.driving import driving

    session = store().open()
    with driving(session, session.load_guide(), operator) as run:
        assert isinstance(run, Run)
        assert run.plan is not None
        look_again(run, run.plan, clock)


@pytest.mark.parametrize("clock", [LaterClock(later=LONG + 1), LaterClock(boot="another")])
def test_coming_back_late_looks_at_the_machine_again(tmp_path: Path, clock: LaterClock) -> None:
    """Changed facts are told; a done step that is not done any more blocks whoever is alone."""
    setting = tmp_path / "app.env"
    setting.write_text("PORT=1\n", encoding="utf-8")
    proof = tmp_path / "proof"
    parts = guide(
        phase(
            step("make", f"touch {proof}", done_when=[{"file": str(proof)}]),
            step("sure", confirm="${{ facts.settings.PORT }}?"),
        ),
        facts={"settings": {"dotenv": str(setting)}},
    )
    journey = Journey(tmp_path, parts)
    journey.begin(ScriptedOperator({"sure": False, "failed:sure": "stop"}))
    same = ScriptedOperator()
    _recheck(journey, same, clock)
    assert not same.told(CheckAsked)
    setting.write_text("PORT=2\n", encoding="utf-8")
    proof.unlink()
    with pytest.raises(BlockedError, match="not done any more"):
        _recheck(journey, ScriptedOperator(attended=False), clock)
    operator = ScriptedOperator({"changed-since": ("go-on", "I removed it")})
    _recheck(journey, operator, clock)
    assert journey.state.step("1/work/make").status is StepStatus.DONE


def test_the_baseline_is_asked_once_without_patience(tmp_path: Path) -> None:
    """Nothing has been done yet that `within` could wait for; after the command it waits."""
    proof = tmp_path / "proof"
    made = step("make", f"(sleep 0.3; touch {proof}) & disown; true", keep=True)
    made["done_when"] = [{"file": str(proof), "within": "90s"}]
    began = time.monotonic()
    assert Journey(tmp_path, guide(phase(made))).begin(ScriptedOperator({"proceed": "start"})) is ExitCode.DONE
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(("wanted", "asked"), [("never", None), ("once", ""), ("typed", "offer-0")])
def test_a_side_door_asks_as_the_guide_says(tmp_path: Path, wanted: str, asked: str | None) -> None:
    """Not at all, for a yes, or for words that are typed."""
    door = {"title": "Door", "run": "echo door >> effects", "ask_first": wanted}
    parts = guide(phase(step("stuck", "false", offers=[door])), defaults={"folder": str(tmp_path)})
    operator = ScriptedOperator({"failed:stuck": Turns("offer:0", "stop")})
    journey = Journey(tmp_path, parts)
    journey.begin(operator)
    requests = dict(operator.asked)
    assert (requests["offer-0"].typed if "offer-0" in requests else None) == asked
    assert journey.lines() == ["door"]
