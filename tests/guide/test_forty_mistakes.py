"""Forty planted mistakes in one guide give forty reports, each in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.cli import main
from wizard.errors import ExitCode
from wizard.guide.lint import lint_path

if TYPE_CHECKING:
    import pytest

GUIDE = Path(__file__).parent / "forty" / "guide.yaml"

EXPECTED = [
    (2, 5, "Forty", "'Forty' is not a key: use kebab-case (letters, digits, -)"),
    (4, 1, "titel: Forty mis", "`titel` is no key of a guide"),
    (6, 10, "true", "text is wanted here, and this is the switch true"),
    (7, 1, "colour: blue", "`colour` is no key of a guide"),
    (8, 24, "instal_dir }}'", "answers has no instal_dir"),
    (13, 14, '"<<3.0", to: "3.', "'<3.0' is not a version: write numbers with dots, such as 1.4 or 2.10."),
    (14, 26, '"4.0", phases: [', "this hop is never taken: 4.0 is not among the releases"),
    (15, 51, "rols]}", "there is no phase `rols`"),
    (17, 3, "db: {kind: sqlit", "the connection `db` is never used"),
    (18, 3, "idle: {kind: sql", "the connection `idle` is never used"),
    (20, 23, "[/', why: It rem", "this is not a regular expression: unterminated character set"),
    (22, 3, "settings: {doten", "the fact `settings` is never used"),
    (23, 3, "settings: {doten", "the key `settings` stands here a second time"),
    (24, 59, "version: version", "`match` has no group `version`"),
    (26, 3, "first: values.se", "these values need each other: first → second → first"),
    (33, 93, '"2.0"}', "2.0 is not among the choices: 1.1, 3.0"),
    (34, 62, "no}", "the default of a yes_no is true or false"),
    (38, 10, "id: idle, label:", "the answer `idle` is never used"),
    (42, 27, "5 GBB}", "'5 GBB' is not a size: write 20 GiB, 500 MB or a number of bytes"),
    (45, 35, '< "1.0"', "a version is compared as text"),
    (48, 24, '== "80"', "a number is compared with text"),
    (52, 5, "file: VERSION", "a check has only one of these keys, and here are port and file"),
    (59, 14, "sudo pg_dump for", "a command does not call sudo itself"),
    (60, 13, "dump", "the step `dump` is there a second time"),
    (62, 20, "${{ answers.inst", "${{ answers.install_dir }} stands in single quotes, where the shell pu"),
    (65, 15, "!answers.cluster", "`!answers.cluster` is read by YAML as a tag"),
    (69, 23, "in answers.nodes", 'YAML cannot read this expression: `"small" in answers.nodes.map(n, n.n'),
    (72, 23, "#42", "` #` cuts the text off here; the rest of the line is a comment"),
    (76, 30, "then go}", "`then go` stands here as a key without a value"),
    (78, 16, "&same The same", "an anchor (`&same`) cannot be used here"),
    (80, 9, "id: nothing", "a step needs one of: run, manual, edit, wait, check, confirm, gate, sa"),
    (84, 23, "unknown.sh}", "there is no file unknown.sh beside the guide"),
    (87, 57, "'${{ answers.ins", "a value in SQL quotes is safe for the shell and not for SQL: a quote i"),
    (90, 23, "soon}", "'soon' is not a duration: write 30s, 5m, 2h or 3d"),
    (93, 41, "${{ answers.pass", "${{ answers.password }} is a secret and has no place here"),
    (98, 9, "id: migrate", "`migrate` cannot be taken back, and no backup is made before it"),
    (105, 19, "{batch: answers.", "this needs a name for an item, and the list under it"),
    (105, 27, "answers.nodes}", "'answers.nodes' is no size of a batch"),
    (116, 26, "'(\\w+\\s?)+: done", "this regular expression may search for ever: a repetition inside a rep"),
    (121, 44, "around}", "this include never ends: around → around"),
]
"""Line, column, what stands there, and what is said of it."""


def test_each_mistake_is_told_in_its_place() -> None:
    """Every mistake is told once, with its line, its column and the words for it, and nothing else is."""
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    told = [
        (problem.line, problem.column, lines[problem.line - 1][problem.column - 1 :][: len(at)], problem.message[:70])
        for problem, (_, _, at, _) in zip(lint_path(GUIDE), EXPECTED, strict=True)
    ]
    assert told == EXPECTED
    assert len(EXPECTED) == 40


def test_the_command_tells_them_all_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """`wizard guides lint` names file, line and column of each, as text and as JSON, and ends with 40."""
    expected = [(str(GUIDE), line, column) for line, column, _, _ in EXPECTED]
    assert main(["guides", "lint", str(GUIDE)]) == ExitCode.GUIDE_INVALID
    told = [line.split(": ")[0].rsplit(":", 2) for line in capsys.readouterr().out.splitlines()]
    assert [(file, int(line), int(column)) for file, line, column in told] == expected
    assert main(["guides", "lint", str(GUIDE), "--format", "json"]) == ExitCode.GUIDE_INVALID
    problems = json.loads(capsys.readouterr().out)
    assert [(one["file"], one["line"], one["column"]) for one in problems] == expected
    assert {one["severity"] for one in problems} == {"error", "warning"}
