"""Looking at sessions: what status, lists and reports say, and that they promise nothing that is not there."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import runpy
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from tests.run.plug import GATE, nothing_left, open_gate
from tests.run.test_walking import log
from tests.waiting import until
from wizard.assemble import Resume, call_procedure, close_session, session_report, session_status, store
from wizard.cli import COMMANDS, main, wizard
from wizard.errors import ExitCode, Gone, HostError, SessionBusyError
from wizard.looking import all_sessions
from wizard.overview import overview, show_report, show_sessions, show_status
from wizard.run.operator import Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """What a test leaves running is ended."""
    with nothing_left(tmp_path):
        yield


def at(tmp_path: Path, *steps: dict[str, Any], **more: Any) -> Journey:
    """A journey of one phase whose commands work in `tmp_path`."""
    return Journey(tmp_path, guide(phase(*steps), defaults={"folder": str(tmp_path)}, **more))


# -- reports -------------------------------------------------------------------------------------


def test_a_step_nobody_is_at_any_more_is_not_called_running(tmp_path: Path) -> None:
    """Begun and left without an end, it is told as that; while its command runs it is running."""
    journey = at(tmp_path, step("sure", confirm="Really?"), step("long", GATE + log("long")))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"sure": Gone}))
    assert session_report(None).phases[0].steps[0].status == "begun, not ended"
    journey.resume(ScriptedOperator({"attend:long": Wish.LEAVE}))
    assert session_report(None).phases[0].steps[1].status == "running"
    open_gate(tmp_path)
    until(lambda: session_status(None).state != "running")
    assert session_report(None).phases[0].steps[1].status == "begun, not ended"


def test_what_was_done_beside_the_plan_is_in_the_report(tmp_path: Path) -> None:
    """Fixes, offers, undo steps and procedures are told in order, with titles, ends and commands."""
    fix = {"title": "Make it", "run": "touch made"}
    check = {"id": "made", "title": "It is made", "file": str(tmp_path / "made"), "fix": fix}
    undo = [step("un-one", log("un-one ${{ hop.from }}"), title="Back to ${{ hop.from }}", rerun="safe")]
    offer = {"title": "Look around", "run": "echo around", "ask_first": "never"}
    journey = at(
        tmp_path,
        step("one", log("one"), undo=undo),
        step("two", "test -e whole", rerun="safe", offers=[offer]),
        checks=[check],
        procedures={
            "tidy": {"title": "Tidy up", "offer": {"after": "one"}, "steps": [step("sweep", "exit 3", rerun="safe")]}
        },
    )
    replies = {"proceed": Turns("fix:made", "start"), "failed:two": Turns("offer:0", "stop")}
    journey.begin(ScriptedOperator(replies))
    call_procedure(Resume(None), journey.front_end(ScriptedOperator({"failed:sweep": "stop"})), procedure="tidy")
    journey.undo(step="one")
    report = session_report(None)
    told = [(one.kind, one.of, one.title, one.status, one.commands) for one in report.beside]
    assert told == [
        ("fix", "It is made", "Make it", "done", ("touch made",)),
        ("offer", "1.2 Two", "Look around", "done", ("echo around",)),
        ("procedure", "Tidy up", "Sweep", "failed", ("exit 3",)),
        ("undo", "1.1 One", "Back to 1.0", "done", ("echo un-one 1.0 >> effects",)),
    ]
    assert "## Beside the plan" in show_report(None, "markdown")
    assert [one["title"] for one in json.loads(show_report(None, "json"))["beside"]] == [one[2] for one in told]


def test_the_report_of_a_session_whose_guide_was_changed_names_ids(tmp_path: Path) -> None:
    """A damaged copy of the guide takes the titles, not the report."""
    journey = at(tmp_path, step("one", log("one"), undo=[step("un-one", log("un-one"), title="Back")]))
    journey.begin()
    journey.undo()
    (journey.folder / "guide" / "guide.yaml").write_text("nonsense", encoding="utf-8")
    [line] = session_report(None).beside
    assert (line.title, line.status) == ("un-one", "done")


# -- status and lists ----------------------------------------------------------------------------


def test_what_can_be_done_after_the_end_is_named(tmp_path: Path) -> None:
    """The procedures that are offered, and the way back as long as there is one."""
    procedures = {"tidy": {"title": "Tidy", "offer": {"after": "one"}, "steps": [step("sweep", "true")]}}
    undo = [step("un-one", log("un-one"))]
    journey = at(tmp_path, step("one", log("one"), undo=undo), procedures=procedures)
    journey.begin()
    assert session_status(None).next == ("report", "call tidy", "undo", "bundle")
    assert f"wizard call tidy {journey.folder.name}" in show_status(None, "text")
    journey.undo()
    assert "undo" not in session_status(None).next


def test_after_a_point_of_no_return_no_undo_is_promised(tmp_path: Path) -> None:
    """Nothing lies behind it that could be taken back."""
    save = step("save", "true", makes="backup", rerun="safe")
    journey = at(tmp_path, save, step("burn", log("burn"), impact="irreversible", rerun="safe"))
    journey.begin()
    assert session_status(None).next == ("report", "bundle")


def test_a_closed_session_says_why(tmp_path: Path) -> None:
    """Its reason is in status, list and report, and it needs nobody any more."""
    journey = at(tmp_path, step("one", "exit 1"))
    journey.begin(ScriptedOperator({"failed:one": "stop"}))
    assert journey.folder.name in overview()
    close_session(None, "done by hand")
    assert journey.folder.name not in overview()
    assert "closed: done by hand" in show_status(None, "text")
    assert "closed (done by hand)" in show_sessions("text")
    assert json.loads(show_status(None, "json"))["closed"] == "done by hand"
    assert session_report(None).closed == "done by hand"


def test_sessions_that_cannot_be_read_are_named_with_the_reason(tmp_path: Path) -> None:
    """A damaged folder hides no other session and is not passed over in silence."""
    journey = at(tmp_path, step("one", log("one")))
    journey.begin()
    good = journey.folder.name
    broken = store().open().folder.with_name("broken-session")
    broken.mkdir(mode=0o700)
    (broken / "session.json").write_text("{", encoding="utf-8")
    seen = all_sessions()
    assert [one.session for one in seen.statuses] == [good]
    assert [name for name, _ in seen.unreadable] == ["broken-session"]
    assert "session.json is damaged" in show_sessions("text")
    assert "session.json is damaged" in overview()
    assert "1 cannot be read" in show_status(None, "text")
    listed = json.loads(show_sessions("json"))
    assert [(one["session"], one["state"]) for one in listed] == [(good, "done"), ("broken-session", "unreadable")]


def test_a_damaged_journal_is_named_in_the_status(tmp_path: Path) -> None:
    """What stands before the damage is told, and that there is one."""
    journey = at(tmp_path, step("one", log("one")))
    journey.begin()
    file = journey.folder / "journal.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"how":"ran"', '"how":"ram"'), encoding="utf-8")
    assert session_status(None).damaged
    assert "damaged" in show_status(None, "text")
    assert "journal is damaged" in show_sessions("text")


# -- words ---------------------------------------------------------------------------------------


def test_no_help_is_cut_at_80_columns() -> None:
    """Every command's first sentence stands whole in the list."""
    for words in ([], ["guides"]):
        shown = CliRunner().invoke(wizard, [*words, "--help"], terminal_width=80).output
        listed = shown[shown.index("Commands:") :]
        assert "..." not in listed
        assert listed.count("\n") > 3


def test_no_message_promises_a_command_that_is_not_there(repository: Path) -> None:
    """Every `wizard WORD` and every option after it in the program's own words exists."""
    context = click.Context(wizard)
    promised: set[tuple[str, str]] = set()
    for file in (repository / "wizard").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name, rest in re.findall(r"`wizard ([a-z]+)([^`]*)", node.value):
                    promised |= {(name, option) for option in ["", *re.findall(r"--[a-z-]+", rest)]}
    assert ("resume", "--accept-damage") in promised
    for name, option in promised:
        assert name in COMMANDS
        command = wizard.get_command(context, name)
        assert command is not None
        group = [command, *(command.commands.values() if isinstance(command, click.Group) else [])]
        known = {one for part in group for parameter in part.params for one in parameter.opts}
        assert not option or option in known, f"wizard {name} {option}"


def test_a_machine_that_refuses_something_is_no_defect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk ends with 10 and words; 70 stays for defects, which leave a file."""

    def refused(*_: object) -> str:
        raise HostError("the disk is full", hint="Make room.")

    monkeypatch.setattr("wizard.overview.show_sessions", refused)
    assert main(["sessions"]) == ExitCode.STOPPED
    assert capsys.readouterr().err == "the disk is full\nMake room.\n"


# -- the demo ------------------------------------------------------------------------------------


@pytest.fixture
def stockroom(tmp_path: Path, repository: Path) -> Iterator[Path]:
    """A Stockroom below a folder with a blank in its name, stopped at the end."""
    home = tmp_path / "state folder" / "stockroom"
    prepare(repository, home)
    yield home
    subprocess.run([sys.executable, str(home / "bin" / "stockroomctl"), "stop"], check=True, capture_output=True)


def prepare(repository: Path, home: Path) -> str:
    """Set the playground up."""
    words = [sys.executable, str(repository / "guides" / "demo" / "prepare.py"), str(home)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_what_keeps_the_demo_from_being_set_up_is_said_in_a_line(repository: Path, tmp_path: Path) -> None:
    """A file in the place of its folder, as a full disk does, gives words and not where in the script it was."""
    (tmp_path / "stockroom").write_text("in the way", encoding="utf-8")
    words = [sys.executable, str(repository / "guides" / "demo" / "prepare.py"), str(tmp_path / "stockroom")]
    ended = subprocess.run(words, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "Not a directory" in ended.stderr


def lives(pid: int) -> bool:
    """Whether a process runs (one that only nobody has waited for has no command line any more)."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


@pytest.mark.parametrize("is_refused", [lambda port: port != 0, lambda _: True], ids=["all taken", "no loopback"])
def test_a_machine_without_a_usual_port_is_not_searched_for_ever(
    repository: Path, monkeypatch: pytest.MonkeyPatch, is_refused: Callable[[int], bool]
) -> None:
    """Any other port does; where there is none at all, the reason is said."""
    listen = socket.create_server

    def refused(address: tuple[str, int]) -> socket.socket:
        if is_refused(address[1]):
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        return listen(address)

    free_port = runpy.run_path(str(repository / "guides" / "demo" / "prepare.py"))["free_port"]
    monkeypatch.setattr(socket, "create_server", refused)
    if is_refused(0):
        with pytest.raises(OSError, match="Cannot assign"):
            free_port()
    else:
        assert free_port() > 0


def running(home: Path) -> set[int]:
    """The processes of a Stockroom."""
    return {int((home / "run" / f"{name}.pid").read_text(encoding="utf-8")) for name in ("server", "stocktaker")}


def test_setting_the_demo_up_again_stops_the_one_before(stockroom: Path, repository: Path) -> None:
    """Nothing of the old one runs on, whatever the folder is called."""
    before = running(stockroom)
    assert all(map(lives, before))
    prepare(repository, stockroom)
    assert not any(map(lives, before))
    assert not before & running(stockroom)


def test_a_demo_that_is_under_way_is_not_set_up_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It names the session, how to go on with it and how to begin anew; nothing is touched."""
    from wizard.demo import play
    from wizard.paths import state_folder

    monkeypatch.setenv("WIZARD_STATE_DIR", str(tmp_path / "state folder"))
    home = state_folder() / "demo" / "stockroom"
    home.mkdir(parents=True, mode=0o700)
    journey = at(tmp_path, step("one", "exit 1"), works_on=str(home))
    journey.begin(ScriptedOperator({"failed:one": "stop"}))
    with pytest.raises(SessionBusyError, match=journey.folder.name) as refused:
        play((), journey.front_end(ScriptedOperator()), alone=False, again=False)
    assert "wizard demo --again" in str(refused.value)
    assert not list(home.iterdir())
