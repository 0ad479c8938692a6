"""One mistake gives one report: nothing is said of what only seems wrong because of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wizard.guide.lint import lint_path

DEMO = Path(__file__).parents[2] / "guides" / "demo"

MISTAKES = [
    ("- id: count-before", "- id: count-before: z", "colon-in-text"),
    ("- id: back-up\n", "- id: !x back-up\n", "yaml-tag"),
    ("rows_before: {match:", "rows_before: !x {match:", "yaml-tag"),
    ("rows_before: {match: '^items", "rows_before: {match: ''^items", "flow-text-needs-quotes"),
    ('- from: "<1.1"', '- from: "<1.1": z', "colon-in-text"),
    ("releases: [", "releases: [, ", "flow-text-needs-quotes"),
    ("  phases: [announce", "  phasesx: [announce", "unknown-key"),
    ("when: hop.first", "when: !x hop.first", "yaml-tag"),
    ('when: answers.password_by == "answer"', "when: !answers.password_by", "yaml-tag"),
    ("file: '${{ answers.install_dir }}/data/stockroom.db'", "file:", "yaml-null"),
    ("{id: name, label: Name, unique", "{id: 'name, label: Name, unique", "open-quote"),
    ("{id: name, label: Name, unique: true}", "{id: name, label: Name, unique: true}: z", "yaml-key"),
    ("- Nobody is in the middle of a delivery", "- Nobody: is in the middle: of it", "colon-in-text"),
    ("- Nobody is in the middle of a delivery", "- Nobody is: in the middle", "colon-in-text"),
    ("run: ['${{ values.control }}', backup,", "runx: ['${{ values.control }}', backup,", "unknown-key"),
    ("choices: [mail, phone, chat]", "choices: [*mail, phone, chat]", "yaml-alias"),
    ("type: choice, choices: [mail", "typex: choice, choices: [mail", "unknown-key"),
    ("- id: current_version", "- id: *x", "yaml-alias"),
    ("- section: People", "- 'a' section: People", "yaml-indent"),
    ("- id: install_dir", "- id:", "yaml-null"),
]
"""What stands in the guide, what is written instead, and the rule of the one report."""


@pytest.mark.parametrize(("right", "wrong", "rule"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_reported_once_and_nothing_that_follows_from_it(
    tmp_path: Path, right: str, wrong: str, rule: str
) -> None:
    """Whatever breaks, the rest of the guide is read as if it were whole; the report stands where the mistake is."""
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder)
    text = (DEMO / "guide.yaml").read_text(encoding="utf-8")
    assert right in text
    (folder / "guide.yaml").write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = lint_path(folder)
    assert [(one.line, one.rule) for one in found] == [(text[: text.index(right)].count("\n") + 1, rule)], "\n".join(
        map(str, found)
    )
