"""The values of a guide: their order, what is left out, and circles."""

from __future__ import annotations

from typing import Any

import pytest

from wizard.errors import ExpressionError
from wizard.expressions import Environment, order_of_values, resolve_values
from wizard.secrets import Secret


def test_values_come_after_those_they_need() -> None:
    """A value may use others, whatever their order; tables stand for themselves."""
    values: dict[str, Any] = {
        "url": "values.scheme + '://' + values.ports[values.scheme]",
        "scheme": "answers.ssl ? 'https' : 'http'",
        "ports": {"http": "80", "https": "443"},
        "rungs": ["dev", "prod"],
    }
    env = Environment(names={"answers": {"ssl": True}})
    assert resolve_values(values, env) == {
        "scheme": "https",
        "ports": {"http": "80", "https": "443"},
        "url": "https://443",
        "rungs": ["dev", "prod"],
    }
    assert order_of_values(values).index("scheme") < order_of_values(values).index("url")


def test_what_is_not_known_is_left_out() -> None:
    """A value of absent names, directly or by another value or a step's outcome, is absent itself."""
    values = {
        "plain": "answers.zz",
        "made": "answers.zz + '/lib'",
        "after": "values.made + '/x'",
        "later": "outcome('run') == 'done'",
        "caught": "default(values.made, '/opt')",
        "sure": "answers.zz == 'x'",
    }
    assert resolve_values(values, Environment(names={"answers": {}})) == {"caught": "/opt", "sure": False}


def test_a_value_of_a_secret_is_a_secret() -> None:
    """Values carry secrets on."""
    env = Environment(names={"answers": {"password": Secret("hunter22")}})
    resolved = resolve_values({"dsn": "'pg://' + answers.password", "again": "values.dsn + '/db'"}, env)
    assert resolved["again"] == Secret("pg://hunter22/db")


@pytest.mark.parametrize(
    ("values", "circle"),
    [
        ({"a": "values.a"}, "a → a"),
        ({"x": "1", "a": "values.b", "b": "values.c + values.x", "c": "values.a"}, "a → b → c → a"),
    ],
)
def test_a_circle_is_named(values: dict[str, str], circle: str) -> None:
    """Values that need each other are an error that shows the way round."""
    with pytest.raises(ExpressionError, match=circle):
        resolve_values(dict(values), Environment())


def test_an_error_names_its_value() -> None:
    """Where a value cannot be computed, the error says which one, and keeps the column."""
    with pytest.raises(ExpressionError, match=r"values\.a: .*divides by zero") as caught:
        resolve_values({"a": "1 + 1 / 0"}, Environment())
    assert caught.value.column == 7
