"""The strict YAML of guides: what is text, what is refused, and YAML's traps told as advice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from wizard.guide.yaml import DEPTH_LIMIT, SIZE_LIMIT, read_yaml, read_yaml_file
from wizard.problems import Severity


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.10", "1.10"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", "True"),
        ("22:22", "22:22"),
        ("0644", "0644"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("+5", "+5"),
        ("1_000", "1_000"),
        ("2024-05-01", "2024-05-01"),
        (".inf", ".inf"),
        ("=", "="),
        ("true", True),
        ("false", False),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("'12'", "12"),
        ('"true"', "true"),
        ("'~'", "~"),
        ("123456789012345678901", "123456789012345678901"),
    ],
)
def test_only_true_false_and_plain_integers_are_not_text(written: str, value: object) -> None:
    """Versions, times, switches of other languages and numbers in other notations stay as they are written."""
    document = read_yaml(f"key: {written}\n", "f.yaml")
    assert document.problems == ()
    assert document.data == {"key": value}
    assert type(document.data["key"]) is type(value)


def test_keys_are_always_text() -> None:
    """A key that looks like a number or a switch is still a text."""
    assert read_yaml("1.10: a\n7: b\ntrue: c\n", "f").data == {"1.10": "a", "7": "b", "true": "c"}


TRAPS = [
    ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate-key"),
    ("x: {a: 1, a: 2}\n", 1, 11, "duplicate-key"),
    ("a: &name 1\n", 1, 4, "yaml-anchor"),
    ("a: 1\nb: *name\n", 2, 4, "yaml-alias"),
    ("a:\n  <<: {b: 1}\n", 2, 3, "yaml-merge"),
    ("a: !!str 5\n", 1, 4, "yaml-tag"),
    ("a: 1\nwhen: !x\n", 2, 7, "yaml-tag"),
    ("a: ~\n", 1, 4, "yaml-null"),
    ("a: null\n", 1, 4, "yaml-null"),
    ("a: 1\nb:\nc: 2\n", 2, 1, "yaml-null"),
    ("a:\n  -\n  - b\n", 2, 4, "yaml-null"),
    ("a: {say: Stop, then go}\n", 1, 16, "comma-in-flow-text"),
    ("a: {say: Is it done?}\n", 1, 20, "flow-text-needs-quotes"),
    ("a: {path: ${{ x }}}\n", 1, 12, "flow-text-needs-quotes"),
    ('when: "a" in b\n', 1, 11, "expression-needs-quotes"),
    ("- when: !a && b\n", 1, 13, "expression-needs-quotes"),
    ("- when: [1, 2].exists(x, x > 1)\n", 1, 15, "expression-needs-quotes"),
    ("title: Stop: now\n", 1, 12, "colon-in-text"),
    ("title: 'never closed\nb: 1\n", 1, 8, "open-quote"),
    ("title: 'closed' and more\n", 1, 17, "text-after-quote"),
    ("host: *.example.org\n", 1, 8, "text-needs-quotes"),
    ("user: @me\n", 1, 7, "text-needs-quotes"),
    ("command: `date`\n", 1, 10, "text-needs-quotes"),
    ("a:\n\tb: 1\n", 2, 1, "yaml-tab"),
    ("a: 1\n---\nb: 2\n", 2, 1, "yaml-documents"),
    ("%YAML 1.1\n---\na: 1\n", 1, 1, "yaml-directive"),
    ("? [a, b]\n: 1\n", 1, 3, "yaml-key"),
    ("[a]:\n", 1, 1, "yaml-key"),
    ("a: 1\na:\n", 2, 1, "duplicate-key"),
    ("run: |x\n  text\n", 1, 7, "block-text"),
    ("a:\n  b: 1\n c: 2\n", 3, 2, "yaml-indent"),
    ("a: fine\0text\n", 1, 8, "unprintable-character"),
    ("a: line\u2028break\n", 1, 8, "unprintable-character"),
    ('a: "\\0"\n', 1, 4, "unprintable-character"),
    ("", 1, 1, "empty-file"),
    ("# only a comment\n", 1, 1, "empty-file"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "rule"), TRAPS, ids=[f"{rule}-{text!r:.25}" for text, _, _, rule in TRAPS]
)
def test_each_trap_is_one_problem_in_its_place(text: str, line: int, column: int, rule: str) -> None:
    """Every trap of YAML gives exactly one problem, with the line and column where it is."""
    problems = read_yaml(text, "guide.yaml").problems
    assert [(problem.line, problem.column, problem.rule) for problem in problems] == [(line, column, rule)]
    assert problems[0].file == "guide.yaml"
    assert problems[0].severity is Severity.ERROR


def test_an_expression_is_given_back_ready_to_paste() -> None:
    """The advice holds the whole line as it has to be, single quotes doubled."""
    (problem,) = read_yaml("""steps:\n  - when: "a" in split(answers.x, ',')\n""", "f").problems
    assert problem.hint.endswith("""when: '"a" in split(answers.x, '','')'""")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("title: Fix #3 now\n", 11),
        ("title: one blank # looks cut\n", 17),
        ("title: ${{ a  # b }}\n", 14),
    ],
)
def test_a_text_cut_off_by_a_comment_is_told(text: str, column: int) -> None:
    """What looks like a text that ` #` cut is a warning at the `#`, and no error."""
    document = read_yaml(text, "f")
    assert [(one.rule, one.column, one.severity) for one in document.problems] == [
        ("text-cut-off", column + 1, Severity.WARNING)
    ]
    assert document.data is not None


@pytest.mark.parametrize(
    "text", ["title: Fix 3  # a real comment\n", "takes: 3 # three\n", "title: 'Fix #3'\n", "a: b#c\n"]
)
def test_a_real_comment_is_left_alone(text: str) -> None:
    """Two blanks before and one after `#` is a comment; so is anything behind a number."""
    assert read_yaml(text, "f").problems == ()


def test_every_problem_of_a_file_at_once() -> None:
    """A line that cannot be read does not hide the others, and what can be read is."""
    text = (
        'title: Stop: now\nwhen: "a" in b\ngood: 1\nx: {say: Is it?}\nnothing:\nhost: *.example.org\ngood: 2\nlast: 3\n'
    )
    document = read_yaml(text, "f")
    assert [(problem.line, problem.rule) for problem in document.problems] == [
        (1, "colon-in-text"),
        (2, "expression-needs-quotes"),
        (4, "flow-text-needs-quotes"),
        (5, "yaml-null"),
        (6, "text-needs-quotes"),
        (7, "duplicate-key"),
    ]
    assert document.data["good"] == 1
    assert document.data["last"] == 3
    assert all(document.is_damaged((key,)) for key in ("title", "when", "x", "nothing", "host"))
    assert not document.is_damaged(("last",))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """Bytes of another encoding, and a byte order mark, are handled with the place of the first wrong one."""
    path = tmp_path / "f.yaml"
    path.write_bytes("a: 1\nb: gr\xfcn\n".encode("latin-1"))
    (problem,) = read_yaml_file(path).problems
    assert (problem.rule, problem.line, problem.column) == ("not-utf-8", 2, 6)
    path.write_bytes("\ufeffa: 1\n".encode())
    assert read_yaml_file(path).data == {"a": 1}
    assert read_yaml_file(path).problems == ()
    path.write_bytes("a: 1\n".encode("utf-16"))
    assert read_yaml_file(path).problems[0].rule == "not-utf-8"


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """No file, a folder and a name no file can have are problems that name the file."""
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / ("x" * 300), Path("a\0b")):
        document = read_yaml_file(path)
        assert document.data is None
        assert [problem.rule for problem in document.problems] == ["file-unreadable"]
        assert document.problems[0].file == str(path)


@pytest.mark.parametrize(
    "text",
    ["[" * 3_000_000, "{a: " * 100_000, "- " * 500_000, "a: b: c\n" * 100_000, "\0" * 1_000_000, "? " * 100_000],
    ids=["brackets", "braces", "dashes", "colons", "nul", "questions"],
)
def test_hostile_text_is_answered_soon(text: str) -> None:
    """Deep nesting and endless mistakes are a few problems within seconds, never a traceback."""
    before = time.monotonic()
    problems = read_yaml(text, "f").problems
    assert 0 < len(problems) < 50
    assert time.monotonic() - before < 20


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """Past the limit the file is refused for its size alone."""
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a" * (SIZE_LIMIT + 1))
    assert [problem.rule for problem in read_yaml_file(path).problems] == ["file-too-large"]
    assert [problem.rule for problem in read_yaml("a" * (SIZE_LIMIT + 1), "f").problems] == ["file-too-large"]


def test_nesting_up_to_the_limit_is_read() -> None:
    """The limit is a limit on depth alone: one level less is read, one more is not."""
    deep = "[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT
    assert read_yaml(deep, "f").problems == ()
    assert [problem.rule for problem in read_yaml(f"[{deep}]", "f").problems] == ["too-deep"]


def test_a_file_without_an_end_is_not_read_to_it() -> None:
    """A device never ends: it is refused at the limit, like a file that is too large."""
    assert [problem.rule for problem in read_yaml_file(Path("/dev/zero")).problems] == ["file-too-large"]
