"""Without absent names and secrets, an expression gives what the CEL library gives for the whole of it."""

from __future__ import annotations

import math
from typing import Any

import cel
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.errors import ExpressionError
from wizard.expressions import Environment, compile_expression

NAMES: dict[str, Any] = {
    "i": 7,
    "j": -3,
    "d": 2.5,
    "t": "abc",
    "u": "a.b",
    "yes": True,
    "no": False,
    "list": [1, 2, 3],
    "texts": ["a", "bc", ""],
    "map": {"a": 1},
}

whole = st.one_of(st.sampled_from(["i", "j", "list[0]", "map.a", "map['a']"]), st.integers(-50, 50).map(str))
decimal = st.one_of(st.just("d"), st.floats(-50, 50).map(lambda number: f"{number:.3f}"))
text = st.sampled_from(["t", "u", "'x'", '"é\\n"', "r'a\\d'", "texts[1]", "'''it's'''", "'\\u00e9\\x41'"])
truth = st.sampled_from(["yes", "no", "true", "false"])
lists = st.sampled_from(["list", "[1, 2]", "[]", "[i, j]", "texts", "[[1], [2]]"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(inner, operators, inner, operators, inner).map(" ".join),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]}) ? ({parts[1]}) : ({parts[2]})"),
        inner.map(lambda part: f"!({part})"),
        inner.map(lambda part: f"-({part})"),
        inner.map(lambda part: f"size({part})"),
        inner.map(lambda part: f"int({part})"),
        inner.map(lambda part: f"double({part})"),
        two.map(lambda parts: f"({parts[0]}).contains({parts[1]})"),
        two.map(lambda parts: f"({parts[0]}).startsWith({parts[1]})"),
        two.map(lambda parts: f"({parts[0]}).matches({parts[1]})"),
        two.map(lambda parts: f"({parts[0]}).all(x, x != {parts[1]})"),
        two.map(lambda parts: f"({parts[0]}).exists(x, x == {parts[1]})"),
        two.map(lambda parts: f"({parts[0]}).exists_one(x, x == {parts[1]})"),
        two.map(lambda parts: f"({parts[0]}).filter(x, x < {parts[1]})"),
        two.map(lambda parts: f"({parts[0]}).map(x, [x, {parts[1]}])"),
        two.map(lambda parts: f"[{parts[0]}, {parts[1]}]"),
        # One key: the library goes over the keys of a map in no certain order.
        inner.map(lambda part: f"{{'k': {part}}}"),
    )


expressions = st.recursive(st.one_of(whole, decimal, text, truth, lists), _grow, max_leaves=8)


@settings(deadline=None, max_examples=600)
@given(expressions)
def test_the_library_agrees(source: str) -> None:
    """Both give the same value of the same type, or both give none."""
    try:
        ours: Any = compile_expression(source).evaluate(Environment(names=NAMES))
    except ExpressionError as error:
        ours = error
    try:
        theirs: Any = cel.evaluate(source, NAMES)
    except (TypeError, ValueError, RuntimeError, LookupError, ArithmeticError) as error:
        theirs = error
    if isinstance(ours, ExpressionError) or isinstance(theirs, Exception):
        assert isinstance(ours, ExpressionError), (source, ours, theirs)
        assert isinstance(theirs, Exception), (source, ours, theirs)
        return
    if isinstance(ours, float) and math.isnan(ours):
        assert math.isnan(theirs)
        return
    assert ours == theirs, source
    assert type(ours) is type(theirs), source
