"""From a guide's file to its models: every mistake at once, in its place, in plain words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.guide.texts import MINI, line_of, loaded, problems_of, swapped, written
from wizard.errors import ExitCode, GuideError
from wizard.guide.loader import load_guide, read_guide
from wizard.guide.models import ActionKind

PLANTED = """\
guide: 1
id: Planted
product: Mini
titel: Upgrade Mini
summary: true
works_on: '${{ answers.instal_dir }}'
versions:
  releases: ["1.0", "banana"]
  hops:
    - {from: "<2.0", to: "2.0", phases: [back-up, updaet]}
    - {from: ">3.0,<2.0", to: "2.0", phases: [back-up]}
connections:
  db: {kind: sqlight, file: mini.db}
facts:
  settings: {dotenv: .env, toml: x.toml}
  release: {file: VERSION, match: '(?P<version>', as: {version: number}}
questions:
  - section: Your installation
    ask:
      - {id: install_dir, label: Folder, type: pth}
      - {id: current_version, label: Now, type: version}
      - {id: target_version, label: Wanted, type: version}
      - {id: target_version, label: Again, type: version}
      - {id: for, label: Reserved, type: text}
      - {id: colour, label: Colour, type: choice}
      - {id: sure, label: Sure, type: yes_no, other: yes, default: true}
checks:
  - id: room
    title: Room
    disk: {path: /opt, free: plenty}
  - id: age
    title: Age
    expr: answers.current_version < "1.0"
phases:
  - id: back-up
    title: Back up
    impact: harmless
    steps:
      - id: copy
        title: Copy
        run: cp a b
        say: Copied
      - id: nothing
        title: Nothing
        whn: answers.sure
      - id: no_kebab
        title: Kebab
        run: sudo cp a b
        timeout: soon
      - id: cond
        title: Conditional
        when: !answers.sure
        run: echo '${{ answers.colour }}'
      - id: copy
        title: Again
        run: cp ${{ answers.sure
        done_when: {file: b}
      - id: fact
        title: Unknown fact
        say: 'It is ${{ facts.releese }}.'
      - id: number
        title: Arithmetic
        say: '${{ answers.sure + 1 }}'
      - id: door
        title: Door
        include: way-out
      - id: empty
        title: Empty
        run:
      - id: cut
        title: In {braces}
        say: {a: b, c}
"""

EXPECTED = [
    (2, "bad-value"),  # id: Planted
    (4, "unknown-key"),  # titel
    (5, "wrong-shape"),  # summary: true
    (6, "text"),  # instal_dir
    (8, "version"),  # banana
    (10, "unknown-name"),  # phase updaet
    (11, "hop"),  # an empty range
    (13, "bad-value"),  # sqlight
    (15, "one-of"),  # dotenv and toml
    (16, "pattern"),  # an open group
    (20, "bad-value"),  # pth
    (23, "duplicate-id"),  # target_version
    (24, "bad-value"),  # for
    (25, "does-not-fit"),  # choice without choices
    (26, "wrong-shape"),  # other: yes
    (30, "number"),  # plenty
    (33, "expression"),  # a version compared as text
    (37, "bad-value"),  # harmless
    (42, "one-of"),  # run and say
    (45, "unknown-key"),  # whn
    (43, "one-of"),  # no action
    (46, "bad-value"),  # no_kebab
    (48, "sudo"),
    (49, "bad-value"),  # soon
    (52, "yaml-tag"),  # !answers.sure
    (53, "text"),  # in single quotes
    (54, "duplicate-id"),  # copy
    (56, "text"),  # an open ${{
    (57, "wrong-shape"),  # done_when is a list
    (60, "text"),  # facts.releese
    (63, "text"),  # true + 1
    (66, "unknown-name"),  # procedure way-out
    (69, "yaml-null"),  # run:
    (72, "comma-in-flow-text"),
    (72, "wrong-shape"),  # a mapping where text is wanted
]


def test_every_planted_mistake_is_reported_on_its_line(tmp_path: Path) -> None:
    """Thirty-five mistakes of all sorts in one guide are thirty-five errors, each on its line; nothing else is one."""
    errors = [problem for problem in problems_of(tmp_path, PLANTED) if problem.severity == "error"]
    assert sorted((problem.line, problem.rule) for problem in errors) == sorted(EXPECTED)
    assert len(EXPECTED) >= 25
    assert all(problem.column > 0 and problem.file.endswith("guide.yaml") for problem in errors)


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("title: Upgrade Mini", "titel: Upgrade Mini", "`titel` is no key of a guide", "did you mean `title`?"),
        ("makes: backup", "maeks: backup", "`maeks` is no key of a step", "did you mean `makes`?"),
        ("is: open", "is: opne", "'opne' is not one of: free, open", "did you mean `open`?"),
        ("type: yes_no", "type: yesno", "'yesno' is not one of: text, yes_no,", "did you mean `yes_no`?"),
        (
            "default: false",
            "default: false, optional: no",
            "true or false is wanted here",
            "write false, without quotes",
        ),
        (
            "done_when: [{file: mini.db.bak}]",
            "done_when: {file: x}",
            "a list is wanted here, and this is a mapping",
            "- ",
        ),
        ("title: Room", "title: true", "text is wanted here, and this is the switch true", 'put it in quotes: "true"'),
        ("    title: Room\n", "", "the key `title` is missing", "it takes text"),
        ("include: tell", "include: tel", "there is no procedure `tel`", "did you mean `tell`?"),
        ("connection: db", "connection: bd", "there is no connection `bd`", "did you mean `db`?"),
        ("{check: room}", "{check: rom}", "there is no check `rom`", "did you mean `room`?"),
        (
            "phases: [back-up, update]",
            "phases: [back-up, updat]",
            "there is no phase `updat`",
            "did you mean `update`?",
        ),
        ("form: [People]", "form: [Peeple]", "no section of questions `Peeple`", "did you mean `People`?"),
        (
            "with: {what: all of them}",
            "with: {}",
            "needs `what`, and this step does not give it",
            "add with: {what: …}",
        ),
        ("with: {what: all", "with: {who: x, what: all", "does not need `who`", "it needs: what"),
        ("free: 1 GiB", "free: 1 GiB, pth: 2", "`pth` is no key", "known here: path, free"),
        ("id: room", "id: Room_", "'Room_' is not a key: use kebab-case", ""),
        ("{id: name, label: Name}", "{id: Name, label: Name}", "is not a name for expressions: use snake_case", ""),
    ],
)
def test_mistakes_are_told_in_plain_words(tmp_path: Path, old: str, new: str, message: str, hint: str) -> None:
    """A mistake says what is wrong and what was probably meant, without a word of the library that found it."""
    problems = problems_of(tmp_path, swapped((old, new)))
    told = [problem for problem in problems if message in problem.message]
    assert told, [str(problem) for problem in problems]
    assert hint in told[0].hint
    assert not any("pydantic" in str(problem) or "Input should" in str(problem) for problem in problems)


@pytest.mark.parametrize("name", ["current_version", "target_version"])
def test_the_two_versions_are_asked_in_every_guide(tmp_path: Path, name: str) -> None:
    """Without a question for the current or the target version a guide has no path."""
    text = MINI.replace(f"id: {name}", f"id: my_{name}")
    assert f"a question `{name}` is missing" in [problem.message for problem in problems_of(tmp_path, text)]


def test_ids_are_there_once(tmp_path: Path) -> None:
    """A second phase, check, column, step or question of one id is told with the line of the first."""
    for old, new, what in (
        ("  - id: port\n", "  - id: room\n", "the check `room`"),
        ("  - id: update\n", "  - id: back-up\n", "the phase `back-up`"),
        ("- id: tell-nodes", "- id: migrate", "the step `migrate`"),
        ("{id: nodes, label", "{id: cluster, label", "the question `cluster`"),
        ("[{id: name, label: Name}]", "[{id: name, label: Name}, {id: name, label: Second}]", "the column `name`"),
    ):
        text = swapped((old, new))
        told = [problem for problem in problems_of(tmp_path, text) if problem.rule == "duplicate-id"]
        assert [problem.message for problem in told] == [f"{what} is there a second time"]
        assert "the first one is on line" in told[0].hint


def test_one_step_of_undo_may_be_named_like_another(tmp_path: Path) -> None:
    """The steps of an undo have ids of their own, beside those of the phase."""
    undo = "        makes: backup\n        undo: [{id: copy, title: Back, run: rm mini.db.bak}]\n"
    assert problems_of(tmp_path, swapped(("        makes: backup\n", undo))) == ()


def test_includes_that_never_end_are_refused(tmp_path: Path) -> None:
    """A procedure that includes itself over another is told with the whole way."""
    text = MINI + (
        "      - {id: again, title: Again, include: other, with: {}}\n"
        "  other:\n    title: Other\n    steps:\n"
        "      - {id: back, title: Back, include: tell, with: {what: x}}\n"
    )
    messages = [problem.message for problem in problems_of(tmp_path, text) if problem.rule == "include-cycle"]
    assert messages == [
        "this include never ends: tell → other → tell",
        "this include never ends: other → tell → other",
    ]


def test_a_guide_with_an_error_is_not_given(tmp_path: Path) -> None:
    """Loading raises with all errors and exit code 40, reading gives None beside them."""
    path = written(tmp_path, swapped(("title: Room", "titel: Room"), ("is: open", "is: opne")))
    guide, problems = read_guide(path)
    assert guide is None
    with pytest.raises(GuideError) as caught:
        load_guide(path)
    assert caught.value.exit_code is ExitCode.GUIDE_INVALID
    assert caught.value.problems == problems
    assert len(problems) == 2
    assert "2 problems" in caught.value.message


def test_a_good_guide_is_given_whole(tmp_path: Path) -> None:
    """A guide without mistakes is loaded from its file or its folder, with all its parts."""
    guide = loaded(tmp_path).guide
    assert [one.id for section in guide.questions for one in section.ask] == [
        "install_dir",
        "current_version",
        "target_version",
        "cluster",
        "nodes",
        "token",
        "people",
    ]
    assert guide.phases[1].steps[0].action is ActionKind.RUN
    assert guide.checks[1].kind == "port"
    assert load_guide(tmp_path).sha256 == load_guide(tmp_path / "guide.yaml").sha256


FILES = swapped(
    ("run: cp mini.db mini.db.bak", "run: {script: bin/copy.sh, args: [mini.db]}"),
    (
        "run: ./migrate --to ${{ answers.target_version }}",
        "run: [sh, '${{ guide.folder }}/tools/migrate.py', '${{ guide.folder }}/sql/to-${{ session.id }}.sql']",
    ),
)


def _with_files(folder: Path) -> Path:
    for name in ("bin/copy.sh", "tools/migrate.py", "sql/to-1.1.sql", "sql/to-2.0.sql", "sql/other.sql"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"content of {name}\n", encoding="utf-8")
    return written(folder, FILES)


def test_the_files_a_guide_names_are_pinned(tmp_path: Path) -> None:
    """Scripts, and what is taken from the guide's folder, are found, also by the beginning of a name."""
    guide = load_guide(_with_files(tmp_path))
    assert guide.files == ("bin/copy.sh", "sql/to-1.1.sql", "sql/to-2.0.sql", "tools/migrate.py")


def test_the_hash_is_over_the_guide_and_its_files(tmp_path: Path) -> None:
    """A byte in a named file, or its name, changes the hash; a file that is not named does not."""
    path = _with_files(tmp_path)
    before = load_guide(path).sha256
    (tmp_path / "sql/other.sql").write_text("changed", encoding="utf-8")
    assert load_guide(path).sha256 == before
    (tmp_path / "sql/to-2.0.sql").write_text("changed", encoding="utf-8")
    changed = load_guide(path).sha256
    assert changed != before
    path.write_text(FILES + "# a comment\n", encoding="utf-8")
    assert load_guide(path).sha256 not in (before, changed)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bin/none.sh", "there is no file bin/none.sh beside the guide"),
        ("../outside.sh", "../outside.sh is not inside the guide's folder"),
        ("/etc/passwd", "/etc/passwd is not inside the guide's folder"),
        ("link.sh", "link.sh is not inside the guide's folder"),
        ("'${{ answers.cluster }}.sh'", "a file of the guide is named as it is, without ${{ }}"),
        ("empty", "the folder empty beside the guide is empty"),
        ("pipe", "pipe is no file that can be read"),
        ("x" * 300, "is not inside the guide's folder"),
    ],
)
def test_a_file_that_cannot_be_pinned_is_a_mistake(tmp_path: Path, name: str, message: str) -> None:
    """A file that is missing, lies outside (by a link too), or is no file is told at the line that names it."""
    guide = tmp_path / "guide"
    guide.mkdir()
    (tmp_path / "outside.sh").write_text("", encoding="utf-8")
    (guide / "link.sh").symlink_to(tmp_path / "outside.sh")
    (guide / "empty").mkdir()
    os.mkfifo(guide / "pipe")
    text = swapped(("run: cp mini.db mini.db.bak", f"run: {{script: {name}}}"))
    told = [problem for problem in problems_of(guide, text) if problem.rule == "guide-file"]
    assert [(problem.line, message in problem.message) for problem in told] == [(line_of(text, "{script:"), True)]


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_guide_that_is_no_file_is_a_problem(tmp_path: Path, kind: str) -> None:
    """Nobody waits for a pipe that nobody writes into, or for the end of a device."""
    path = tmp_path / "guide.yaml" if kind == "pipe" else Path("/dev/zero")
    if kind == "pipe":
        os.mkfifo(path)
    loaded, problems = read_guide(path)
    assert loaded is None
    assert [problem.message for problem in problems] == ["it is a pipe or a device, not a file"]


def test_the_folder_of_a_guide_is_a_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made of it holds in whatever folder a command works; problems carry the name as it was given."""
    written(tmp_path, MINI)
    monkeypatch.chdir(tmp_path)
    loaded, _ = read_guide("guide.yaml")
    assert loaded is not None
    assert loaded.folder == tmp_path
    assert str(loaded.path) == "guide.yaml"
