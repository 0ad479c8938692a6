"""Values in URLs and in SQL."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.errors import ExpressionError
from wizard.expressions import AbsentError, Environment
from wizard.secrets import Secret
from wizard.templates import bind_query, render_url
from wizard.versions import parse_version


def env(**names: Any) -> Environment:
    return Environment(names=names)


@pytest.mark.parametrize(
    ("text", "value", "url"),
    [
        ("${{ v }}/health", "http://h:80/x", "http://h:80/x/health"),
        ("http://${{ v }}/health", "host.example:8080", "http://host.example:8080/health"),
        ("http://h:${{ v }}/", 8080, "http://h:8080/"),
        ("http://[${{ v }}]/", "::1", "http://[::1]/"),
        ("http://h/${{ v }}/y", "a b/c?d#e%", "http://h/a%20b/c%3Fd%23e%25/y"),
        ("http://h/x?q=${{ v }}&r=1", "a&b=c/d", "http://h/x?q=a%26b%3Dc%2Fd&r=1"),
        ("http://h/x#${{ v }}", "a b", "http://h/x#a%20b"),
        ("/x/${{ v }}", "é", "/x/%C3%A9"),
    ],
)
def test_urls(text: str, value: object, url: str) -> None:
    """Each part of a URL takes a value in its own way."""
    assert render_url(text, env(v=value)) == url


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("http://${{ v }}/", "h/evil"),
        ("http://${{ v }}/", "user@evil"),
        ("http://${{ v }}/", "h?x"),
        ("http://h:${{ v }}/", "80#"),
        ("http://h:${{ v }}/", ""),
        ("${{ v }}/x", "http://h\r\nHost: evil"),
        ("${{ v }}/x", "http://h h"),
    ],
)
def test_urls_refuse_what_would_change_them(text: str, value: str) -> None:
    """A value cannot change which host is asked, nor add a line."""
    with pytest.raises(ExpressionError, match=r"\$\{\{ v \}\}"):
        render_url(text, env(v=value))


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_url_values_come_back(value: str) -> None:
    """What is put into a query or path is what the server reads."""
    rendered = render_url("http://h/p/${{ v }}?q=${{ v }}#${{ v }}", env(v=value))
    parts = urlsplit(rendered)
    assert parts.netloc == "h"
    assert unquote(parts.path, errors="strict") == f"/p/{value}"
    assert parse_qs(parts.query, keep_blank_values=True) == {"q": [value]}
    assert unquote(parts.fragment) == value


def test_binding() -> None:
    """Every place becomes a parameter, in order, and keeps its type; a version is its text."""
    names = env(a="x'; drop table t; --", n=5, f=1.5, on=True, v=parse_version("1.4"))
    statement, values = bind_query(
        "select * from t -- why?\nwhere a = ${{ a }} and b in ('?', ${{ n + 1 }})"
        " and c = ${{ on }} and d > ${{ f }} and e = ${{ v }}",
        names,
    )
    assert statement == ("select * from t -- why?\nwhere a = ? and b in ('?', ?) and c = ? and d > ? and e = ?")
    assert values == ("x'; drop table t; --", 6, True, 1.5, "1.4")
    assert bind_query("select 1 where a ? 'b'", names) == ("select 1 where a ? 'b'", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select '${{ a }}'", "${{ a }} stands in quotes"),
        ('select "${{ a }}"', "${{ a }} stands in quotes"),
        ("select `x${{ a }}`", "${{ a }} stands in quotes"),
        ("select 1 -- ${{ a }}", "${{ a }} stands in a comment"),
        ("select /* ${{ a }} */ 1", "${{ a }} stands in a comment"),
        ("select '${{ a }}", "${{ a }} stands in quotes"),
        ("select ? , ${{ a }}", "a ? of its own"),
        ("select ${{ list }}", "a list"),
        ("select ${{ secret }}", "a secret"),
    ],
)
def test_what_cannot_be_bound(text: str, message: str) -> None:
    """Quotes, comments, lists and secrets take no parameter."""
    with pytest.raises(ExpressionError) as caught:
        bind_query(text, env(a="x", list=[1], secret=Secret("hunter22")))
    assert message in caught.value.message
    assert "hunter22" not in str(caught.value)


def test_binding_something_absent() -> None:
    """A query is not asked with a value that is not there."""
    with pytest.raises(AbsentError, match="zz is absent"):
        bind_query("select ${{ zz }}", env())


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_a_database_gets_the_value(value: str) -> None:
    """Whatever the value, a real database gets it as it is, in quotes before it too."""
    statement, values = bind_query("select 'it''s ?', \"?\", ${{ v }} /* ? */", env(v=value))
    with sqlite3.connect(":memory:") as database:
        row = database.execute(statement.replace('"?"', "1"), values).fetchone()
    database.close()
    assert row == ("it's ?", 1, value)
