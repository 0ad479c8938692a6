"""Guides in shapes of their own, walked from the first look to the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.program import Program
from tests.guides.shapes import standins
from wizard.expressions import Environment
from wizard.guide.lint import lint
from wizard.guide.loader import load_guide
from wizard.host.protocols import MachineFacts
from wizard.plan.build import build_plan
from wizard.plan.steps import iter_steps
from wizard.questions.model import Answer, AnswerSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.program import Ended

HERE = Path(__file__).parent
STOPS, PACKAGES, WAY_BACK = (HERE / f"{name}.yaml" for name in ("required-stops", "package-managers", "way-back-later"))


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The program, with nothing of it left behind."""
    program = Program(tmp_path)
    yield program
    program.end()
    program.no_crash()


def walk(program: Program, guide: Path, *words: str, answers: dict[str, Any], **more: Any) -> Ended:
    """Run a guide unattended."""
    file = program.answers(answers=answers, **{name: more.pop(name) for name in list(more) if name == "confirmations"})
    return program.run("run", str(guide), "--unattended", "--answers", file, *words, **more)


@pytest.mark.parametrize("guide", [STOPS, PACKAGES, WAY_BACK], ids=lambda path: path.stem)
def test_the_guides_pass_lint(guide: Path) -> None:
    """Nothing is said against them."""
    assert lint(load_guide(guide)) == ()


# -- required stops and an open list of releases -------------------------------------------------------


def test_a_path_stops_where_it_must(program: Program) -> None:
    """From 12.10 to 15.6 by way of every required release, each hop with its own backup and its wait."""
    folder = standins.ledger(program.place / "ledger", "12.10.3")
    answers = {"folder": str(folder), "current_version": "12.10.3", "target_version": "15.6.0", "replicated": False}
    ended = walk(program, STOPS, answers=answers)
    assert ended.code == 0, ended.err
    done = (folder / "done").read_text().splitlines()
    assert done == ["installed 13.12.15", "converted", "installed 14.0.12", "installed 15.4.6", "installed 15.6.0"]
    assert sorted(file.name for file in folder.glob("data-*")) == [
        "data-12.10.3",
        "data-13.12.15",
        "data-14.0.12",
        "data-15.4.6",
    ]


def test_everything_goes_back_hop_by_hop(program: Program) -> None:
    """Undo walks the stops backwards to the release and the data of the beginning."""
    folder = standins.ledger(program.place / "ledger", "13.12.15")
    before = (folder / "data").read_text()
    answers = {"folder": str(folder), "current_version": "13.12.15", "target_version": "15.0.0", "replicated": True}
    assert walk(program, STOPS, answers=answers).code == 0
    assert (folder / "replica-stopped").exists()
    ended = program.run("undo", "--unattended")
    assert ended.code == 0, ended.err
    assert (folder / "VERSION").read_text() == "13.12.15\n"
    assert not (folder / "replica-stopped").exists()
    assert (folder / "data").read_text() == before
    assert not list(folder.glob("data-*"))


@pytest.mark.parametrize(
    ("release", "target", "replicated", "words"),
    [
        ("12.9.0", "13.0.0", False, ("12.10", "export tool")),
        ("14.0.0", "14.1.0", True, ("loses the place of a replica", "14.0.12")),
        ("15.0.0", "14.0.0", False, ("15.0.0", "14.0.0")),
        ("14.0.0", "14.0.0", False, ("14.0.0",)),
    ],
)
def test_an_impossible_path_says_what_to_do_instead(
    program: Program, release: str, target: str, replicated: bool, words: tuple[str, ...]
) -> None:
    """Before anything else, with the guide's own reason."""
    folder = standins.ledger(program.place / "ledger", release)
    answers = {"folder": str(folder), "current_version": release, "target_version": target, "replicated": replicated}
    ended = walk(program, STOPS, answers=answers)
    assert ended.code == 21
    assert all(word in ended.err for word in words), ended.err
    assert not (folder / "done").exists()


# -- three package managers, two editions --------------------------------------------------------------


@pytest.mark.parametrize(
    ("manager", "edition", "command"),
    [
        ("apt", "community", "apt-get install -y 'sentinel=4.2*'"),
        ("apt", "enterprise", "apt-get install -y 'sentinel-enterprise=4.2*' sentinel-tools"),
        ("dnf", "community", "dnf install -y sentinel-4.2"),
        ("dnf", "enterprise", "dnf install -y sentinel-enterprise-4.2"),
        ("apk", "community", 'apk add "sentinel~4.2"'),
        ("apk", "enterprise", 'apk add "sentinel-enterprise~4.2"'),
        ("zypper", "community", None),
    ],
)
def test_the_plan_has_the_command_of_this_machine(manager: str, edition: str, command: str | None) -> None:
    """One step, one command, out of the cases; on a machine that none fits nothing is made up."""
    about = MachineFacts("linux", "1", "some", "apt", "x86_64", 4, 8 << 30, "here", container=False)
    machine = {
        name: getattr(replace(about, package_manager=manager), name) for name in MachineFacts.__dataclass_fields__
    }
    given = {"edition": edition, "settings_file": "/etc/agent.ini", "current_version": "3.5", "target_version": "4.2"}
    facts = {"settings": {"agent": {"port": "404"}}, "installed": {"version": "3.5"}}
    env = Environment(names={"machine": machine, "facts": facts, "guide": {"folder": "/"}})
    answers = {name: Answer(name, value, AnswerSource.OPERATOR) for name, value in given.items()}
    plan = build_plan(load_guide(PACKAGES), env, answers)
    [install] = [step for step in iter_steps(plan) if step.id == "install"]
    assert install.commands == ((command,) if command is not None else ())
    [licence] = [step for step in iter_steps(plan) if step.id == "licence"]
    assert licence.included == ("yes" if edition == "enterprise" else "no")
    assert edition == "enterprise" or licence.reason == "The community edition has no licence key."


def test_both_editions_are_upgraded_and_go_back(program: Program) -> None:
    """The enterprise edition with its licence key, which is nowhere but in the settings, and back again."""
    place = standins.sentinel(program.place / "machine", "3.5")
    answers = {
        "edition": "enterprise",
        "settings_file": str(place / "agent.ini"),
        "current_version": "3.5",
        "target_version": "4.2",
        "licence": "env:LICENCE",
    }
    path = f"{place / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"
    ended = walk(program, PACKAGES, answers=answers, PATH=path, LICENCE="key-of-many-letters")
    assert ended.code == 0, ended.err
    settings = (place / "agent.ini").read_text()
    assert "licence = key-of-many-letters" in settings
    assert "; of the agent" in settings
    assert "port = 9404" in settings
    assert (place / "bin" / "done").read_text() == "apt-get install -y sentinel-enterprise=4.2* sentinel-tools\n"
    left = [file for file in program.state.rglob("*") if file.is_file() and b"many-letters" in file.read_bytes()]
    assert [file.parent.name for file in left] in ([], ["copies"])
    undone = program.run("undo", "--unattended", PATH=path, LICENCE="key-of-many-letters")
    assert undone.code == 0, undone.err
    assert (place / "agent.ini").read_text() == standins.SETTINGS
    assert (place / "bin" / "release").read_text() == "3.5\n"


def test_a_known_failure_of_the_package_manager_is_told(program: Program) -> None:
    """What the guide knows of the failure stands beside it, and the settings can be put back."""
    place = standins.sentinel(program.place / "machine", "3.5")
    (place / "bin" / "no-repository").touch()
    answers = {
        "edition": "community",
        "settings_file": str(place / "agent.ini"),
        "current_version": "3.5",
        "target_version": "4.2",
    }
    path = f"{place / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"
    ended = walk(program, PACKAGES, answers=answers, PATH=path)
    assert ended.code == 30
    assert "The repository of Sentinel is not set up" in ended.out + ended.err


# -- a way back that is used days later ----------------------------------------------------------------


def test_the_way_back_is_called_after_the_end(program: Program) -> None:
    """The session is done; days later the old release serves again, and no entry is lost."""
    folder = standins.portal(program.place / "portal")
    answers = {"folder": str(folder), "current_version": "1.0", "target_version": "2.0", "retire_now": False}
    assert walk(program, WAY_BACK, answers=answers).code == 0
    assert (folder / "current" / "VERSION").read_text() == "2.0\n"
    assert "go-back" in program.run("status").out
    with (folder / "entries").open("a") as entries:
        entries.write("four\nfive\n")
    file = program.answers(confirmations={"are-you-sure": "go back"})
    ended = program.run("call", "go-back", "--unattended", "--answers", file)
    assert ended.code == 0, ended.err
    assert (folder / "current" / "VERSION").read_text() == "1.0\n"
    assert (folder / "entries-to-enter-again").read_text() == "four\nfive\n"


def test_the_way_back_wants_its_word(program: Program) -> None:
    """Without the typed words nothing is changed."""
    folder = standins.portal(program.place / "portal")
    answers = {"folder": str(folder), "current_version": "1.0", "target_version": "2.0", "retire_now": False}
    assert walk(program, WAY_BACK, answers=answers).code == 0
    ended = program.run("call", "go-back", "--unattended")
    assert ended.code == 41
    assert "are-you-sure" in ended.err
    assert (folder / "current" / "VERSION").read_text() == "2.0\n"


def test_the_way_back_is_closed_once_the_old_release_is_gone(program: Program) -> None:
    """What the procedure needs was removed on purpose: it is not offered any longer."""
    folder = standins.portal(program.place / "portal")
    answers = {"folder": str(folder), "current_version": "1.0", "target_version": "2.0", "retire_now": True}
    confirmations = {"remove-old": "remove-old"}
    ended = walk(program, WAY_BACK, answers=answers, confirmations=confirmations)
    assert ended.code == 0, ended.err
    assert not (folder / "releases" / "1.0").exists()
    assert "go-back" not in program.run("status").out
    called = program.run("call", "go-back", "--unattended")
    assert called.code == 2
    assert "go-back" in called.err
    assert (folder / "current" / "VERSION").read_text() == "2.0\n"
