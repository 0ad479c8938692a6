"""The inbox: what watchers leave comes into the journal once, and what is hostile is noted and harms nothing."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.clocks import StandingClock
from tests.fakes.sessions import make_session, me
from wizard.errors import Gone, UsageError
from wizard.run.chain import Entry
from wizard.run.driver import Driver
from wizard.run.inbox import LARGEST, Inbox, Message, note_of, send
from wizard.run.journal import read_journal

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.run.session import Session

NAME = "20260301T220405123-1-0123abcd.json"


class Book:
    """Remembers what was recorded."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, data: dict[str, Any]) -> Entry:
        self.lines.append((kind, data))
        return Entry(len(self.lines), "", "", 0.0, kind, data, 0)


def folded(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """Fold the inbox once with nothing known."""
    book = Book()
    Inbox(session, (), book).fold()
    return book.lines


def test_a_message_comes_into_the_journal_with_its_sender(tmp_path: Path) -> None:
    """Notes and requests are journalled in the order they were left, and the inbox is empty then."""
    session, clock = make_session(tmp_path), StandingClock()
    sender = me(clock, user="grace", origin="10.0.0.7")
    first = send(session, Message.NOTE, "the load balancer\nis drained", sender, clock)
    clock.go_on(1)
    send(session, Message.REQUEST, "please wait", sender, clock)
    with Driver.take(session, me(), clock) as driver:
        inbox = Inbox(session, driver.journal.entries, driver.journal.append)
        assert inbox.fold() == 2
        assert inbox.fold() == 0
    entries = [entry for entry in read_journal(session.folder).entries if entry.kind == "inbox"]
    assert [entry.data["text"] for entry in entries] == ["the load balancer\nis drained", "please wait"]
    assert entries[0].data == {
        "name": first,
        "message": "note",
        "text": "the load balancer\nis drained",
        "who": {"user": "grace", "from": "10.0.0.7", "terminal": sender.terminal},
        "sent": "2026-03-01T22:04:05.123Z",
    }
    assert list(session.inbox.iterdir()) == []


def test_a_driver_that_dies_between_journal_and_removal_folds_nothing_twice(tmp_path: Path) -> None:
    """A message that is in the journal and still in the inbox is only removed."""
    session, clock = make_session(tmp_path), StandingClock()
    name = send(session, Message.NOTE, "once", me(), clock)
    content = (session.inbox / name).read_bytes()
    with Driver.take(session, me(), clock) as driver:
        Inbox(session, driver.journal.entries, driver.journal.append).fold()
    (session.inbox / name).write_bytes(content)
    with Driver.take(session, me(), clock) as driver:
        assert Inbox(session, driver.journal.entries, driver.journal.append).fold() == 0
    kinds = [entry.kind for entry in read_journal(session.folder).entries]
    assert kinds.count("inbox") == 1
    assert not (session.inbox / name).exists()


def test_where_it_cannot_be_journalled_the_message_stays(tmp_path: Path) -> None:
    """A message is removed only when it is in the journal."""
    session = make_session(tmp_path)
    name = send(session, Message.NOTE, "keep me", me(), StandingClock())

    def full(kind: str, data: dict[str, Any]) -> Entry:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        Inbox(session, (), full).fold()
    assert (session.inbox / name).exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "not JSON"),
        (b"[" * 4000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "neither"),
        (b'{"message": "order", "text": "x"}', "neither"),
        (b'{"message": "note", "text": 5}', "neither"),
        (b'{"message": ["note"], "text": "x"}', "neither"),
        (b" " * (LARGEST + 1), "larger"),
        (b"", "not JSON"),
    ],
)
def test_content_that_is_no_message_is_noted_and_put_away(tmp_path: Path, content: bytes, why: str) -> None:
    """Whatever stands in the file, the driver goes on and the journal says why it was ignored."""
    session = make_session(tmp_path)
    (session.inbox / NAME).write_bytes(content)
    (session.inbox / NAME).chmod(0o600)
    ((kind, data),) = folded(session)
    assert (kind, data["name"]) == ("inbox-ignored", NAME)
    assert why in data["why"]
    assert list(session.inbox.iterdir()) == []


def test_links_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    """Nothing is followed, waited for or read that is no file of its own; what was linked to is untouched."""
    session = make_session(tmp_path)
    victim = tmp_path / "victim"
    victim.write_text(json.dumps({"message": "note", "text": "stolen"}))
    victim.chmod(0o600)
    (session.inbox / NAME).symlink_to(victim)
    os.link(victim, session.inbox / NAME.replace("-1-", "-2-"))
    os.mkfifo(session.inbox / NAME.replace("-1-", "-3-"))
    (session.inbox / NAME.replace("-1-", "-4-")).mkdir()
    (session.inbox / "strange name \udcff").write_text("x")
    lines = folded(session)
    assert [kind for kind, _ in lines] == ["inbox-ignored"] * 5
    reasons = " | ".join(data["why"] for _, data in lines)
    for words in ("it is a link", "others can change it", "not one a watcher gives", "cannot be opened"):
        assert words in reasons
    assert victim.exists()
    assert "stolen" not in str(lines)
    json.dumps(lines).encode()


def test_what_cannot_be_removed_is_noted_once(tmp_path: Path) -> None:
    """A folder in the inbox stays there and is not journalled with every look."""
    session = make_session(tmp_path)
    (session.inbox / NAME).mkdir()
    book = Book()
    inbox = Inbox(session, (), book)
    for _ in range(3):
        inbox.fold()
    assert len(book.lines) == 1


@pytest.mark.usefixtures("root_only")
def test_a_foreign_users_file_is_ignored(tmp_path: Path) -> None:
    """A file of another user is no message, whatever it says."""
    session = make_session(tmp_path)
    name = send(session, Message.NOTE, "not mine", me(), StandingClock())
    os.chown(session.inbox / name, 12345, 12345)
    ((kind, data),) = folded(session)
    assert (kind, data["why"]) == ("inbox-ignored", "it belongs to user 12345")


def test_a_message_that_could_not_be_shown_is_not_journalled_again(tmp_path: Path) -> None:
    """Whatever keeps it from being shown, it stands in the journal: the next look only puts it away."""
    session = make_session(tmp_path)
    send(session, Message.NOTE, "once", me(), StandingClock())
    book = Book()

    def show(entry: Entry) -> None:
        raise Gone(note_of(entry).text)

    inbox = Inbox(session, (), book, show)
    with pytest.raises(Gone, match="once"):
        inbox.fold()
    assert inbox.waits()
    assert inbox.fold() == 0
    assert not inbox.waits()
    assert len(book.lines) == 1


def test_a_flood_is_taken_in_pieces(tmp_path: Path) -> None:
    """Many messages do not keep the driver from its work: a bounded number is folded at a time."""
    session = make_session(tmp_path)
    for number in range(70):
        file = session.inbox / f"20260301T220405123-{number}-0123abcd.json"
        file.write_text(json.dumps({"message": "note", "text": str(number)}))
        file.chmod(0o600)
    book = Book()
    inbox = Inbox(session, (), book)
    assert [inbox.fold(), inbox.fold(), inbox.fold()] == [50, 20, 0]


def test_what_a_terminal_would_obey_is_taken_out(tmp_path: Path) -> None:
    """Escape sequences and marks that turn text around reach neither the journal nor a screen."""
    session, clock = make_session(tmp_path), StandingClock()
    send(session, Message.NOTE, "\x1b[2Jgone\u202e\x07", me(user="\x1b]0;x\x07"), clock)
    ((_, data),) = folded(session)
    assert data["text"].split() == ["[2Jgone"]
    assert "\x1b" not in json.dumps(data)
    assert "\\u001b" not in json.dumps(data)


def test_a_sender_is_told_what_cannot_be_sent(tmp_path: Path) -> None:
    """Empty and too large messages are refused where they are written, and nothing is left behind."""
    session = make_session(tmp_path)
    for text in ("", " \x00 ", "x" * LARGEST):
        with pytest.raises(UsageError):
            send(session, Message.NOTE, text, me(), StandingClock())
    assert list(session.inbox.iterdir()) == []


def test_a_message_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    """Only what was renamed into place is looked at."""
    session = make_session(tmp_path)
    (session.inbox / f".{NAME}.1.abcd").write_text("half")
    assert folded(session) == []
    assert len(list(session.inbox.iterdir())) == 1
