"""Rows of table questions: from files, forms and pasted lines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.questions.writing import knowing
from wizard.guide.models import Question
from wizard.questions.tables import RowRules, parse_rows
from wizard.questions.validation import RefusedError
from wizard.secrets import Secret

NODES = Question.model_validate(
    {
        "id": "nodes",
        "label": "Nodes",
        "type": "table",
        "columns": [
            {"id": "name", "label": "Name", "type": "host", "unique": True},
            {"id": "role", "label": "Role", "type": "choice", "choices": ["web", "db"], "default": "web"},
            {"id": "port", "label": "Port", "type": "number", "when": 'row.role == "db"', "default": 5432},
            {"id": "note", "label": "Note", "optional": True},
        ],
    }
)


def test_cells_are_judged_by_their_columns() -> None:
    """Types, defaults and a column's `when` (which sees the row so far) make each row."""
    rows = RowRules(NODES, knowing()).rows(
        [{"name": "a", "port": 99}, {"name": "b", "role": "db"}, {"name": "c", "role": "db", "port": "99"}],
    )
    assert rows == [
        {"name": "a", "role": "web"},
        {"name": "b", "role": "db", "port": 5432},
        {"name": "c", "role": "db", "port": 99},
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ([{"name": "a"}, {"name": "-b"}], "row 2, Name: '-b' begins with `-`"),
        ([{"role": "db"}], "row 1, Name: something is needed"),
        ([{"name": "a", "role": "cache"}], "row 1, Role: 'cache' is not one of the choices: choose from web, db"),
        ([{"name": "a"}, {"name": "b"}, {"name": "a"}], "row 3, Name: 'a' stands in row 1 too"),
        ([{"name": "a", "rolle": "db"}], "did you mean role?"),
        (["a"], "row 1 is no map"),
        (3, "a list of rows is wanted"),
        ("a, web, 1, x, y", "line 1 has 5 cells, and there are 4 columns"),
    ],
)
def test_a_refusal_names_row_and_column(raw: Any, why: str) -> None:
    """What is wrong is said with its place in the table."""
    with pytest.raises(RefusedError) as caught:
        RowRules(NODES, knowing()).rows(raw)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\tdb\nb", [{"name": "a", "role": "db"}, {"name": "b"}]),
        ('a, db, 1, "one, two"\n\n b ,web', [{"name": "a", "role": "db", "port": "1", "note": "one, two"}]),
        ("a; db", [{"name": "a", "role": "db"}]),
        ("Name,Role,Port,Note\na,db", [{"name": "a", "role": "db"}]),
        ("a db 1 x", [{"name": "a", "role": "db", "port": "1", "note": "x"}]),
    ],
)
def test_pasted_lines_become_rows(text: str, rows: list[dict[str, str]]) -> None:
    """Tabs, semicolons, commas with quotes, blanks and a line of headings are understood."""
    assert parse_rows(text, NODES)[: len(rows)] == rows


def test_pasted_text_of_one_column_is_split_into_lines_only() -> None:
    """With one column a comma belongs to the value."""
    question = Question.model_validate(
        {"id": "people", "label": "People", "type": "table", "columns": [{"id": "name", "label": "Name"}]}
    )
    assert RowRules(question, knowing()).rows("Doe, Jane\nRoe, Richard") == [
        {"name": "Doe, Jane"},
        {"name": "Roe, Richard"},
    ]


def test_a_column_has_conditions_of_its_own() -> None:
    """`valid` of a column sees the row with the new cell, and its words are given."""
    question = Question.model_validate(
        {
            "id": "ports",
            "label": "Ports",
            "type": "table",
            "columns": [
                {"id": "low", "label": "From", "type": "number"},
                {
                    "id": "high",
                    "label": "To",
                    "type": "number",
                    "valid": [{"expr": "row.high >= row.low", "say": "It must not be below ${{ row.low }}."}],
                },
            ],
        }
    )
    assert RowRules(question, knowing()).rows("1,2") == [{"low": 1, "high": 2}]
    with pytest.raises(RefusedError, match=r"row 1, To: It must not be below 5\."):
        RowRules(question, knowing()).rows("5,2")


def test_a_secret_cell_stays_a_secret() -> None:
    """A secret column holds Secret, and a refusal of its row does not show it."""
    question = Question.model_validate(
        {
            "id": "users",
            "label": "Users",
            "type": "table",
            "columns": [
                {"id": "name", "label": "Name"},
                {"id": "password", "label": "Password", "type": "secret", "unique": True},
            ],
        }
    )
    assert RowRules(question, knowing()).rows([{"name": "a", "password": Secret("hush-hush")}]) == [
        {"name": "a", "password": Secret("hush-hush")}
    ]
    with pytest.raises(RefusedError) as caught:
        RowRules(question, knowing()).rows("a, hush-hush\nb, hush-hush")
    assert "hush" not in str(caught.value)
