"""What the format has and this version does not carry out is refused where it stands, and never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import MINI, problems_of, swapped
from wizard.guide.models import ActionKind
from wizard.guide.models.base import Model
from wizard.guide.supported import NOT_YET, edit_format

if TYPE_CHECKING:
    from pathlib import Path

STEP = "      - {id: tried, title: Tried, impact: reversible, %s}\n      - id: tell-nodes\n"
CHECK = "        done_when: [{file: mini.db.bak}, {%s}]"
FACT = "facts:\n  tried: {%s}\n"


def _step(keys: str) -> tuple[str, str]:
    return ("      - id: tell-nodes\n", STEP % keys)


def _check(keys: str) -> tuple[str, str]:
    return ("        done_when: [{file: mini.db.bak}]", CHECK % keys)


def _fact(keys: str) -> tuple[str, str]:
    return ("facts:\n", FACT % keys)


REFUSED = [
    ("machine", _step("run: x, machine: answers.people")),
    ("machine", _check("file: x, machine: answers.people")),
    ("machine", _fact("file: x, machine: answers.people")),
]


@pytest.mark.parametrize(("key", "swap"), REFUSED, ids=[f"{number}-{key}" for number, (key, _) in enumerate(REFUSED)])
def test_what_is_not_carried_out_is_refused_where_it_stands(tmp_path: Path, key: str, swap: tuple[str, str]) -> None:
    """The refusal names the key and stands on its line."""
    text = swapped(swap)
    told = [problem for problem in problems_of(tmp_path, text) if problem.rule == "not-yet-carried-out"]
    assert len(told) == 1, [str(problem) for problem in told]
    assert f"`{key.partition(':')[0]}" in told[0].message
    assert "is not carried out by this version of wizard" in told[0].message
    word = key.partition(":")[0]
    assert text.splitlines()[told[0].line - 1][told[0].column - 1 :].startswith(f"{word}:")


def test_every_row_of_the_table_is_tried() -> None:
    """Each row is reached by one of the guides above: a row nobody tries would be a row that may not work."""
    assert len(REFUSED) == len(NOT_YET)
    assert sorted(key.partition(":")[0] for key, _ in REFUSED) == sorted(row.key for row in NOT_YET)


@pytest.mark.parametrize("row", NOT_YET, ids=lambda row: f"{row.model.__name__}-{row.key}")
def test_every_row_names_a_key_of_the_format(row: object) -> None:
    """A row whose key the model does not have would refuse nothing."""
    from wizard.guide.supported import NotYet

    assert isinstance(row, NotYet)
    assert issubclass(row.model, Model)
    assert row.model.field_of_key(row.key) is not None


@pytest.mark.parametrize(
    "keys",
    [
        "edit: {file: a.yaml, set: {a: b}}",
        "edit: {file: a.txt, format: yaml, set: {a: b}}",
        "edit: {file: a.yml, remove: [a]}",
        "edit: {file: a.txt, by_hand: true}",
    ],
)
def test_setting_a_key_in_yaml_is_carried_out(tmp_path: Path, keys: str) -> None:
    """Values in YAML files are set like those in other settings files, and a file may be changed by hand."""
    assert problems_of(tmp_path, swapped(_step(keys))) == ()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/opt/x/.env", "dotenv"),
        ("/opt/x/.env.local", "dotenv"),
        ("app.env", "dotenv"),
        ("a.properties", "properties"),
        ("a.cfg", "ini"),
        ("a.json", "json"),
        ("a.toml", "toml"),
        ("a.yml", "yaml"),
        ("settings", None),
    ],
)
def test_the_format_of_an_edit_is_seen_from_the_name(file: str, expected: str | None) -> None:
    """The end of the name tells the format, and `format` overrules it."""
    from wizard.guide.models.steps import Edit

    assert edit_format(Edit.model_validate({"file": file, "set": {"a": "b"}})) == expected
    assert edit_format(Edit.model_validate({"file": file, "set": {"a": "b"}, "format": "ini"})) == "ini"


@pytest.mark.parametrize("action", list(ActionKind))
def test_every_action_is_carried_out(tmp_path: Path, action: ActionKind) -> None:
    """No action is refused."""
    keys = {
        ActionKind.RUN: "run: x",
        ActionKind.MANUAL: "manual: [{do: a, record: ticket, open: 'http://x/'}]",
        ActionKind.EDIT: "edit: {file: x, block: y}",
        ActionKind.WAIT: "wait: {until: 5s}",
        ActionKind.CHECK: "check: [{file: x}]",
        ActionKind.CONFIRM: "confirm: {say: a, typed: yes}",
        ActionKind.GATE: "gate: {expr: answers.cluster, say: x}",
        ActionKind.SAY: "say: a",
        ActionKind.MONITOR: "monitor: {for: 5m, logs: [/var/log/x]}",
        ActionKind.STEPS: "steps: [{id: a, title: A, say: a}]",
        ActionKind.INCLUDE: "include: tell, with: {what: x}",
    }[action]
    assert problems_of(tmp_path, swapped(_step(keys))) == ()


def test_the_offers_and_phases_that_go_on_alone_are_carried_out(tmp_path: Path) -> None:
    """Side doors, procedures offered later and phases that go on alone are not refused."""
    text = swapped(
        ("    title: Back up\n", "    title: Back up\n    goes_on_alone: true\n"),
        ("        makes: backup\n", "        makes: backup\n        offers: [{title: Look, text: There}]\n"),
        (
            "procedures:\n",
            "procedures:\n  back: {title: B, offer: {after: copy}, steps: [{id: b, title: B, say: b}]}\n",
        ),
    )
    assert problems_of(tmp_path, text) == ()
    assert problems_of(tmp_path, MINI) == ()
