"""Texts with `${{ … }}`: where one begins and ends, and what stands there afterwards."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from wizard.errors import ExpressionError
from wizard.expressions import AbsentError, Environment
from wizard.secrets import MASK, Secret
from wizard.templates import render, render_regex, render_text, template_expressions
from wizard.versions import parse_version

ENV = Environment(
    names={
        "a": 5,
        "half": 2.5,
        "whole": 3.0,
        "on": True,
        "text": "x y",
        "list": ["p", "q"],
        "map": {"k": "v"},
        "version": parse_version("v1.4.0"),
        "secret": Secret("hunter22"),
    }
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no place", []),
        ("${{ a }}", [("a", 4)]),
        ("${{a}}-${{  b  }}", [("a", 3), ("b", 12)]),
        ("${{ '}}' + a }}x", [("'}}' + a", 4)]),
        ('${{ "}}" }}', [('"}}"', 4)]),
        ("${{ {'a': {'b': 1}}.a.b }}", [("{'a': {'b': 1}}.a.b", 4)]),
        (r"${{ r'\' }}'", [(r"r'\'", 4)]),
        (r"${{ '\'}}' }}", [(r"'\'}}'", 4)]),
        ("${{ '''it's }}''' }}", [("'''it's }}'''", 4)]),
        ("$ { {a}} ${x} $${{ a }}", [("a", 19)]),
        ("${{ var'}}' }}", [("var'}}'", 4)]),
        ("${{\n a\n}}", [("a", 5)]),
    ],
)
def test_places_are_found(text: str, found: list[tuple[str, int]]) -> None:
    """Quotes and braces inside an expression do not end it, and offsets point at the expression."""
    assert template_expressions(text) == found
    for expression, offset in found:
        assert text[offset:].startswith(expression)


@pytest.mark.parametrize(("text", "column"), [("ab ${{ x", 4), ("${{ a }} ${{ '}}", 10), ("${{ {'a': 1} }", 1)])
def test_an_open_place_is_refused(text: str, column: int) -> None:
    """A `${{` without its `}}` is an error at its column, not text."""
    with pytest.raises(ExpressionError, match="is not closed") as caught:
        render(text, ENV)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ a }}", 5),
        ("${{ list }}", ["p", "q"]),
        ("${{ on }}", True),
        ("${{ half * 2.0 }}", 5.0),
        ("${{ map }}", {"k": "v"}),
        (" ${{ a }}", " 5"),
        ("${{ a }}${{ a }}", "55"),
        ("v=${{ a }} ${{ half }} ${{ whole }} ${{ on }} ${{ version }}", "v=5 2.5 3 true 1.4.0"),
        ("${{ '${{' }} is text", "${{ is text"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_rendering(text: str, expected: object) -> None:
    """A text that is exactly one place keeps its type; elsewhere values take their text form."""
    rendered = render(text, ENV)
    assert rendered == expected
    assert type(rendered) is type(expected)


def test_a_secret_taints_the_whole_text() -> None:
    """A text with a secret in it is a secret; where only text may be it is refused without its value."""
    assert render("${{ secret }}", ENV) == Secret("hunter22")
    assert render("pg://${{ text }}:${{ secret }}@h", ENV) == Secret("pg://x y:hunter22@h")
    for renderer in (render_text, render_regex):
        with pytest.raises(ExpressionError, match="is a secret and has no place here") as caught:
            renderer("a ${{ secret + '!' }}", ENV)
        assert "hunter22" not in str(caught.value)
        assert MASK not in caught.value.message


@pytest.mark.parametrize("renderer", [render, render_text, render_regex])
def test_what_is_absent_is_named(renderer: Any) -> None:
    """A place without a value is an error with the name that is absent."""
    with pytest.raises(AbsentError, match=r"map\.zz is absent"):
        renderer("x ${{ map.zz }}", ENV)
    with pytest.raises(AbsentError, match=r"map\.zz is absent.*\(in \$\{\{ map\.zz \+ 1 \}\}\)"):
        renderer("x ${{ map.zz + 1 }}", ENV)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("x ${{ list }}", "a list has no text of its own (in ${{ list }})", "join(list"),
        ("x ${{ map }}", "a map has no text of its own", "fields"),
        ("x ${{ words(list) }}", "words() gives several words", "in a run"),
        ("x ${{ 1 + }}", "the end was not expected here (in ${{ 1 + }})", ""),
        ("x ${{ }}", "the expression is empty", ""),
    ],
)
def test_what_has_no_text(text: str, message: str, hint: str) -> None:
    """A value without a text form is an error that names its place and the way out."""
    with pytest.raises(ExpressionError) as caught:
        render(text, ENV)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_regex_values_stand_for_themselves() -> None:
    """A value in a regular expression matches itself, whatever it holds."""
    pattern = render_regex("^id=${{ text }}$", Environment(names={"text": "a.b*[c"}))
    assert re.search(pattern, "id=a.b*[c")
    assert not re.search(pattern, "id=axb*[c")


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_values_and_text_arrive_as_they_are(before: str, value: str, after: str) -> None:
    """Text around a place and the value in it come out unchanged, and are not rendered again."""
    assume("${{" not in before and "${{" not in after)
    text = f"{before}${{{{ v }}}}{after}"
    assert template_expressions(text) == [("v", len(before) + 4)]
    assert render(f"{text} ", Environment(names={"v": value})) == f"{before}{value}{after} "


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(["${{", "}}", "{", "}", "'", '"', "\\", " a ", "r'", "'''", "\n", "$", "list"]), max_size=14
    )
)
@example(["${{", " a ", "}"])
def test_any_text_renders_or_is_an_expression_error(pieces: list[str]) -> None:
    """Whatever somebody writes renders, or is an ExpressionError."""
    text = "".join(pieces)
    with suppress(ExpressionError):
        rendered = render(text, Environment(names={"a": "A", "list": ["L"]}))
        assert "${{" not in text or rendered != text
