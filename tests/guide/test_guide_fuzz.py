"""Whatever is written into a guide's file, the answer is a list of problems and never a traceback."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.guide.texts import MINI
from wizard.guide.lint import lint_path
from wizard.guide.loader import read_guide
from wizard.guide.yaml import read_yaml
from wizard.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = MINI.splitlines(keepends=True)
SIGNS = ["", "~", "true", "12", "[]", "{}", "[[", "}}", "${{", "${{ }}", "${{ answers }}", "'", '"', "&a x", "*a", "!t"]
MARKS = [
    "|",
    ">",
    "- ",
    "? x",
    "%",
    "\t",
    ": ",
    " #",
    "\0",
    "\u2028",
    "\ud7ff",
    "((((x+)+)+)+)$",
    "(?P<a>",
    "x{99999999999}",
]
LONG = ["0" * 5000, "(" * 200, "!" * 200, "[0]" * 50, "a." * 300, "{" * 60, "- " * 60]
HOSTILE = st.sampled_from([*SIGNS, *MARKS, *LONG])
ANY_YAML = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.text(max_size=12), HOSTILE),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["id", "run", "when", "steps", "x y"]), inner)
    ),
    max_leaves=6,
)


def _linted(text: str) -> tuple[Problem, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "guide.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        guide, problems = read_guide(path)
        assert (guide is None) == any(problem.severity is Severity.ERROR for problem in problems)
        return lint_path(path)


def _sound(problems: tuple[Problem, ...], text: str) -> None:
    """Every problem has words, and a place that exists in the text."""
    lines = text.count("\n") + text.count("\r") + 1
    for problem in problems:
        assert problem.message
        assert problem.rule
        assert 1 <= problem.line <= lines
        assert problem.column >= 1


@given(st.one_of(st.text(max_size=200), st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,?\n \t", max_size=80)))
@settings(deadline=None, max_examples=300)
def test_any_text_can_be_read(text: str) -> None:
    """The strict loader has an answer for every text, and what it reads is plain data."""
    document = read_yaml(text, "f")
    _sound(document.problems, text)
    assert document.data is not None or document.problems


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=150)
def test_any_bytes_can_be_read(data: bytes) -> None:
    """The strict loader has an answer for every sequence of bytes."""
    document = read_yaml(data, "f")
    assert document.data is not None or document.problems


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_both_parsers_read_the_same(data: st.DataObject) -> None:
    """With libyaml and without it a text has the same data, places and problems."""
    import wizard.guide.yaml as reader

    lines = LINES[data.draw(st.integers(0, len(LINES) - 5)) :][: data.draw(st.integers(1, 12))]
    signs = st.one_of(HOSTILE, st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,?\n \té", max_size=4))
    for _ in range(data.draw(st.integers(0, 3))):
        line = data.draw(st.integers(0, len(lines) - 1))
        at = data.draw(st.integers(0, len(lines[line])))
        lines[line] = lines[line][:at] + data.draw(signs) + lines[line][at:]
    text = "".join(lines)
    with pytest.MonkeyPatch.context() as patched:
        one = read_yaml(text, "f")
        patched.setattr(reader, "LIBYAML", None)
        other = read_yaml(text, "f")
    assert (one.data, one.nodes, one.problems, one.damaged) == (other.data, other.nodes, other.problems, other.damaged)


@given(st.data())
@settings(deadline=None, max_examples=120)
def test_a_guide_with_broken_lines_gives_problems(data: st.DataObject) -> None:
    """Lines of a good guide taken away, doubled, moved or overwritten never make anything raise."""
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        change: Callable[[list[str], int, str], None] = data.draw(st.sampled_from([_drop, _double, _overwrite, _shift]))
        change(lines, at, data.draw(HOSTILE))
    text = "".join(lines)
    _sound(_linted(text), text)


def _drop(lines: list[str], at: int, _: str) -> None:
    if len(lines) > 1:
        del lines[at]


def _double(lines: list[str], at: int, _: str) -> None:
    lines.insert(at, lines[at])


def _overwrite(lines: list[str], at: int, hostile: str) -> None:
    head, colon, _ = lines[at].partition(":")
    lines[at] = f"{head}{colon} {hostile}\n"


def _shift(lines: list[str], at: int, _: str) -> None:
    lines[at] = f"  {lines[at]}"


VALUES = [found.span(1) for found in re.finditer(r": ((?![>|])[^\s{\[][^\n{}\[\],]*)", MINI)]


@given(st.data())
@settings(deadline=None, max_examples=120)
def test_a_guide_with_a_wrong_value_gives_problems(data: st.DataObject) -> None:
    """Any data in the place of any value never makes anything raise."""
    import json

    start, end = data.draw(st.sampled_from(VALUES))
    value = json.dumps(data.draw(ANY_YAML), ensure_ascii=False)
    text = MINI[:start] + value + MINI[end:]
    _sound(_linted(text), text)
