"""Patterns that would search for ever are found before anything is searched with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.guide.texts import line_of, problems_of, swapped
from wizard.guide.lint.backtracking import explodes

if TYPE_CHECKING:
    from pathlib import Path

ENDLESS = [
    r"(a+)+$",
    r"(a*)*b",
    r"(\w+\s?)*:",
    r"(a|a)*b",
    r"(a|aa)+$",
    r"(\s*[-*]\s*)*x",
    r"((((x+)+)+)+)$",
    r"(.*,)*x",
    r"(?s)(.*\n)*x",
    r"(x{1,64}){1,64}y",
    r"(?=(a+)+b)c",
    r"(?>(a+)+b)c",
    r"([a-z]+[a-z0-9]*)*_",
    r"(?i)([a-z]+[A-Z])*_",
    r"(a?b?)*c",
    r"(?:b{1,3})+!",
]
HARMLESS = [
    r"(\d+\.)+\d+",
    r"(.*\n)*x",
    r"^items: (\d+)$",
    r"(?P<version>\d+(\.\d+){1,3})(-SM\d+)?",
    r"(?:x\s*)*y",
    r"(foo|foobar)*",
    r"(\w+ )+",
    r"([^,]*,)*x",
    r"(?i)error|fail",
    r".*a.*b.*c",
    r"'(?:[^'\\]|\\.)*'",
    r"(\d{1,3}\.){3}\d{1,3}",
    r"(?>a+)+b",
    r"(a++)+b",
    r"^(\w+\.)*\w+@",
    r"(?<=x)y(?!z)",
    r"(\S+\s+)*x",
    r"(a)?(?(1)b|c)",
    r"(?:[0-9a-f]{4})+$",
]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_a_pattern_that_fits_in_too_many_ways_is_found(pattern: str) -> None:
    """Repetitions inside repetitions that can share the same signs in two ways are told."""
    assert explodes(pattern)


@pytest.mark.parametrize("pattern", HARMLESS)
def test_a_pattern_that_fits_in_one_way_is_let_through(pattern: str) -> None:
    """Nested repetitions with a sign between them that says where one ends are fine."""
    assert not explodes(pattern)


def _pieces() -> st.SearchStrategy[str]:
    atom = st.sampled_from(["a", "b", "[ab]", ".", r"\w", "c", "[^a]", " ", "a{1,3}", "a?"])
    return st.recursive(
        atom,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
            st.tuples(inner, st.sampled_from(["*", "+", "?"])).map(lambda two: f"(?:{two[0]}){two[1]}"),
        ),
        max_leaves=4,
    )


@given(_pieces(), st.sampled_from(["a", "b", "ab", "a ", "ba", "aab"]))
@settings(deadline=None, max_examples=120)
@example("(?:a|b)*", "ab")
def test_what_is_let_through_ends(pattern: str, unit: str) -> None:
    """A search that fails with a pattern that is let through ends (the time limit of the tests is the judge)."""
    if not explodes(f"{pattern}!"):
        assert re.search(f"{pattern}!", (unit * 32)[:32]) is None


def test_such_a_pattern_is_told_where_it_stands(tmp_path: Path) -> None:
    """In a guide it is an error on its line, with the way out; without lint nothing is searched."""
    text = swapped(("capture: {copied: 'copied (\\d+)'}", "capture: {copied: '(\\d+,?)+ copied'}"))
    (problem,) = [one for one in problems_of(tmp_path, text) if one.rule == "pattern-explodes"]
    assert (problem.line, problem.hint[:20]) == (line_of(text, "(\\d+,?)+ copied"), "let each sign fit in")
