"""One engine: the same answers leave the same journal, whoever sits in front."""

from __future__ import annotations

import io
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import FormOperator, ScriptedOperator
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from wizard.assemble import Begin, begin, store
from wizard.errors import ExitCode
from wizard.plain.operator import PlainOperator
from wizard.run.records import Record
from wizard.unattended import UnattendedOperator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.questions.model import AnswersFile
    from wizard.run.chain import Entry
    from wizard.run.operator import Operator

HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{16}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
TIMES = frozenset({"seconds", "at", "time", "boottime", "duration"})
PIDS = frozenset({"pid", "start", "started"})


def normal(entries: tuple[Entry, ...], session: str) -> list[tuple[str, Any]]:
    """A journal without times, ids, boot, hashes, and who it was."""
    return [(entry.kind, _normal(_anybody(entry), session)) for entry in entries if entry.kind != "driver-took"]


def _anybody(entry: Entry) -> dict[str, Any]:
    """What an event says, without where an answer came from."""
    return {**entry.data, "source": "WHO"} if entry.kind == Record.ANSWER_GIVEN else entry.data


def _normal(value: Any, session: str, key: str = "") -> Any:
    if key in TIMES and isinstance(value, int | float | str):
        return "TIME"
    if key in PIDS and isinstance(value, int):
        return "PID"
    match value:
        case dict():
            return {name: _normal(item, session, name) for name, item in value.items()}
        case list():
            return [_normal(item, session, key) for item in value]
        case str():
            text = value.replace(session, "SESSION")
            return MOMENT.sub("TIME", HASH.sub("HASH", text))
        case _:
            return value


def tour(tmp_path: Path) -> dict[str, Any]:
    """A guide with a step of every kind, a question of several types, a fact and a check."""
    ask = [
        {"id": "name", "label": "Name of the service", "type": "text"},
        {"id": "workers", "label": "Workers", "type": "number", "default": 2},
        {"id": "careful", "label": "Be careful?", "type": "yes_no"},
    ]
    hold = step("hold", "echo hold >> effects", temporary=True, undo=[step("release", "echo release >> effects")])
    steps = (
        hold,
        step("look", "echo 'count: 42'", capture={"count": {"match": r"count: (\d+)", "as": "number"}}),
        step("use", ["sh", "-c", 'echo "$0 $1" >> effects', "${{ answers.name }}", "${{ captured.count }}"]),
        step("edit", edit={"file": "app.env", "set": {"WORKERS": "${{ answers.workers }}"}}),
        step("careful", "echo careful >> effects", when="answers.careful", done_when=[{"file": "careful"}]),
        step("ready", wait={"until": [{"file": str(tmp_path / "app.env")}], "every": "1s"}),
        step("sure", confirm={"say": "Really?", "tick": [{"say": "I have read it"}], "record": [_ticket()]}),
        step("sound", check=[{"file": str(tmp_path / "effects")}]),
        step("hello", say="Hello, ${{ answers.name }}."),
        step("maybe", "echo maybe >> effects", when="outcome('use') == 'failed'", not_needed="all went well"),
        step("quick", "exit 4", outcomes=[{"exit": 4, "means": "already_done"}]),
    )
    return guide(
        phase(*steps, **{"finally": [step("tidy", "echo tidy >> effects")]}),
        defaults={"folder": str(tmp_path)},
        questions=[VERSIONS, {"section": "Service", "ask": ask}],
        facts={"settings": {"dotenv": str(tmp_path / "app.env")}},
        checks=[
            {"id": "place", "title": "Place", "file": {"path": str(tmp_path), "is": "folder"}},
            {"id": "set", "title": "Workers are set", "expr": "facts.settings.WORKERS != ''"},
            {"id": "lacks", "title": "Licence", "file": str(tmp_path / "licence"), "blocks": "bypassable"},
        ],
    )


def _ticket() -> dict[str, Any]:
    return {"id": "ticket", "label": "Ticket"}


ANSWERS = """
answers: {current_version: "1.0", target_version: "2.0", name: shop, workers: 3, careful: false}
confirmations: {sure: {tick: all, record: {ticket: T-1}}}
bypasses: {lacks: it is only a test}
"""


class Tour:
    """The same place and guide, walked again and again from the same start."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.journey = Journey(place, tour(place), sets=())
        self.answers = place / "answers.yaml"
        self.answers.write_text(ANSWERS, encoding="utf-8")

    def walk(self, operator: Any, *, answers: bool) -> list[tuple[str, Any]]:
        """Walk it; gives the normal form of its journal."""
        (self.place / "app.env").write_text("WORKERS=1\n", encoding="utf-8")
        (self.place / "effects").unlink(missing_ok=True)
        request = Begin(str(self.journey.file), str(self.answers) if answers else None)
        assert begin(request, operator) is ExitCode.DONE
        assert self.journey.lines() == ["hold", "shop 42", "release", "tidy"]
        session = store().open()
        return normal(self.journey.entries, session.id)


@contextmanager
def nobody(given: AnswersFile) -> Iterator[Operator]:
    """The unattended front end, quiet."""
    with UnattendedOperator(given, {}, out=io.StringIO()) as operator:
        yield operator


def difference(one: list[tuple[str, Any]], other: list[tuple[str, Any]]) -> str:
    """The first event in which two journals differ, as words."""
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return f"event {number}:\n{json.dumps(left, indent=1)}\n{json.dumps(right, indent=1)}"
    return "" if len(one) == len(other) else f"{len(one)} and {len(other)} events"


@pytest.fixture
def unattended(tmp_path: Path) -> tuple[Tour, list[tuple[str, Any]]]:
    """The tour, and its journal where nobody was there."""
    made = Tour(tmp_path)
    return made, made.walk(nobody, answers=True)


def test_a_person_and_an_answers_file_leave_the_same_journal(unattended: tuple[Tour, list[tuple[str, Any]]]) -> None:
    """Every question asked, every word given by hand: event for event the same as from the file."""
    place, alone = unattended
    operator = ScriptedOperator()
    operator.replies.update(
        {
            "current_version": "1.0",
            "target_version": "2.0",
            "name": "shop",
            "workers": "3",
            "careful": False,
            "proceed": lambda asked: "start" if _bypassed(operator) else ("bypass:lacks", "it is only a test"),
            "sure": {"ticket": "T-1"},
        }
    )
    assert difference(alone, place.walk(place.journey.front_end(operator), answers=False)) == ""
    assert {"current_version", "name", "proceed", "sure"} <= set(operator.keys())


def _bypassed(operator: ScriptedOperator) -> bool:
    return operator.keys().count("proceed") > 1


def test_another_answer_leaves_another_journal(unattended: tuple[Tour, list[tuple[str, Any]]]) -> None:
    """What is compared are the events, not only their number."""
    place, alone = unattended
    place.answers.write_text(ANSWERS.replace("workers: 3", "workers: 4"), encoding="utf-8")
    assert '"value": 4' in difference(alone, place.walk(nobody, answers=True))


def test_a_form_leaves_the_same_journal(unattended: tuple[Tour, list[tuple[str, Any]]]) -> None:
    """The whole questionnaire at once, filled in from top to bottom: event for event the same."""
    place, alone = unattended
    operator = FormOperator()
    operator.replies.update(
        {
            "current_version": "1.0",
            "target_version": "2.0",
            "name": "shop",
            "workers": "3",
            "careful": False,
            "proceed": lambda asked: "start" if _bypassed(operator) else ("bypass:lacks", "it is only a test"),
            "sure": {"ticket": "T-1"},
        }
    )
    assert difference(alone, place.walk(place.journey.front_end(operator), answers=False)) == ""
    assert [one.id for one in operator.views[0].questions] == [
        "current_version", "target_version", "name", "workers", "careful",
    ]  # fmt: skip


def test_plain_lines_leave_the_same_journal(unattended: tuple[Tour, list[tuple[str, Any]]]) -> None:
    """The front end of numbered lines, answered by a pipe: event for event the same."""
    place, alone = unattended
    typed = ["1.0", "2.0", "shop", "3", "no", "1", "it is only a test", "1", "all", "T-1"]
    out = io.StringIO()

    @contextmanager
    def plain(_: AnswersFile) -> Iterator[Operator]:
        with PlainOperator({}, stdin=io.StringIO("\n".join([*typed, ""])), out=out) as operator:
            yield operator

    assert difference(alone, place.walk(plain, answers=False)) == "", out.getvalue()
