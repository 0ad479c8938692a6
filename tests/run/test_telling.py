"""What is told and is no event, left in the session's folder: bounded, redacted, and read whatever lies there."""

from __future__ import annotations

import json
import os
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import StandingClock
from tests.fakes.operators import ScriptedOperator
from tests.fakes.plans import finding, planned_step
from tests.run.journey import Journey, guide, phase, step
from wizard.checks.model import Status
from wizard.errors import Gone
from wizard.run.bounded_lines import BoundedLines, BoundedLinesReader
from wizard.run.events import CheckAsked, Difference, LogNews, Monitored, Owed, Said, Sample, StepBegan
from wizard.run.following import Follower
from wizard.run.operator import Wish
from wizard.run.session import Session
from wizard.run.telling import LOOKS, LOOKS_LIMIT, TOLD, TOLD_LIMIT, Telling, ToldReader
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from wizard.run.events import Event

NAME = "lines.jsonl"
ONE, TWO, WATCH = (planned_step(name).key for name in ("one", "two", "watch"))


def telling(folder: Path, *, epoch: int = 1, secret: str = "") -> Telling:
    """What a driver writes with, whose journal grows by an event each time."""
    seq = count(10)
    known = (Secret(secret),) if secret else ()
    return Telling(folder, epoch=epoch, clock=StandingClock(), secrets=lambda: known, seq=lambda: next(seq))


def told_in(folder: Path) -> list[Any]:
    """What is read there from the beginning."""
    with closing(ToldReader(folder)) as reader:
        return [one.event for one in reader.poll()]


def look(amount: float, *lines: str) -> Monitored:
    """A look of a monitor at one limit and one log."""
    news = (LogNews("/var/log/app.log", lines, len(lines), 0),)
    return Monitored(planned_step("watch"), (Sample("cpu", "CPU", "busy", True, amount),), news, amount, 60.0)


def began(key: str) -> StepBegan:
    """A step was begun."""
    return StepBegan(planned_step(key), "", "", ())


def test_what_was_told_is_read_as_it_was(tmp_path: Path) -> None:
    """Remarks, checks, differences and what is owed come back whole, with their step and their place."""
    events: list[Event] = [
        Said("Mind\nthe gap", "danger"),
        CheckAsked(finding("disk", Status.FAIL, remedy="Make room"), rehearsed=True),
        Difference("/etc/app", ("-old", "+new")),
        Owed((("1.1", "Set back"),)),
    ]
    driver = telling(tmp_path)
    driver.note(began("one"))
    for event in events:
        driver.note(event)
    with closing(ToldReader(tmp_path)) as reader:
        told = reader.poll()
        assert [one.event for one in told] == events
        assert {one.key for one in told} == {ONE}
        assert [one.after for one in told] == sorted(one.after for one in told)
        assert reader.poll() == ()
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_what_was_told_before_a_step_belongs_to_the_first_one_after_it(tmp_path: Path) -> None:
    """Of the same driver; what another one was told before is not moved there."""
    driver = telling(tmp_path)
    driver.note(Said("left before any step"))
    driver = telling(tmp_path, epoch=2)
    driver.note(Said("taken up"))
    driver.note(began("one"))
    driver.note(began("two"))
    driver.note(Said("in two"))
    with closing(ToldReader(tmp_path)) as reader:
        reader.poll()
        assert [(one.epoch, one.key) for one in reader.told] == [(1, ""), (2, ONE), (2, TWO)]


def test_the_looks_of_a_monitor_survive_their_driver(tmp_path: Path) -> None:
    """Whoever comes back gets the looks of all drivers, in order, each once."""
    telling(tmp_path).note(look(1.0))
    with closing(ToldReader(tmp_path)) as reader:
        assert reader.poll_looks()
        driver = telling(tmp_path, epoch=2)
        for amount in (2.0, 3.0):
            driver.note(look(amount, "one line"))
        assert reader.poll_looks()
        assert not reader.poll_looks()
        assert [one.watched for one in reader.looks(WATCH)] == [1.0, 2.0, 3.0]
        assert reader.looks(WATCH)[-1].logs == (LogNews("/var/log/app.log", ("one line",), 1, 0),)
        assert reader.looks(ONE) == ()


def test_no_secret_gets_there(tmp_path: Path) -> None:
    """Neither by a remark, nor by a check, a change or a line of a log."""
    driver = telling(tmp_path, secret="s3cr3t-value")
    for event in (Said("s3cr3t-value"), Difference("f", ("+pw=s3cr3t-value",)), look(1.0, "pw s3cr3t-value")):
        driver.note(event)
    content = b"".join((tmp_path / name).read_bytes() for name in (TOLD, LOOKS))
    assert b"s3cr3t-value" not in content
    assert [MASK in str(event) for event in told_in(tmp_path)] == [True, True]


def test_the_files_stay_small_and_readers_miss_nothing_of_the_end(tmp_path: Path) -> None:
    """However much is told: the last of it can be read, by one who followed and by one who comes late."""
    driver = telling(tmp_path)
    many = 4000
    with closing(ToldReader(tmp_path)) as reader:
        for number in range(many):
            driver.note(Said(f"remark {number} " + "x" * 200))
            if number % 500 == 0:
                driver.note(look(float(number), "y" * 5000))
                reader.poll()
        reader.poll()
        followed = [one.event for one in reader.told]
    driver.note(Difference("f", tuple("ü" * 9000 for _ in range(9000))))
    late = told_in(tmp_path)
    assert isinstance(late[-1], Difference)
    assert len(late[-1].lines) < 300
    assert followed[-100:] == late[-101:-1]
    assert isinstance(followed[-1], Said)
    assert followed[-1].text.startswith(f"remark {many - 1} ")
    held = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert held <= 2 * (TOLD_LIMIT + LOOKS_LIMIT) + (512 << 10)


@given(
    lines=st.lists(st.integers(0, 40), min_size=1, max_size=12),
    limit=st.integers(80, 400),
    cuts=st.lists(st.integers(0, 11), max_size=4),
    rubbish=st.binary(max_size=20),
    looks=st.sets(st.integers(0, 11)),
)
def test_a_torn_line_costs_itself_at_most(
    lines: list[int], limit: int, cuts: list[int], rubbish: bytes, looks: set[int]
) -> None:
    """A writer that is killed in the middle of a line, rubbish behind it: every whole line behind that is read."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        writer = BoundedLines(folder, NAME, limit)
        torn: set[int] = set()
        seen: list[int] = []
        with closing(BoundedLinesReader(folder, NAME)) as reader:
            for number, length in enumerate(lines):
                writer.append({"n": number, "text": "x" * length})
                if number in cuts:
                    torn.add(number)
                    file = folder / NAME
                    os.truncate(file, file.stat().st_size - 2)
                    with file.open("ab") as end:
                        end.write(rubbish.replace(b"\n", b""))
                elif number in looks:
                    seen += [found["n"] for found in reader.read()]
            seen += [found["n"] for found in reader.read()]
        with closing(BoundedLinesReader(folder, NAME)) as late:
            read = [found["n"] for found in late.read()]
        whole = [number for number in range(len(lines)) if number not in torn]
        late_read = [number for number in read if number not in torn]
        assert late_read == whole[len(whole) - len(late_read) :]
        assert late_read == whole or sum(path.stat().st_size for path in folder.iterdir()) > limit // 2
        followed = [number for number in dict.fromkeys(seen) if number not in torn]
        assert followed == sorted(followed)
        assert followed[len(followed) - len(late_read) :] == late_read
        assert sum(path.stat().st_size for path in folder.iterdir()) <= 2 * limit + 400


@pytest.mark.parametrize(
    "content", [b"", b"[]\n", b"{\n", b"\xff\n", b"[" * 4000 + b"\n", b'{"epoch": 1}\n', b"\0" * 99]
)
def test_whatever_lies_there_stops_nobody(tmp_path: Path, content: bytes) -> None:
    """Neither a reader nor the next driver, whose remarks are read behind it."""
    for name in (TOLD, LOOKS):
        (tmp_path / name).write_bytes(content)
    known = json.dumps({"epoch": 1, "number": 1, "kind": "check", "key": 1, "what": {"finding": None}}).encode()
    with (tmp_path / TOLD).open("ab") as file:
        file.write(b"\n" + known + b"\n")
    assert told_in(tmp_path) == []
    telling(tmp_path, epoch=2).note(Said("behind it"))
    assert told_in(tmp_path) == [Said("behind it")]


def test_a_link_or_a_full_disk_ends_nothing(tmp_path: Path) -> None:
    """What cannot be written is left out, nothing is written through a link, and reading finds nothing."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"")
    folder = tmp_path / "session"
    folder.mkdir()
    (folder / TOLD).symlink_to(outside)
    (folder / LOOKS).symlink_to("/dev/full")
    driver = telling(folder)
    driver.note(Said("hello"))
    driver.note(look(1.0))
    assert outside.read_bytes() == b""
    assert told_in(folder) == []
    telling(tmp_path / "gone").note(Said("hello"))


def test_a_driver_who_comes_back_sees_the_looks_of_before(tmp_path: Path) -> None:
    """A monitor that was left and gone on with: the folder has all of it, without anything of it in the journal."""
    (tmp_path / "fine").touch()
    limits = [{"id": "fine", "title": "Fine", "file": str(tmp_path / "fine")}]
    monitor = {"for": "1h", "every": "100ms", "limits": limits}
    journey = Journey(tmp_path, guide(phase(step("watch", monitor=monitor)), defaults={"folder": str(tmp_path)}))
    with pytest.raises(Gone):
        journey.begin(ScriptedOperator({"pause:Watch": Gone("left")}))
    session = Session.open(journey.folder)
    with closing(Follower(session)) as follower:
        follower.poll()
        first = follower.looks("1/work/watch")
        assert [one.samples[0].title for one in first] == ["Fine"]
        journey.resume(ScriptedOperator({"pause:Watch": Wish.GO_ON}))
        assert follower.poll()
        looks = follower.looks("1/work/watch")
    assert looks[0] == first[0]
    assert {one.epoch for one in looks} == {1, 2}
    assert "samples" not in (journey.folder / "journal.jsonl").read_text(encoding="utf-8")
