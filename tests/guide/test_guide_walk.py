"""Addresses of steps, and ways through everything a guide holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import MINI, loaded
from wizard.guide.models.base import Kind
from wizard.guide.models.checks import StepCheck
from wizard.guide.walk import every_model, every_step, every_text, model_at

if TYPE_CHECKING:
    from pathlib import Path

NESTED = MINI.replace(
    "procedures:\n",
    "    finally:\n      - {id: tidy, title: Tidy, impact: reversible, run: rm -f x}\n"
    "procedures:\n"
    "  again:\n    title: Again\n    offer: {after: copy}\n    steps:\n"
    "      - id: group\n        title: Group\n        steps:\n"
    "          - id: inner\n            title: Inner\n            run: [x, y]\n"
    "            undo: [{id: back, title: Back, run: z}]\n",
)
PATHS = [
    "phases.back-up.steps.copy",
    "phases.update.steps.migrate",
    "phases.update.steps.tell-nodes",
    "phases.update.finally.tidy",
    "procedures.again.steps.group",
    "procedures.again.steps.group.steps.inner",
    "procedures.again.steps.group.steps.inner.undo.back",
    "procedures.tell.steps.say-it",
]


def test_every_step_has_an_address_that_leads_back_to_it(tmp_path: Path) -> None:
    """The walk comes by every step once, in the order of the file, and each address finds its step again."""
    guide = loaded(tmp_path, NESTED)
    placed = list(every_step(guide.guide))
    assert [one.path for one in placed] == PATHS
    assert all(model_at(guide.guide, one.path) is one.step for one in placed)
    assert [one.branch for one in placed if one.branch != "steps"] == ["finally", "undo"]
    assert [step.id for step in placed[6].around] == ["group", "inner"]
    for one in placed:
        assert guide.document.value((*one.place, "id")) == one.step.id


@pytest.mark.parametrize(
    "path",
    [
        "",
        "phases",
        "phases.update",
        "phases.none.steps.x",
        "phases.update.steps.none",
        "phases.update.title.x",
        "values.port.steps.x",
        "phases.update.steps.migrate.undo",
        "phases.update.steps.migrate.id.x",
    ],
)
def test_an_address_that_leads_nowhere_is_a_key_error(tmp_path: Path, path: str) -> None:
    """An address of another guide is told as one."""
    with pytest.raises(KeyError):
        model_at(loaded(tmp_path, NESTED).guide, path)


def test_every_text_is_where_it_stands(tmp_path: Path) -> None:
    """Each text of the file that has a mark is come by, with its kind, at a place that holds it."""
    guide = loaded(tmp_path, NESTED)
    texts = {one.place: one for one in every_text(guide.guide)}
    written = {place for place in texts if guide.document.value(place) is not None}
    assert all(str(guide.document.value(place)) == texts[place].text for place in written)
    kinds = {
        ("phases", 0, "steps", 0, "run"): Kind.SHELL,
        ("procedures", "again", "steps", 0, "steps", 0, "run", 1): Kind.TEXT,
        ("phases", 0, "steps", 0, "capture", "copied"): Kind.REGEX,
        ("phases", 1, "steps", 0, "env", "TOKEN"): Kind.TEXT,
        ("phases", 1, "steps", 0, "done_when", 1, "sql", "query"): Kind.QUERY,
        ("phases", 1, "steps", 1, "when"): Kind.EXPRESSION,
        ("phases", 1, "steps", 1, "with", "what"): Kind.TEXT,
        ("values", "port"): Kind.EXPRESSION,
        ("questions", 0, "ask", 1, "found_in"): Kind.EXPRESSION,
        ("versions", "releases", 0): Kind.TEXT,
        ("facts", "release", "match"): Kind.REGEX,
        ("versions", "pattern"): Kind.LITERAL,
        ("procedures", "tell", "needs", 0): Kind.NAME,
        ("versions", "hops", 0, "phases", 1): Kind.KEY,
    }
    assert {place: texts[place].kind for place in kinds} == kinds


def test_every_model_knows_what_it_stands_in(tmp_path: Path) -> None:
    """A check inside a step has the guide, the phase and the step around it."""
    models = list(every_model(loaded(tmp_path).guide))
    check = next(one for one in models if isinstance(one.model, StepCheck) and one.model.check == "room")
    assert [type(model).__name__ for model in check.around] == ["Guide", "Phase", "Step"]
    assert check.place == ("phases", 1, "steps", 0, "done_when", 0)
