"""Answers files that are broken in any way: words with a place, never a traceback, and no secret in them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.guides import guide_of
from tests.questions.writing import knowing
from wizard.errors import AnswersError, UsageError
from wizard.questions.answers_file import parse_sets, read_answers_file
from wizard.questions.questionnaire import Questionnaire

if TYPE_CHECKING:
    from wizard.problems import Problem

PIN = "hush-hush-hush"

LOADED = guide_of(
    versions={
        "releases": {"ladder": "1.3 .. 1.6"},
        "one_at_a_time": "minor",
        "stop_release": "ask",
        "hops": [{"phases": ["only"]}],
    },
    questions=[
        {
            "section": "All",
            "ask": [
                {"id": "current_version", "label": "Now", "type": "version"},
                {"id": "target_version", "label": "Then", "type": "version"},
                {"id": "folder", "label": "Folder", "type": "path", "per": "hop", "default": "/x"},
                {"id": "wide", "label": "Wide", "type": "yes_no"},
                {"id": "count", "label": "Count", "type": "number", "at_least": 1, "when": "answers.wide"},
                {"id": "some", "label": "Some", "type": "choices", "choices": ["a", "b"]},
                {"id": "wait", "label": "Wait", "type": "duration", "optional": True},
                {"id": "pin", "label": "PIN", "type": "secret"},
                {
                    "id": "users",
                    "label": "Users",
                    "type": "table",
                    "columns": [
                        {"id": "name", "label": "Name", "unique": True},
                        {"id": "key", "label": "Key", "type": "secret", "when": 'row.name != "x"'},
                    ],
                },
            ],
        }
    ],
    checks=[{"id": "room", "title": "Room", "file": "/x", "blocks": "bypassable"}],
)

VALID = """\
answers:
  current_version: "1.3.1"
  target_version: latest
  stop_release: {"1.4": "1.4.2", "1.5": "1.5.0"}
  folder: {"1.4.2": /a, "1.5.0": /b, "1.6": {take: default}}
  wide: true
  count: 3
  some: [a, b]
  pin: env:PIN
  users:
    - {name: ada, key: env:PIN}
    - {name: x}
bypasses:
  room: There is enough.
confirmations:
  only: {typed: only, record: {ticket: X-1}}
"""


def told(raw: bytes) -> list[Problem]:
    """Everything that is said of a file with these bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answers.yaml"
        path.write_bytes(raw)
        try:
            found = read_answers_file(path, LOADED, environ={"PIN": PIN})
        except AnswersError as error:
            return list(error.problems)
        return Questionnaire(LOADED, found).problems(knowing())


def test_the_file_the_others_are_made_of_is_valid() -> None:
    """Else nothing would be mutated."""
    text = VALID.replace("confirmations:\n  only: {typed: only, record: {ticket: X-1}}\n", "")
    assert told(text.encode()) == []


def test_every_mistake_is_told_at_once_with_its_line() -> None:
    """One file with many mistakes gives as many problems, each where it stands."""
    text = """\
answers:
  current_version: 1.3.x
  target_verison: latest
  folder: {"1.9": /a}
  wide: maybe
  some: [a, c]
  wait: soon
  pin: open-secret
  users:
    - {name: ada, key: plain}
    - {nmae: bob}
    - nobody
bypasses:
  rom: There is enough.
states:
  agreed: true
"""
    problems = told(text.encode())
    assert [(one.line, one.key.partition(".")[2]) for one in problems] == [
        (2, "current_version"),
        (0, "target_version"),
        (5, "wide"),
        (6, "some"),
        (7, "wait"),
        (8, "pin"),
        (10, "users"),
        (11, "users"),
        (11, "users"),
        (12, "users"),
        (3, "target_verison"),
        (4, "folder@1.9"),
        (14, "rom"),
        (16, "agreed"),
    ]
    hints = " ".join(one.hint for one in problems) + " ".join(one.message for one in problems)
    for near in ("target_version", "name", "room"):
        assert f"did you mean `{near}`?" in hints or f"did you mean {near}?" in hints
    assert "open-secret" not in " ".join(map(str, problems))


@pytest.mark.parametrize(
    "text",
    [
        "answers: {users: [[]]}",
        "answers: {users: {a: b}}",
        "answers: {folder: {}}",
        'answers: {folder: {"1.4": {"1.5": /a}}}',
        "answers: {folder: [/a]}",
        "answers: {pin: [a]}",
        "answers: {pin: {take: found}}",
        "answers: {some: {take: [a]}}",
        "answers: {current_version: {take: found}, target_version: [1]}",
        "answers: {stop_release: {x: {take: default}}}",
        'answers: {"": a, "@": b, "folder@": c, "@1.4": d, "folder@1.4@1.5": e}',
        "bypasses: {room: [a]}",
        "states: {room: {a: b}}",
        "confirmations: {only: [a], fix-room: {x: y}}",
        "answers:\n  ? [a]\n  : b\n",
        "\ufeffanswers: {}",
        "answers: " + "[" * 2000,
    ],
)
def test_shapes_nobody_expects_are_words_too(text: str) -> None:
    """Maps for lists, lists for texts, empty ids: each is a problem with words."""
    problems = told(text.encode())
    assert problems
    assert all(one.message for one in problems)


_BYTES = VALID.encode()
_NAMES = ["current_version", "target_version", "stop_release", "folder", "folder@1.4", "users", "pin", "nope"]
_LEAVES = st.one_of(st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["1.3", "1.6", "latest", "/a"]))


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_any_change_of_bytes_ends_in_words(data: st.DataObject) -> None:
    """Bytes taken out, put in, doubled or swapped: problems or none, and never the value of a secret."""
    raw = bytearray(_BYTES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        end = min(len(raw), at + data.draw(st.integers(0, 12)))
        match data.draw(st.integers(0, 3)):
            case 0:
                del raw[at:end]
            case 1:
                raw[at:at] = data.draw(
                    st.one_of(
                        st.binary(max_size=4),
                        st.sampled_from([b"\t", b"{", b"- ", b": ", b"\xff", b"&a ", b"\0", b"\n"]),
                    )
                )
            case 2:
                raw[at:at] = raw[at:end]
            case _:
                raw[at:end] = bytes(reversed(raw[at:end]))
    for problem in told(bytes(raw)):
        assert problem.message
        assert PIN not in str(problem)


@settings(deadline=None, max_examples=150)
@given(
    values=st.dictionaries(
        st.sampled_from(_NAMES),
        st.recursive(
            _LEAVES,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=6,
        ),
    )
)
def test_any_shape_of_answers_ends_in_words(values: dict[str, object]) -> None:
    """Whatever stands where an answer is wanted is taken or told."""
    import json

    for problem in told(json.dumps({"answers": values}).encode()):
        assert problem.message


@settings(deadline=None, max_examples=150)
@given(words=st.lists(st.text(max_size=20) | st.sampled_from(['folder={"1.4": /a}', "folder={", "pin@1.4=env:PIN"])))
def test_any_words_of_the_command_line_are_answers_or_wrong_usage(words: list[str]) -> None:
    """`--set` takes a word or says how it is written."""
    with suppress(UsageError):
        found = parse_sets(words, LOADED, environ={"PIN": PIN})
        assert all(one.message for one in Questionnaire(LOADED, None, found).problems(knowing()))
