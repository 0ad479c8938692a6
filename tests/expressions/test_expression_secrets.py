"""Secrets in expressions: what is made of one is one, and no error gives it away."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from wizard.errors import ExpressionError
from wizard.expressions import Environment, compile_expression
from wizard.secrets import Secret
from wizard.versions import parse_version

PASSWORD = "s3cr3t-Pa55"
ENV = Environment(
    names={
        "answers": {
            "password": Secret(PASSWORD),
            "user": "admin",
            "nodes": [{"host": "a", "token": Secret("tok-1-abc")}, {"host": "b", "token": Secret("tok-2-abc")}],
        }
    }
)


def value(source: str) -> Any:
    return compile_expression(source).evaluate(ENV)


@pytest.mark.parametrize(
    ("source", "revealed"),
    [
        ("answers.password", PASSWORD),
        ("answers.user + ':' + answers.password", f"admin:{PASSWORD}"),
        ("lower(answers.password)", PASSWORD.lower()),
        ("replace(answers.password, '-', '')", PASSWORD.replace("-", "")),
        ("size(answers.password)", "11"),
        ("size(answers.password) + 1", "12"),
        ("join([answers.user, answers.password], ':')", f"admin:{PASSWORD}"),
        ("answers.user == 'admin' ? answers.password : ''", PASSWORD),
        ("default(answers.password, '')", PASSWORD),
        ("answers.nodes[0].token", "tok-1-abc"),
        ("split(answers.password, '-')[0]", "s3cr3t"),
        ("{'a': answers.password}.a", PASSWORD),
        ("string(answers.password)", PASSWORD),
        ("[answers.password][0] + '!'", f"{PASSWORD}!"),
    ],
)
def test_what_is_made_of_a_secret_is_one(source: str, revealed: str) -> None:
    """Every way to make something of a secret gives a secret."""
    result = value(source)
    assert isinstance(result, Secret)
    assert result.reveal() == revealed


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("answers.password == 's3cr3t-Pa55'", True),
        ("size(answers.password) >= 12", False),
        ("answers.password.contains('-')", True),
        ("answers.password.matches('[0-9]')", True),
        ("answers.password in ['a', 's3cr3t-Pa55']", True),
        ("has(answers.password)", True),
        ("answers.nodes.all(n, size(n.token) > 8)", True),
    ],
)
def test_verdicts_on_a_secret_are_plain(source: str, verdict: object) -> None:
    """A comparison of a secret gives true or false, so that it can be validated."""
    assert value(source) is verdict
    assert compile_expression(source).holds(ENV) is verdict


def test_secrets_stay_where_they_are_in_lists() -> None:
    """In rows only the secret column is a secret; a list made of secrets holds secrets."""
    assert value("answers.nodes.map(n, n.host)") == ["a", "b"]
    assert value("answers.nodes.map(n, n.token)") == [Secret("tok-1-abc"), Secret("tok-2-abc")]
    assert value("answers.nodes") == ENV.names["answers"]["nodes"]
    assert value("answers.nodes.filter(n, n.host == 'b')") == [{"host": "b", "token": Secret("tok-2-abc")}]
    assert value("[answers.user] + [answers.password]") == [Secret("admin"), Secret(PASSWORD)]
    assert value("split(answers.password, '-')") == [Secret("s3cr3t"), Secret("Pa55")]
    assert value("split(answers.password, '-').map(part, part + '!')") == [Secret("s3cr3t!"), Secret("Pa55!")]
    assert value("{'a': answers.password}") == {"a": Secret(PASSWORD)}


@pytest.mark.parametrize(
    "source",
    [
        "number(answers.password)",
        "int(answers.password)",
        "major(answers.password)",
        "in_range(answers.password, '>=1')",
        "in_range('1', answers.password)",
        "bytesize(answers.password)",
        "answers.password + 1",
        "answers.password < 1",
        "answers.password && true",
        "answers.password.x",
        "answers.password[0]",
        "answers.password.all(x, true)",
        "'a'.matches('(' + answers.password)",
        "{'a': 1}[answers.password].b.c + 1",
        "outcome(answers.password)",
        "took(answers.user, answers.password)",
        "crosses(answers.password)",
        "version == answers.password",
        "sort_versions([answers.password])",
    ],
)
def test_no_error_gives_a_secret_away(source: str) -> None:
    """Where a secret makes an expression fail, neither message nor hint nor traceback holds it."""
    names = {**ENV.names["answers"], "current_version": "1", "target_version": "2"}
    env = Environment(
        names={"answers": names, "version": parse_version("1.4")},
        outcome=lambda step: "done",
        took=lambda step, default: default,
    )
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source).evaluate(env)
    assert caught.value.__context__ is None
    shown = "".join(traceback.format_exception(caught.value)) + str(caught.value) + repr(caught.value)
    for part in (PASSWORD, PASSWORD.lower(), "s3cr3t"):
        assert part not in shown
