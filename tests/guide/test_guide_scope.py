"""Which names there are in which place of a guide, and of what type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import MINI, loaded, swapped
from wizard.expressions.types import TypeKind
from wizard.guide.scope import Scopes
from wizard.guide.walk import every_text

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.expressions.types import Scope, Type
    from wizard.guide.document import DataPath


def _scope(folder: Path, place: DataPath, text: str = MINI) -> Scope:
    guide = loaded(folder, text)
    found = next(one for one in every_text(guide.guide) if one.place == place)
    return Scopes(guide).at(found)


def _type(scope: Scope, dotted: str) -> Type:
    head, *rest = dotted.split(".")
    type_ = scope.names[head]
    for part in rest:
        assert type_.fields is not None or type_.item is not None
        type_ = (type_.fields or {}).get(part) or type_.item or type_
    return type_


TITLE: DataPath = ("phases", 1, "steps", 1, "title")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("answers.install_dir", TypeKind.TEXT),
        ("answers.current_version", TypeKind.VERSION),
        ("answers.cluster", TypeKind.BOOL),
        ("answers.nodes", TypeKind.NUMBER),
        ("answers.people", TypeKind.LIST),
        ("answers.people.name", TypeKind.RECORD),
        ("facts.settings.ANY", TypeKind.TEXT),
        ("facts.release.version", TypeKind.VERSION),
        ("values.port", TypeKind.NUMBER),
        ("values.sizes.small", TypeKind.INT),
        ("hop.from", TypeKind.VERSION),
        ("hop.first", TypeKind.BOOL),
        ("machine.memory", TypeKind.INT),
        ("captured.copied", TypeKind.TEXT),
        ("session.id", TypeKind.TEXT),
        ("guide.folder", TypeKind.TEXT),
    ],
)
def test_names_of_a_step_have_their_types(tmp_path: Path, name: str, kind: TypeKind) -> None:
    """Answers by the type of their question, facts by their kind and groups, values by what they are made of."""
    assert _type(_scope(tmp_path, TITLE), name).kind is kind


def test_a_secret_is_known_as_one(tmp_path: Path) -> None:
    """An answer of type secret is a secret for every expression, and so is a value made of it."""
    text = swapped(
        (
            "port: number(facts.settings.PORT)",
            "port: number(facts.settings.PORT)\n  header: '\"Bearer \" + answers.token'",
        ),
        ("TOKEN: '${{ answers.token }}'", "TOKEN: '${{ values.header }}'"),
    )
    scope = _scope(tmp_path, TITLE, text)
    assert _type(scope, "answers.token").holds_secret
    assert _type(scope, "values.header").holds_secret
    assert not _type(scope, "answers.install_dir").holds_secret


@pytest.mark.parametrize(
    ("place", "there", "missing"),
    [
        (("facts", "settings", "dotenv"), {"answers", "machine"}, {"hop", "captured", "session"}),
        (("questions", 0, "ask", 0, "label"), {"answers", "facts"}, {"hop", "captured", "row"}),
        (("checks", 0, "title"), {"hop"}, {"captured", "session"}),
        (("procedures", "tell", "steps", 0, "say"), {"what", "captured"}, {"row"}),
        (TITLE, {"session", "captured"}, {"what"}),
    ],
)
def test_each_part_has_its_names(tmp_path: Path, place: DataPath, there: set[str], missing: set[str]) -> None:
    """Facts and questions see no run, checks see the hop, steps everything, a procedure what it needs."""
    names = set(_scope(tmp_path, place).names)
    assert there <= names
    assert not missing & names


def test_functions_of_the_run_are_refused_where_nothing_ran(tmp_path: Path) -> None:
    """`outcome` and `took` have no place in facts and checks, `file` none outside `valid` and checks."""
    fact = _scope(tmp_path, ("facts", "settings", "dotenv"))
    assert set(fact.refused) == {"outcome", "took", "file"}
    assert set(_scope(tmp_path, ("checks", 1, "when")).refused) == {"outcome", "took"}
    assert set(_scope(tmp_path, ("questions", 0, "ask", 0, "valid", 0, "expr")).refused) == {"outcome", "took"}
    assert set(_scope(tmp_path, TITLE).refused) == {"file"}


def test_a_table_gives_its_row_and_a_loop_its_name(tmp_path: Path) -> None:
    """In a column `row` is the row, in a check's loop its name is one item of the list."""
    text = swapped(
        ("[{id: name, label: Name}]", "[{id: name, label: Name, when: row.name != 'x'}]"),
        ("    when: values.sizes.small", "    for_each: {person: answers.people}\n    when: values.sizes.small"),
    )
    row = _scope(tmp_path, ("questions", 1, "ask", 0, "columns", 0, "when"), text).names["row"]
    assert set(row.fields or {}) == {"name"}
    person = _scope(tmp_path, ("checks", 1, "when"), text).names["person"]
    assert set(person.fields or {}) == {"name"}
    assert "person" not in _scope(tmp_path, ("checks", 1, "for_each", "person"), text).names


def test_the_reply_and_the_rows_are_names_where_a_check_judges_them(tmp_path: Path) -> None:
    """`reply` is there in `json` of an http check, `result` and `rows` in `expr` of an sql check."""
    text = swapped(
        ("at_least: 1}", "expr: result > 0 && size(rows) == 1}"),
        ("free: 1 GiB}", "free: 1 GiB}\n  - {id: web, title: W, http: {url: 'http://x/', json: reply.ok}}"),
    )
    reply = _scope(tmp_path, ("checks", 1, "http", "json"), text)
    assert "reply" in reply.names
    rows = _scope(tmp_path, ("phases", 1, "steps", 0, "done_when", 1, "sql", "expr"), text)
    assert {"result", "rows"} <= set(rows.names)
    assert "rows" not in reply.names
