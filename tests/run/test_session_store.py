"""Sessions on disk: made whole or not at all, opened only by whom and where they belong, found by what is said."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.sessions import guide_on_disk, make_session, me
from wizard.errors import HostError, SessionError
from wizard.host.identity import machine_id
from wizard.run.driver import Driver
from wizard.run.session import Session
from wizard.run.store import Listing, SessionStore


def change_about(session: Session, **changes: Any) -> None:
    """Change keys of `session.json`."""
    file = session.folder / "session.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_a_session_holds_what_a_resume_needs(tmp_path: Path) -> None:
    """The folder has the documented parts, and `session.json` what is known when it is made."""
    session = make_session(tmp_path, StandingClock(), name="rehearsal of ours")
    assert {path.name for path in session.folder.iterdir()} == {
        "session.json", "guide", "attempts", "copies", "inbox", "journal.jsonl", "reserve", "driver.lock",
    }  # fmt: skip
    about = json.loads((session.folder / "session.json").read_text())
    assert about == {
        "format": 1,
        "id": session.id,
        "guide": {"id": "some-product", "sha256": session.guide_sha256, "file": "guide.yaml"},
        "tool": about["tool"],
        "machine": machine_id(),
        "owner": {"uid": os.geteuid(), "user": session.owner_name},
        "created": "2026-03-01T22:04:05.123Z",
        "name": "rehearsal of ours",
        "environment": {"PATH": "/usr/bin:/bin", "HOME": "/root", "LANG": "C.UTF-8"},
        "pass_env": ["API_URL"],
    }
    assert (session.folder / "reserve").stat().st_blocks * 512 >= 65536
    assert Session.open(session.folder) == session


def test_an_id_can_be_said_and_is_no_other_sessions(tmp_path: Path) -> None:
    """Ids hold guide, day, time and a short word; many in the same minute differ."""
    clock = StandingClock()
    ids = [make_session(tmp_path, clock).id for _ in range(30)]
    assert len(set(ids)) == 30
    for one in ids:
        head, _, word = one.rpartition("-")
        assert head == "some-product-20260301-2204"
        assert len(word) == 3
        assert word.isalpha()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_modes_are_set_whatever_the_umask_and_the_umask_stays(tmp_path: Path, mask: int) -> None:
    """Folders are 0700 and files 0600 (a script stays runnable, for us) under any umask, which nobody changes."""
    loaded = guide_on_disk(tmp_path / "guide")
    before = os.umask(mask)
    try:
        session = SessionStore(tmp_path / "a" / "state").create(loaded, clock=StandingClock(), environ={})
        session.write_answers("answers: {}\n")
        session.freeze_plan({"works_on": ""})
    finally:
        assert os.umask(before) == mask
    seen = {
        str(path.relative_to(session.folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in [session.folder, *session.folder.rglob("*")]
    }
    folders = {".", "guide", "guide/scripts", "guide/scripts/deep", "attempts", "copies", "inbox"}
    runnable = {"guide/scripts/deep/work.sh"}
    assert folders <= set(seen)
    assert {name for name, mode in seen.items() if mode == 0o700} == folders | runnable
    assert {mode for name, mode in seen.items() if name not in folders | runnable} == {0o600}
    assert stat.S_IMODE((tmp_path / "a" / "state" / "sessions").stat().st_mode) == 0o700


def test_the_pinned_guide_stays_when_the_original_changes(tmp_path: Path) -> None:
    """A session loads its own copy; where that copy was changed, it is refused."""
    session = make_session(tmp_path)
    original = session.load_guide()
    (tmp_path / "guide" / "guide.yaml").write_text("no guide any more")
    assert session.load_guide() == original
    assert original.path == session.guide_file
    assert (session.folder / "guide/scripts/deep/work.sh").read_text() == "#!/bin/sh\necho worked\n"
    (session.folder / "guide/scripts/deep/work.sh").write_text("#!/bin/sh\nrm -rf /\n")
    with pytest.raises(SessionError, match="changed since"):
        session.load_guide()


def test_plan_and_answers_are_kept_and_a_changed_plan_is_found(tmp_path: Path) -> None:
    """What was frozen is read back with its hash; a plan changed on the disk is refused."""
    session = make_session(tmp_path)
    assert session.plan() is None
    assert session.answers() == ""
    first = session.freeze_plan({"title": "é", "works_on": "/opt/x"})
    second = session.freeze_plan({"title": "é", "works_on": "/opt/y"})
    assert first != second
    assert session.plan(second) == {"title": "é", "works_on": "/opt/y"}
    session.write_answers("answers:\n  name: é\n")
    assert session.answers() == "answers:\n  name: é\n"
    with pytest.raises(SessionError, match="not the plan"):
        session.plan(first)
    (session.folder / "plan.json").write_text('{"title"')
    with pytest.raises(SessionError, match="damaged"):
        session.plan()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "damaged"),
        (b'{"format": 1, "id"', "damaged"),
        (bytes(300), "damaged"),
        (b"[]", "damaged"),
        (b'{"format": 1}', "`id` is missing"),
        (b'{"format": 2, "anything": true}', "newer wizard"),
    ],
)
def test_a_session_that_cannot_be_read_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    """Torn, empty, foreign and newer `session.json` give exit code 42, and hide no other session."""
    broken, sound = make_session(tmp_path), make_session(tmp_path)
    (broken.folder / "session.json").write_bytes(content)
    with pytest.raises(SessionError, match=words) as caught:
        Session.open(broken.folder)
    assert caught.value.exit_code == 42
    listing = SessionStore(tmp_path / "state").listing()
    assert listing.sessions == (sound,)
    assert [folder for folder, _ in listing.unreadable] == [broken.folder]


def test_a_session_without_its_description_is_refused(tmp_path: Path) -> None:
    """A folder without `session.json` is no session, and says so."""
    session = make_session(tmp_path)
    (session.folder / "session.json").unlink()
    with pytest.raises(SessionError, match="missing"):
        SessionStore(tmp_path / "state").open(session.id)


@pytest.mark.parametrize("file", ["../../etc/passwd", "/etc/passwd", ""])
def test_a_description_that_leads_out_of_the_folder_is_refused(tmp_path: Path, file: str) -> None:
    """The pinned guide is never looked for outside of the session."""
    session = make_session(tmp_path)
    change_about(session, guide={"id": "x", "sha256": "0", "file": file})
    with pytest.raises(SessionError, match=r"guide\.file"):
        Session.open(session.folder)


def test_a_session_of_another_machine_is_read_only(tmp_path: Path) -> None:
    """It opens for reading, and driving or writing it is refused with the reason."""
    session = make_session(tmp_path)
    change_about(session, machine="0" * 32)
    opened = Session.open(session.folder)
    assert "another machine" in opened.read_only
    with pytest.raises(SessionError, match="another machine"):
        Driver.take(opened, me(), StandingClock())
    with pytest.raises(SessionError, match="another machine"):
        opened.freeze_plan({})
    assert opened.plan() is None
    assert (session.folder / "journal.jsonl").read_bytes() == b""


@pytest.mark.usefixtures("root_only")
def test_root_watches_a_users_session_and_never_drives_it(tmp_path: Path) -> None:
    """A session whose folder is another user's opens read-only for root."""
    session = make_session(tmp_path)
    change_about(session, owner={"uid": 12345, "user": "ada"})
    os.chown(session.folder, 12345, 12345)
    opened = Session.open(session.folder)
    assert opened.owner == 12345
    with pytest.raises(SessionError, match="root watches it"):
        Driver.take(opened, me(), StandingClock())


AS_OTHER = """
import os, sys
from pathlib import Path
from wizard.errors import SessionError
from wizard.run.session import Session
os.setgroups([]); os.setgid(54321); os.setuid(54321)
try:
    Session.open(Path(sys.argv[1]))
except SessionError as error:
    print(error.message)
"""


@pytest.mark.usefixtures("root_only")
def test_another_users_session_is_refused_also_where_it_can_be_read(tmp_path: Path) -> None:
    """Another user gets a word and exit code 42, with the folder closed and with it wide open."""
    session = make_session(tmp_path)
    for path in session.folder.parents:
        if path.stat().st_uid == os.geteuid() and path.parts[:2] == tmp_path.parts[:2] and len(path.parts) > 2:
            path.chmod(0o755)
    for mode, words in ((0o700, "cannot be opened"), (0o755, "belongs to")):
        session.folder.chmod(mode)
        (session.folder / "session.json").chmod(0o644)
        done = subprocess.run(
            [sys.executable, "-c", AS_OTHER, str(session.folder)],
            check=False, capture_output=True, text=True, timeout=60, cwd="/",
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        assert words in done.stdout, done.stderr


def test_a_session_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    """A link in the place of a session's folder is not opened, and not listed."""
    session = make_session(tmp_path)
    link = session.folder.parent / "some-product-20990101-0000-lnk"
    link.symlink_to(session.folder)
    with pytest.raises(SessionError):
        Session.open(link)
    assert SessionStore(tmp_path / "state").listing().sessions == (session,)


def test_sessions_are_found_by_what_a_person_says(tmp_path: Path) -> None:
    """Newest, whole id, beginning of an id, name, and path all lead to the session."""
    clock = StandingClock()
    old = make_session(tmp_path, clock, name="friday")
    clock.go_on(86400)
    new = make_session(tmp_path, clock)
    store = SessionStore(tmp_path / "state")
    assert store.listing().sessions == (new, old)
    assert store.open() == new
    assert store.open(old.id) == old
    assert store.open("some-product-20260301") == old
    assert store.open("friday") == old
    assert store.open(str(old.folder)) == old
    assert store.named(store.open(str(old.folder))) == old.id
    elsewhere = SessionStore(tmp_path / "other")
    assert elsewhere.open(elsewhere.named(old)) == old


def test_what_cannot_be_found_is_answered_with_what_could_be_meant(tmp_path: Path) -> None:
    """A slip of the finger gets a proposal, a beginning of several gets all of them, no session a way to begin."""
    store = SessionStore(tmp_path / "state")
    with pytest.raises(SessionError, match="wizard run"):
        store.open()
    with pytest.raises(SessionError, match="no session 'x'"):
        store.open("x")
    assert not (tmp_path / "state").exists()
    first, second = make_session(tmp_path, StandingClock()), make_session(tmp_path, StandingClock())
    with pytest.raises(SessionError) as several:
        store.open("some-product")
    assert first.id in str(several.value)
    assert second.id in str(several.value)
    with pytest.raises(SessionError, match=f"Did you mean .*{first.id}"):
        store.open(first.id.replace("some", "sone"))


KILLED = """
import os, signal, sys
from pathlib import Path
from wizard.guide.loader import load_guide
from wizard.host.clock import SystemClock
from wizard.run import store
loaded = load_guide(Path(sys.argv[1]))
steps = int(sys.argv[3])

def count(event, args):
    global steps
    if event in ("os.rename", "os.mkdir", "open", "os.chmod") and ".new-" in held:
        steps -= 1
        if steps <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

held = ""
made = store.durable.make_folder
def remember(at, name, mode=0o700):
    global held
    held = name if name.startswith(".new-") else held
    return made(at, name, mode)
store.durable.make_folder = remember
sys.addaudithook(count)
store.SessionStore(Path(sys.argv[2])).create(loaded, clock=SystemClock(), environ={})
print("made")
"""


@pytest.mark.parametrize("steps", [2, 4, 6, 9, 12, 15])
def test_a_maker_killed_half_way_leaves_no_session_and_the_next_one_tidies_up(tmp_path: Path, steps: int) -> None:
    """Killed anywhere while a session is made, none is listed; the next one made clears away what was left."""
    loaded = guide_on_disk(tmp_path / "guide")
    state = tmp_path / "state"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(loaded.path), str(state), str(steps)],
        check=False, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    store = SessionStore(state)
    assert [path.name[:5] for path in (state / "sessions").iterdir()] == [".new-"]
    assert store.listing() == Listing((), ())
    session = store.create(loaded, clock=StandingClock(), environ={})
    assert [path.name for path in (state / "sessions").iterdir()] == [session.id]


def test_what_another_maker_is_just_making_is_left_alone(tmp_path: Path) -> None:
    """Leftovers are only cleared where no maker is at work."""
    store = SessionStore(tmp_path / "state")
    make_session(tmp_path)
    half = tmp_path / "state" / "sessions" / ".new-1-abc"
    half.mkdir()
    with store._making():
        half.mkdir(exist_ok=True)
        make_session(tmp_path)
        assert half.exists()
    make_session(tmp_path)
    assert not half.exists()


def test_a_guide_file_outside_of_its_folder_is_not_pinned(tmp_path: Path) -> None:
    """A file name that leads out of the guide's folder makes no session."""
    from dataclasses import replace

    loaded = replace(guide_on_disk(tmp_path / "guide"), files=("../secret",))
    (tmp_path / "secret").write_text("x")
    with pytest.raises(HostError, match="outside"):
        SessionStore(tmp_path / "state").create(loaded, clock=StandingClock(), environ={})
    assert list((tmp_path / "state" / "sessions").iterdir()) == []


@pytest.mark.usefixtures("root_only")
def test_a_sessions_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """Where somebody else owns the folder of sessions, none is made in it."""
    folder = tmp_path / "state" / "sessions"
    folder.mkdir(parents=True)
    os.chown(folder, 12345, 12345)
    with pytest.raises(HostError, match="belongs to 12345"):
        make_session(tmp_path)
