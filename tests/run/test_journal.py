"""The journal: one flushed line an event, a chain that shows damage, a tail that is mended, a disk that fills."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.clocks import StandingClock
from tests.fakes.sessions import driving_process, make_session, me
from wizard.errors import HostError, JournalError, JournalFullError, SessionBusyError
from wizard.host.locks import HeldLock
from wizard.run.chain import NO_LINE, read_chain, whole_lines
from wizard.run.driver import Driver
from wizard.run.journal import Journal, JournalReader, read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.run.journal import Entry

CLOCK = StandingClock()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.lists(st.tuples(st.text(min_size=1, max_size=12), st.dictionaries(st.text(max_size=8), JSON, max_size=3)))


def bare_journal(folder: Path) -> None:
    """Put an empty journal, a reserve and a lock into a folder."""
    for name in ("journal.jsonl", "driver.lock"):
        (folder / name).write_bytes(b"")
    (folder / "reserve").write_bytes(bytes(65536))


@contextmanager
def writing(folder: Path, clock: StandingClock = CLOCK, *, accept_broken: str = "") -> Iterator[Journal]:
    """Open the journal in `folder` as the holder of the lock there."""
    lock = HeldLock(os.open(folder / "driver.lock", os.O_RDWR))
    try:
        journal = Journal.open(folder, lock, clock, accept_broken=accept_broken)
        try:
            yield journal
        finally:
            journal.close()
    finally:
        lock.release()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty journal."""
    bare_journal(tmp_path)
    return tmp_path


def kinds(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.kind for entry in entries]


def test_an_event_is_one_line_of_the_documented_form(folder: Path) -> None:
    """A line holds the seven keys; `prev` is the sha256 of the line before, zeros in the first."""
    with writing(folder) as journal:
        first = journal.append("one", {"a": 1})
        second = journal.append("two", {"ä": ["\udcff", 1.5, None]})
    lines = (folder / "journal.jsonl").read_bytes().split(b"\n")
    assert lines[2] == b""
    assert json.loads(lines[0]) == {
        "seq": 1,
        "at": "2026-03-01T22:04:05.123Z",
        "boot": CLOCK.boot_id,
        "boottime": 1000.0,
        "kind": "one",
        "data": {"a": 1},
        "prev": NO_LINE,
    }
    assert json.loads(lines[1])["prev"] == sha256(lines[0]).hexdigest()
    assert read_journal(folder).entries == (first, second)


def test_what_is_written_is_read_back_with_its_place(folder: Path) -> None:
    """An entry's offset is where its line begins."""
    with writing(folder) as journal:
        entries = [journal.append("k", {"n": n}) for n in range(5)]
    content = (folder / "journal.jsonl").read_bytes()
    for entry in entries:
        assert json.loads(content[entry.offset :].split(b"\n")[0])["seq"] == entry.seq


def test_only_plain_data_is_journalled(folder: Path) -> None:
    """What is no JSON is refused before a byte is written, and the journal goes on."""
    with writing(folder) as journal:
        with pytest.raises(TypeError):
            journal.append("bad", {"path": Path("/x")})
        with pytest.raises(ValueError, match="Out of range"):
            journal.append("bad", {"number": float("nan")})
        assert journal.append("good", {}).seq == 1


def test_only_the_holder_of_the_lock_may_write(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither a lock that was let go nor that of another session opens a journal, and an open one refuses."""
    lock = HeldLock(os.open(folder / "driver.lock", os.O_RDWR))
    journal = Journal.open(folder, lock, CLOCK)
    lock.release()
    with pytest.raises(SessionBusyError):
        journal.append("late", {})
    journal.close()
    with pytest.raises(SessionBusyError):
        Journal.open(folder, lock, CLOCK)
    other = tmp_path_factory.mktemp("other")
    bare_journal(other)
    elsewhere = HeldLock(os.open(other / "driver.lock", os.O_RDWR))
    with pytest.raises(SessionBusyError):
        Journal.open(folder, elsewhere, CLOCK)
    elsewhere.release()
    assert (folder / "journal.jsonl").read_bytes() == b""


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, data=st.data())
def test_torn_at_any_byte_it_opens_and_keeps_every_whole_line(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    """Torn at any byte and filled with NULs, a journal keeps all whole lines, says what it cut, and goes on."""
    folder = tmp_path_factory.mktemp("torn")
    bare_journal(folder)
    with writing(folder) as journal:
        written = [journal.append(kind, values) for kind, values in events]
    path = folder / "journal.jsonl"
    content = path.read_bytes()
    torn_at = data.draw(st.integers(0, len(content)))
    torn = content[:torn_at] + bytes(data.draw(st.integers(0, 300)))
    path.write_bytes(torn)
    ends = [*(entry.offset for entry in written[1:]), len(content)]
    whole = [entry for entry, end in zip(written, ends, strict=False) if end <= torn_at]

    assert list(read_journal(folder).entries) == whole
    with writing(folder) as journal:
        left = len(torn) - (ends[len(whole) - 1] if whole else 0)
        cut = [entry for entry in journal.entries if entry.kind == "tail-cut" and entry not in whole]
        assert [entry.data["bytes"] for entry in cut] == ([left] if left else [])
        assert all(bytes.fromhex(entry.data["hex"]) == torn[-left:][:200] for entry in cut)
        assert list(journal.entries) == [*whole, *cut]
        added = journal.append("after", {"goes": "on"})
        assert added.seq == len(whole) + len(cut) + 1
    again = read_journal(folder)
    assert not again.broken
    assert list(again.entries) == [*whole, *cut, added]


@settings(deadline=None, max_examples=150)
@given(content=st.binary(max_size=400), good=st.integers(0, 3))
def test_no_bytes_whatever_are_too_much_for_a_reader(content: bytes, good: int) -> None:
    """Anything behind (or in the place of) sound lines gives entries and damage as values, never an exception."""
    sound = SOUND[: good * len(SOUND) // 3] if good else b""
    reading = read_chain(sound + content)
    assert len(reading.entries) + len(reading.broken) + reading.rest >= (1 if sound + content else 0)


def sound_lines() -> bytes:
    """Three lines of a journal."""
    from wizard.run.chain import Entry, form_line, hash_line

    lines: list[bytes] = []
    prev = NO_LINE
    for seq in (1, 2, 3):
        lines.append(form_line(Entry(seq, "2026-03-01T22:04:05.123Z", "b", 1.0, "k", {}, 0), prev))
        prev = hash_line(lines[-1][:-1])
    return b"".join(lines)


SOUND = sound_lines()


def test_whole_lines_end_before_half_a_line_and_before_nuls() -> None:
    """Half a line, a tail of NULs, and a last line that has NULs in it are no whole lines."""
    end = len(SOUND)
    assert whole_lines(SOUND) == end
    assert whole_lines(SOUND + b'{"seq":4') == end
    assert whole_lines(SOUND + bytes(500)) == end
    assert whole_lines(SOUND + bytes(20) + b'"}\n') == end
    assert whole_lines(b"") == 0


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(lambda lines: [*lines[:2], lines[2].replace(b'"n":2', b'"n":9'), *lines[3:]], 4, id="changed"),
        pytest.param(lambda lines: [*lines[:2], *lines[3:]], 3, id="removed"),
        pytest.param(lambda lines: [*lines[:3], lines[2], *lines[3:]], 4, id="doubled"),
        pytest.param(lambda lines: [*lines[:2], b"not json", *lines[3:]], 3, id="not JSON"),
        pytest.param(lambda lines: [*lines[:2], b"[1,2]", *lines[3:]], 3, id="no event"),
        pytest.param(lambda lines: [*lines[:2], lines[2] + b"," + lines[3], *lines[4:]], 3, id="two in one"),
        pytest.param(lambda lines: [*lines[:2], bytes(80), *lines[3:]], 3, id="NULs inside"),
    ],
)
def test_damage_inside_is_reported_with_its_line(folder: Path, change: Any, line: int) -> None:
    """A journal changed in the middle does not open for writing; readers get the damage and what stands before."""
    with writing(folder) as journal:
        for number in range(6):
            journal.append("k", {"n": number})
    path = folder / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1]
    damaged = b"\n".join(change(lines)) + b"\n"
    path.write_bytes(damaged)

    with pytest.raises(JournalError, match=f"line {line}:"), writing(folder):
        pass
    assert path.read_bytes() == damaged
    reading = read_journal(folder)
    assert reading.broken[0].line == line
    assert [entry.seq for entry in reading.entries] == list(range(1, line))


def test_damage_is_accepted_by_a_word_of_the_operator_and_only_that_damage(folder: Path) -> None:
    """With a reason the journal goes on and reads as sound; damage done later to what stands before is found."""
    with writing(folder) as journal:
        for number in range(4):
            journal.append("k", {"n": number})
    path = folder / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"n":1', b'"n":7'))
    with writing(folder, accept_broken="the disk was repaired") as journal:
        assert kinds(journal.entries) == ["k", "k", "k", "k", "chain-accepted"]
        assert journal.entries[-1].data["lines"] == [3]
        assert journal.entries[-1].data["reason"] == "the disk was repaired"
        journal.append("after", {})
    reading = read_journal(folder)
    assert (kinds(reading.entries)[-2:], reading.broken) == (["chain-accepted", "after"], ())
    with writing(folder) as journal:
        journal.append("again", {})
    assert not read_journal(folder).broken

    path.write_bytes(path.read_bytes().replace(b'"n":0', b'"n":8'))
    assert {broken.line for broken in read_journal(folder).broken} == {2, 3}


def test_damage_and_a_torn_tail_are_both_mended(folder: Path) -> None:
    """An accepted damage does not hide that a tail was cut, and both are journalled in order."""
    with writing(folder) as journal:
        for number in range(3):
            journal.append("k", {"n": number})
    path = folder / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"n":1', b'"n":7') + b'{"seq":')
    with writing(folder, accept_broken="seen") as journal:
        assert kinds(journal.entries) == ["k", "k", "k", "chain-accepted", "tail-cut"]
    assert not read_journal(folder).broken


def test_a_missing_journal_is_no_empty_journal(folder: Path) -> None:
    """Where the file is gone, neither a writer nor a reader makes up an empty one."""
    (folder / "journal.jsonl").unlink()
    with pytest.raises(JournalError, match="journal"), writing(folder):
        pass
    with pytest.raises(JournalError):
        read_journal(folder)
    assert not (folder / "journal.jsonl").exists()


def test_a_journal_that_is_a_link_is_not_opened(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is written through a link put in the journal's place."""
    victim = tmp_path_factory.mktemp("victim") / "file"
    victim.write_bytes(b"precious")
    (folder / "journal.jsonl").unlink()
    (folder / "journal.jsonl").symlink_to(victim)
    with pytest.raises(HostError), writing(folder) as journal:
        journal.append("k", {})
    assert victim.read_bytes() == b"precious"


def test_a_follower_gets_each_entry_once_and_waits_for_half_a_line(folder: Path) -> None:
    """Line by line and byte by byte, what a follower gets is what was written, in order."""
    with writing(folder) as journal:
        for number in range(4):
            journal.append("k", {"n": number})
    path = folder / "journal.jsonl"
    content = path.read_bytes()
    path.write_bytes(b"")
    got = []
    with JournalReader(folder) as reader, path.open("ab", buffering=0) as file:
        for at in range(0, len(content), 7):
            file.write(content[at : at + 7])
            reading = reader.read()
            assert not reading.broken
            got += [entry.data["n"] for entry in reading.entries]
            assert len(got) == content[: at + 7].count(b"\n")
        assert reader.read().entries == ()
    assert got == [0, 1, 2, 3]


def test_a_follower_reports_damage_and_goes_on_once_it_is_accepted(folder: Path) -> None:
    """A follower stops at damage, says so as a value, and gives the rest when the operator accepted it."""
    with writing(folder) as journal:
        journal.append("k", {"n": 0})
    path = folder / "journal.jsonl"
    with JournalReader(folder) as reader:
        assert kinds(reader.read().entries) == ["k"]
        with path.open("ab") as file:
            file.write(b"rubbish\n")
        reading = reader.read()
        assert (reading.entries, reading.broken[0].line) == ((), 2)
        assert reader.read().broken == reading.broken
        with writing(folder, accept_broken="rubbish") as journal:
            journal.append("after", {})
        reading = reader.read()
        assert (kinds(reading.entries), reading.broken) == (["chain-accepted", "after"], ())
        path.write_bytes(b"")
        assert "shorter" in reader.read().broken[0].why


def test_another_boot_and_a_jumping_clock_only_show_in_the_times(folder: Path) -> None:
    """Order is seq: entries of another boot, or with an earlier time of day, follow in the same chain."""
    clock = StandingClock()
    with writing(folder, clock) as journal:
        journal.append("k", {})
        clock.go_on(-3600)
        journal.append("k", {})
    clock.reboot()
    with writing(folder, clock) as journal:
        journal.append("k", {})
    entries = read_journal(folder).entries
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[0].at > entries[1].at
    assert entries[0].boot != entries[2].boot
    assert entries[2].boottime == 7.0


def test_a_failed_flush_ends_the_journal_for_this_process(folder: Path) -> None:
    """After a flush that failed nothing more is written, for nobody knows what is on the disk."""
    with writing(folder) as journal:
        journal.append("before", {})
        read_end, write_end = os.pipe()
        # A pipe takes the write and refuses the flush.
        kept = os.dup(journal._file)
        os.dup2(write_end, journal._file)
        with pytest.raises(HostError, match="flushed"):
            journal.append("lost", {})
        os.dup2(kept, journal._file)
        with pytest.raises(HostError, match="takes no more events"):
            journal.append("later", {})
        for descriptor in (read_end, write_end, kept):
            os.close(descriptor)
    assert kinds(read_journal(folder).entries) == ["before"]


def test_a_writer_killed_at_any_moment_leaves_a_journal_that_opens(tmp_path: Path) -> None:
    """After kill -9 in the middle of appending, every event that was said to be written is there, in one chain."""
    session = make_session(tmp_path)
    said = 0
    for count in (1, 2, 3, 5, 17, 40, 120, 333):
        with driving_process("append", session) as writer:
            for _ in range(count):
                said = int(writer.hear())
            writer.kill()
            while line := writer.hear():
                said = int(line)
        reading = read_journal(session.folder)
        assert not reading.broken
        assert len(reading.entries) >= said
        assert [entry.seq for entry in reading.entries] == list(range(1, len(reading.entries) + 1))
    with Driver.take(session, me(), CLOCK) as driver:
        assert driver.epoch == 9


LIMITED = """
import os, resource, sys
from pathlib import Path
from wizard.errors import JournalFullError
from wizard.host.clock import SystemClock
from wizard.host.locks import HeldLock
from wizard.run.journal import Journal
folder = Path(sys.argv[1])
lock = HeldLock(os.open(folder / "driver.lock", os.O_RDWR))
journal = Journal.open(folder, lock, SystemClock())
journal.append("before", {})
size = (folder / "journal.jsonl").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 400, resource.RLIM_INFINITY))
try:
    journal.append("large", {"text": "x" * 2000})
except JournalFullError as error:
    print(error.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append("after", {})
"""


def test_a_write_that_finds_no_room_is_cut_back_and_said(folder: Path) -> None:
    """Half a line is taken back, `disk-full` says what was wanted, and with room again the journal goes on."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder)], check=True, capture_output=True, text=True, timeout=60
    )
    assert "no room" in done.stdout
    reading = read_journal(folder)
    assert kinds(reading.entries) == ["before", "disk-full", "after"]
    assert reading.entries[1].data["wanted"] == "large"
    assert not reading.broken
    assert not (folder / "reserve").exists()
    with writing(folder):
        assert (folder / "reserve").stat().st_size == 65536


@contextmanager
def small_disk(point: Path, size: str) -> Iterator[Path]:
    """Mount a small tmpfs for the test; skip (or fail, where services are required) where that is not allowed."""
    point.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(point)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        reason = f"a small tmpfs cannot be mounted here: {mounted.stderr.strip()}"
        if os.environ.get("WIZARD_TEST_SERVICES") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", str(point)], check=True)


def fill(ballast: Path) -> None:
    """Write until the disk is full."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def write_without_end(journal: Journal) -> None:
    """Append until something is in the way."""
    for number in range(10_000):
        journal.append("k", {"n": number, "text": "x" * 1000})


@pytest.mark.service
def test_a_full_disk_loses_nothing_and_is_said(tmp_path: Path) -> None:
    """On a disk that is really full the session stays readable, says `disk-full`, and goes on once there is room."""
    with small_disk(tmp_path / "disk", "1m") as disk:
        session = make_session(disk)
        ballast = disk / "ballast"
        with Driver.take(session, me(), CLOCK) as driver:
            fill(ballast)
            with pytest.raises(JournalFullError):
                write_without_end(driver.journal)
        reading = read_journal(session.folder)
        assert not reading.broken
        assert reading.rest == 0
        assert kinds(reading.entries)[-1] == "disk-full"
        count = kinds(reading.entries).count("k")
        assert [entry.data["n"] for entry in reading.entries if entry.kind == "k"] == list(range(count))

        ballast.unlink()
        with Driver.take(session, me(), CLOCK) as driver:
            driver.journal.append("room again", {})
        assert (session.folder / "reserve").stat().st_size == 65536
        assert kinds(read_journal(session.folder).entries)[-3:] == ["disk-full", "driver-took", "room again"]


@pytest.mark.service
def test_a_session_cannot_be_made_on_a_full_disk_and_leaves_nothing(tmp_path: Path) -> None:
    """Where there is no room for a session, none is made, the reason is said, and no piece of it stays."""
    with small_disk(tmp_path / "disk", "256k") as disk:
        (disk / "ballast").write_bytes(bytes(200 << 10))
        with pytest.raises(HostError, match="No space"):
            make_session(disk)
        assert list((disk / "state" / "sessions").iterdir()) == []
