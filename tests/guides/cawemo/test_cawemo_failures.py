"""What goes wrong with Cawemo ends with the right word, and leaves what was there or what can be gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.program import gone
from tests.e2e.secrets_seen import files_with
from tests.guides.cawemo.installation import USERS
from tests.guides.cawemo.standins import IAM, SUCCESS
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.program import Ended
    from tests.guides.cawemo.installation import Cawemo

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(180)]


def words(ended: Ended) -> str:
    """What was said, without its line ends."""
    return " ".join(ended.err.split())


def test_what_blocks_is_found_before_anything_is_touched(cawemo: Cawemo) -> None:
    """Exit 20 for each, with the finding that says it; Cawemo runs on as if nothing had been."""
    cawemo.install("1.4")
    settings = (cawemo.folder / ".env").read_text()
    new = cawemo.folder / "docker-compose-1.5.yml"
    cawemo.backups.mkdir(mode=0o700)

    (cawemo.folder / ".env").write_text(settings.replace("SMTP_HOST=mail.example.com\n", ""))
    ended = cawemo.upgrade("1.4.0")
    assert ended.code == 20, ended.err
    assert "Check: settings-fit-1-5" in words(ended)
    _blocked(
        cawemo,
        {
            "settings-fit-1-5": "The SMTP_HOST variable is not set",
            "iam-port-free": "Something else listens there",
            "iam-user": "the user or the password is wrong",
        },
        account_port=cawemo.ports.cawemo,
        IAM_PASSWORD="not-the-password",
    )

    good = new.read_text()
    (cawemo.folder / ".env").write_text(settings.replace(cawemo.db_password, "not-the-password"))
    new.write_text(good.replace("services:", "services: ["))
    wrong = "the user or the password is wrong"
    _blocked(cawemo, {"postgres-answers": wrong, "compose-file-1-5": "be read as yaml"})
    (cawemo.folder / ".env").write_text(settings.replace(cawemo.db_password, f"'{cawemo.db_password}'"))
    new.write_text((cawemo.folder / "docker-compose-1.4.yml").read_text())
    quotes = "takes quotes for a part of the value"
    _blocked(cawemo, {"no-quotes": quotes, "compose-file-1-5": "or it is not that of 1.5"})
    (cawemo.folder / ".env").write_text(settings)
    new.write_text(good)

    _blocked(cawemo, {"release-fits": "1.4.0 is installed, not 1.3.0"}, current="1.3.0")
    _blocked(cawemo, {"docker-answers": "Start it"}, DOCKER_HOST=f"unix://{cawemo.program.place}/nobody.sock")

    ended = cawemo.upgrade("1.4.0", target_version="1.6")
    assert ended.code == 41, ended.err
    assert "target_version" in words(ended)


def _blocked(cawemo: Cawemo, seen: dict[str, str], *, current: str = "1.4.0", **changes: Any) -> None:
    """Look only, with other answers or (in capitals) other variables: these findings block, and nothing is changed.

    `seen` has words of each finding by its key.
    """
    before = cawemo.as_it_was(), cawemo.states()
    variables = {name: changes.pop(name) for name in list(changes) if name.isupper()}
    answers = cawemo.write_answers(current, **changes)
    ended = cawemo.call("check", "cawemo", "--answers", answers, "--format", "json", **variables)
    assert ended.code == 20, ended.err
    found = {one["key"]: one for one in ended.data}
    for key, told in seen.items():
        one = found[key]
        assert one["status"] in ("fail", "unknown")
        assert told in f"{one['say']} {one['evidence'][0]['seen']} {one['remedy']}"
    assert (cawemo.as_it_was(), cawemo.states()) == before
    assert cawemo.answers_as("1.4.0")


def test_what_cannot_be_fetched_is_found_while_cawemo_runs(cawemo: Cawemo) -> None:
    """A login without a way to the registry fails (30), as does a missing image: both before Cawemo is stopped."""
    cawemo.install("1.4")
    before = cawemo.as_it_was()
    password = "Registry-Word/4711"
    answers = cawemo.write_answers(
        "1.4.0", login_by="answer", registry_user="ada", registry_password="env:REGISTRY_PASSWORD"
    )
    login = cawemo.call("run", "cawemo", "--unattended", "--answers", answers, REGISTRY_PASSWORD=password)
    assert login.code == 30, login.err
    assert "This machine does not reach the registry" in words(login)
    assert files_with(cawemo.program.place, password) == []
    assert cawemo.call("close", "--reason", "try again").code == 0

    image, aside = f"{IAM}-router:v1.0.2", "stand-in/aside:1"
    cawemo.engine.docker("tag", image, aside)
    cawemo.engine.docker("rmi", image)
    try:
        ended = cawemo.upgrade("1.4.0")
    finally:
        cawemo.engine.docker("tag", aside, image)
        cawemo.engine.docker("rmi", aside)
    assert ended.code == 30, ended.err
    assert "the registry cannot be reached from here" in words(ended)
    assert cawemo.answers_as("1.4.0")
    assert cawemo.as_it_was() == before


def test_docker_run_without_the_terminal_it_wants(cawemo: Cawemo) -> None:
    """A guide that forgets `terminal` gets docker's refusal (30), which is a known error; undo brings 1.4 back."""
    cawemo.install("1.4")
    before = cawemo.as_it_was()
    folder = cawemo.watchful_guide()
    guide = (folder / "guide.yaml").read_text()
    begin = guide.index("id: move-in-terminal")
    forgetful = guide[:begin] + guide[begin:].replace("        terminal: true\n", "", 1)
    (folder / "guide.yaml").write_text(forgetful)
    answers = cawemo.write_answers("1.4.0", in_terminal=True, confirmations={"move-in-terminal": True})

    ended = cawemo.call("run", str(folder), "--unattended", "--answers", answers)

    assert ended.code == 30, ended.err
    assert "the input device is not a TTY" in words(ended)
    assert "Nobody's terminal is there, and this way needs one" in words(ended)
    assert cawemo.moved() == []
    undone = cawemo.again("undo")
    assert undone.code == 0, undone.err
    cawemo.comes_up("1.4.0")
    assert cawemo.as_it_was() == before


def test_a_migration_that_is_silent_has_failed_and_the_way_back_works(cawemo: Cawemo) -> None:
    """Exit 0 without the words of success is a failure (30); the procedure then brings 1.4 back, data included."""
    cawemo.install("1.4", more="STANDIN=silent\n")
    before = cawemo.as_it_was()
    ended = cawemo.upgrade("1.4.0")
    assert ended.code == 30, ended.err
    assert cawemo.program.status()["step"]["id"] == "move"
    assert SUCCESS not in (next(cawemo.backups.glob("user-migration-*"))).read_text()
    assert cawemo.page() == "", "Cawemo was started although the users were not moved"
    assert cawemo.release() == "1.4.0"

    cawemo.write_answers("1.4.0", confirmations={"really-go-back": f"drop {cawemo.name}", "back-iam": True})
    back = cawemo.again("call", "go-back")

    assert back.code == 0, back.err
    cawemo.comes_up("1.4.0")
    assert cawemo.as_it_was() == before


def test_an_unhealthy_backend_stops_the_run_and_it_goes_on_when_it_is_mended(cawemo: Cawemo) -> None:
    """The wait ends (30) as soon as the backend is unhealthy, without a user moved; a resume then goes to the end."""
    cawemo.install("1.4", more="STANDIN=sick\n")
    ended = cawemo.upgrade("1.4.0")
    assert ended.code == 30, ended.err
    assert cawemo.program.status()["step"]["id"] == "wait-backend"
    assert "unhealthy" in words(ended)
    assert cawemo.moved() == []

    settings = (cawemo.folder / ".env").read_text()
    (cawemo.folder / ".env").write_text(settings.replace("STANDIN=sick\n", ""))
    cawemo.compose("up", "-d", "backend")
    resumed = cawemo.again("resume")

    assert resumed.code == 0, resumed.err
    assert cawemo.moved() == list(USERS)
    cawemo.comes_up("1.5.1")


def test_kill_in_the_middle_of_the_migration(cawemo: Cawemo) -> None:
    """After kill -9 the migration goes on by itself; the resume waits for it, never runs it twice, and ends well."""
    cawemo.install("1.4", more="STANDIN=slow\n")
    answers = cawemo.write_answers("1.4.0")
    words = ("run", str(cawemo.watchful_guide()), "--unattended", "--answers", answers)
    started = cawemo.program.start(*words, **cawemo.secrets)
    until(lambda: "migrated a user" in _log(cawemo), 90, lambda: "\n".join(cawemo.program.lines("err")[-40:]))
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    assert gone(started.pid)

    resumed = cawemo.program.start("resume", "--unattended", "--answers", answers, **cawemo.secrets)
    until(lambda: (cawemo.program.status()["driver"] or {}).get("pid") == resumed.pid)
    assert SUCCESS not in _log(cawemo), "the migration was through before it could be waited for"
    cawemo.postgres.rows("create table go_on ()", database=cawemo.iam)

    assert resumed.wait(110) == 0, cawemo.program.lines("err")[-40:]
    assert _log(cawemo).count("Reading users") == 1, "it was run twice"
    assert cawemo.moved() == list(USERS)
    cawemo.comes_up("1.5.1")


def _log(cawemo: Cawemo) -> str:
    return "".join(file.read_text() for file in cawemo.backups.glob("user-migration-*"))


@pytest.fixture
def small_disk(cawemo: Cawemo, root_only: None) -> Iterator[Path]:
    """A file system of its own for the backups, with next to no room."""
    cawemo.install("1.4")
    cawemo.backups.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(cawemo.backups)], check=True)
    try:
        yield cawemo.backups
    finally:
        subprocess.run(["umount", str(cawemo.backups)], check=True)


def test_no_room_for_the_dump(cawemo: Cawemo, small_disk: Path) -> None:
    """Too little room blocks (20). Who bypasses it gets a dump that fails (30), and undo starts 1.4 again."""
    before = cawemo.as_it_was()
    _blocked(cawemo, {"room-for-the-dump": "is wanted, so that the dump never fills the disk"})

    (small_disk / "full").write_bytes(b"x" * 50_000)
    failed = cawemo.upgrade("1.4.0", bypasses={"room-for-the-dump": "it is small"})
    assert failed.code == 30, failed.err
    assert "disk" in words(failed)
    undone = cawemo.again("undo")
    assert undone.code == 0, undone.err
    cawemo.comes_up("1.4.0")
    assert cawemo.as_it_was() == before
