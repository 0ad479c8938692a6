"""Answers files: read with their secrets and places, written from a guide, written from answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.guides import guide_of
from tests.questions.writing import HEAD, VERSION_QUESTIONS, VERSIONS, asking, knowing, read_text
from wizard.errors import AnswersError, UsageError
from wizard.guide.yaml import read_yaml
from wizard.questions.answers_file import parse_sets, read_answers_file
from wizard.questions.model import Answer, AnswersFile, AnswerSource, Unusable
from wizard.questions.questionnaire import Questionnaire
from wizard.questions.template import answers_template, write_answers
from wizard.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.guide.loader import LoadedGuide

ACCESS = """\
  - section: Access
    ask:
      - {id: folder, label: Folder, type: path}
      - {id: password, label: Password, type: secret}
      - id: users
        label: Users
        type: table
        optional: true
        columns: [{id: name, label: Name}, {id: key, label: Key, type: secret}]
"""


def question_ids(loaded: LoadedGuide) -> list[str]:
    """The ids of all questions, in the order of the guide."""
    return [question.id for section in loaded.guide.questions for question in section.ask]


def read(folder: Path, text: str, loaded: LoadedGuide, environ: dict[str, str] | None = None) -> AnswersFile:
    """Read a text as an answers file."""
    path = folder / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    return read_answers_file(path, loaded, environ=environ or {})


def test_every_entry_comes_with_its_place(tmp_path: Path) -> None:
    """Problems can name the line of each entry, also inside tables."""
    text = """\
answers:
  folder: /srv/shop
  users:
    - {name: ada, key: env:KEY}
confirmations:
  hello: {typed: hello, record: {ticket: X-1}}
bypasses: {room: There is enough.}
states: {agreed: true}
"""
    found = read(tmp_path, text, asking(tmp_path / "guide", ACCESS), {"KEY": "hush-hush"})
    assert found.answers == {"folder": "/srv/shop", "users": [{"name": "ada", "key": Secret("hush-hush")}]}
    assert found.confirmations == {"hello": {"typed": "hello", "record": {"ticket": "X-1"}}}
    assert found.bypasses == {"room": "There is enough."}
    assert found.states == {"agreed": True}
    assert (found.lines["answers.folder"], found.columns["answers.folder"]) == (2, 3)
    assert found.lines["answers.users[0].key"] == 4
    assert found.lines["confirmations.hello"] == 6


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("answers:\n  folder: &x /srv\n", "an anchor", 2),
        ("answers:\n  folder: /a\n  folder: /b\n", "folder", 3),
        ("answer:\n  folder: /srv\n", "`answer` is not known here", 1),
        ("answers: [folder]\n", "`answers` is a map", 1),
        ("- folder\n", "no answers file", 1),
        ("answers:\n  folder:\n", "nothing stands after `folder:`", 2),
        ("answers:\n  folder: /srv #1 of them\n", "cuts the text off", 2),
    ],
)
def test_a_file_that_is_wrong_in_itself_is_refused_with_the_line(
    tmp_path: Path, text: str, why: str, line: int
) -> None:
    """What YAML would swallow in silence ends the reading."""
    with pytest.raises(AnswersError) as caught:
        read(tmp_path, text, asking(tmp_path / "guide", ACCESS))
    problem = caught.value.problems[0]
    assert why in problem.message
    assert (problem.file, problem.line) == (str(tmp_path / "answers.yaml"), line)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The reason is given instead of a traceback."""
    with pytest.raises(AnswersError, match="cannot be read"):
        read_answers_file(tmp_path / "nope.yaml", guide_of())


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "answers:\nconfirmations:\n"])
def test_an_empty_file_answers_nothing(tmp_path: Path, text: str) -> None:
    """A template that nobody filled in is no mistake."""
    assert read(tmp_path, text, asking(tmp_path / "guide", ACCESS)).answers == {}


def test_secrets_come_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    """A variable, or a file that nobody else can read; one line end at its end does not belong to it."""
    loaded = asking(tmp_path / "guide", ACCESS)
    private = tmp_path / "secret"
    private.write_text("pass phrase \r\n")
    private.chmod(0o600)
    assert read(tmp_path, "answers: {password: env:PW}", loaded, {"PW": "a b"}).answers == {"password": Secret("a b")}
    assert read(tmp_path, f'answers: {{password: "file:{private}"}}', loaded).answers == {
        "password": Secret("pass phrase ")
    }


@pytest.mark.parametrize(
    ("mode", "content", "why"),
    [
        (0o640, b"secret\n", "can be read by others"),
        (0o604, b"secret\n", "can be read by others"),
        (0o600, b"\n", "is empty"),
        (0o600, b"\xff\xfe", "not UTF-8"),
        (0o600, b"x" * 70_000, "too large"),
    ],
)
def test_a_secret_file_that_cannot_be_trusted_is_not_used(tmp_path: Path, mode: int, content: bytes, why: str) -> None:
    """A file open to others, empty or no text gives a reason and no secret."""
    secret = tmp_path / "secret"
    secret.write_bytes(content)
    secret.chmod(mode)
    found = read(tmp_path, f'answers: {{password: "file:{secret}"}}', asking(tmp_path / "guide", ACCESS))
    assert isinstance(found.answers["password"], Unusable)
    assert why in found.answers["password"].reason


def test_secrets_in_tables_are_resolved_row_by_row(tmp_path: Path) -> None:
    """One cell that cannot be had is a problem of its own, with its line; other cells stay as given."""
    loaded = asking(tmp_path / "guide", ACCESS)
    text = "answers:\n  users:\n    - {name: a, key: env:A}\n    - {name: b, key: plain}\n    - {name: c, kee: env:A}\n"
    found = read(tmp_path, text, loaded, {"A": "hush-hush"})
    first, second, _ = found.answers["users"]
    assert first == {"name": "a", "key": Secret("hush-hush")}
    assert isinstance(second["key"], Unusable)
    problems = Questionnaire(loaded, found).problems(knowing())
    told = [(one.line, one.message, one.hint) for one in problems if one.key == "answers.users"]
    assert [line for line, _, _ in told] == [4, 5, 5]
    assert "row 2, Key: a secret must not be written here in plain" in told[0][1]
    assert "env:NAME" in told[0][2]
    assert "did you mean key?" in told[1][1]
    as_text = read(tmp_path, "answers: {users: 'a, hush-hush'}", loaded).answers["users"]
    assert isinstance(as_text, Unusable)
    assert read(tmp_path, "answers: {users: [a, {name: b}]}", loaded).answers == {"users": ["a", {"name": "b"}]}
    assert read(tmp_path, "answers: {users: []}", loaded).answers == {"users": []}


def test_other_ways_to_a_secret_give_a_reason(tmp_path: Path) -> None:
    """A variable that is not set, a relative path, a folder, a pipe nobody writes to: none hangs or crashes."""
    loaded = asking(tmp_path / "guide", ACCESS)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for way, why in [
        ("env:NOPE", "NOPE of the environment is not set"),
        ("env:EMPTY", "is empty"),
        ("file:secret", "not a whole path"),
        (f"file:{tmp_path}", "is not a file"),
        (f"file:{tmp_path}/pipe", "is not a file"),
        (f"file:{tmp_path}/nope", "cannot be read: no such file"),
        ("correct horse", "must not be written here in plain"),
    ]:
        value = read(tmp_path, f'answers: {{password: "{way}"}}', loaded, {"EMPTY": ""}).answers["password"]
        assert isinstance(value, Unusable)
        assert why in value.reason
        assert "horse" not in f"{value.reason}{value.hint}"


def test_a_plain_secret_in_the_file_is_refused_with_advice(tmp_path: Path) -> None:
    """The problem names the line and the two ways to give a secret, and does not repeat it."""
    loaded = asking(tmp_path / "guide", ACCESS)
    text = "answers:\n  folder: /srv\n  password: correct horse\n  current_version: 1.0\n  target_version: 2.0\n"
    (problem,) = Questionnaire(loaded, read(tmp_path, text, loaded)).problems(knowing())
    assert (problem.key, problem.line) == ("answers.password", 3)
    assert "env:NAME" in problem.hint
    assert "horse" not in str(problem)


def test_sets_are_read_from_the_command_line(tmp_path: Path) -> None:
    """Everything after the first `=` is the value; wishes and secrets are understood."""
    loaded = asking(tmp_path, ACCESS)
    found = parse_sets(
        ["folder=/srv/a=b", "password=env:PW", "current_version={take: found}", "folder=/last"],
        loaded,
        environ={"PW": "x y"},
    )
    assert found == {"folder": "/last", "password": Secret("x y"), "current_version": {"take": "found"}}
    assert isinstance(parse_sets(["password=plain"], loaded)["password"], Unusable)
    for word in ("folder", "=x"):
        with pytest.raises(UsageError, match="id=value"):
            parse_sets([word], loaded)


RICH = """\
notes: []
checks:
  - {id: room, title: Room, disk: {path: /, free: 1 GiB}, blocks: bypassable}
  - {id: agreed, title: Agreed, ask: {say: 'Does everybody know?', record: Ticket}}
phases:
  - id: work
    title: Work
    impact: needs_restore
    steps:
      - id: sure
        title: Be sure
        confirm: {say: 'Are you?', typed: yes I am, tick: [Read it], record: [{id: ticket, label: Ticket}]}
      - {id: by-hand, title: By hand, manual: [Plug it in, {do: Note it, record: serial}]}
      - {id: drop, title: Drop it, impact: irreversible, run: [rm, x], rerun: safe}
      - id: careful
        title: Careful
        run: [rm, y]
        notes: [{kind: danger, text: It is loud.}]
      - {id: quiet, title: Quiet, run: [rm, z]}
"""

QUESTIONS = """\
questions:
  - section: 'All: types'
    why: For the sake of it.
    ask:
      - {id: text, label: 'Text # with "signs"', type: text, why: 'Two\\n\\nlines', default: 'a: b # c'}
      - {id: yes_no, label: Switch, type: yes_no, default: false}
      - {id: choice, label: Choice, type: choice, choices: [a, {value: b, label: Bee}], default: b}
      - {id: choices, label: Choices, type: choices, choices: [a, b]}
      - {id: number, label: Number, type: number}
      - {id: percentage, label: Share, type: percentage}
      - {id: duration, label: Duration, type: duration}
      - {id: window, label: Window, type: time_window}
      - {id: host, label: Host, type: host}
      - {id: host_port, label: Host and port, type: host_port}
      - {id: path, label: Path, type: path, when: answers.yes_no}
      - {id: command, label: Command, type: command}
      - {id: password, label: Password, type: secret}
      - id: rows
        label: Rows
        type: table
        columns:
          - {id: name, label: Name}
          - {id: role, label: Role, type: choice, choices: [x, y], default: x}
          - {id: primary, label: Primary, type: yes_no}
          - {id: port, label: Port, type: number, when: row.role == 'y'}
          - {id: weight, label: Weight, type: number, when: row.primary}
"""


def test_a_template_names_every_question_and_answers_nothing(tmp_path: Path) -> None:
    """As it is, the file is read without a problem and holds no entry."""
    loaded = read_text(tmp_path / "guide", f"{HEAD}{VERSIONS}{QUESTIONS}{VERSION_QUESTIONS}{RICH}")
    template = answers_template(loaded)
    assert max(map(len, template.splitlines())) <= 110
    found = read(tmp_path, template, loaded)
    assert (found.answers, found.confirmations, found.bypasses, found.states) == ({}, {}, {}, {})
    for name in question_ids(loaded):
        assert f"\n  # {name}:" in template
    for words in ("asked only when: answers.yes_no", "default: false", "choices: a, b", "may be left out", "Bee"):
        assert (words in template) is (words not in ("may be left out", "Bee"))


def test_a_template_says_what_an_empty_section_and_a_word_mean() -> None:
    """A section without entries says why, a step by hand is not said to come before the run, a procedure is named."""
    undone = [{"id": "restore", "title": "Restore", "run": "x", "ask_first": "once"}]
    look = {"id": "look", "title": "Look yourself", "manual": ["Log in."]}
    loaded = guide_of(
        phases=[{"id": "only", "title": "Only", "steps": [look]}],
        procedures={"go-back": {"title": "Go back", "offer": {"after": "look"}, "steps": undone}},
    )
    template = answers_template(loaded)
    assert "before the run" not in template
    assert "## Done by hand. Nobody is asked in the run: true says that it is done, or will be by then." in template
    assert "## Restore (in the procedure “Go back”)" in template
    assert "bypasses:\n  ## No check of this guide may be passed over.\n" in template
    assert "states:\n  ## No check of this guide asks a person.\n" in template
    assert "confirmations:\n  ## No step of this guide wants one.\n" in answers_template(guide_of())


def test_a_template_with_the_comments_taken_away_is_a_valid_file(tmp_path: Path) -> None:
    """Every commented entry is YAML as it stands, and its example is taken."""
    loaded = read_text(tmp_path / "guide", f"{HEAD}{VERSIONS}{QUESTIONS}{VERSION_QUESTIONS}{RICH}")
    lines = answers_template(loaded).splitlines()
    names = [*question_ids(loaded), "sure", "by-hand", "drop", "careful", "room", "agreed"]
    entries = tuple(f"  # {name}:" for name in names)
    filled = [line.replace("# ", "", 1) if line.startswith((*entries, "  #   - {")) else line for line in lines]
    found = read(tmp_path, "\n".join(filled), loaded, {"NAME_OF_A_VARIABLE": "hush-hush"})
    assert Questionnaire(loaded, found).problems(knowing()) == []
    assert set(found.answers) == set(question_ids(loaded))
    assert found.answers["rows"] == [{"name": "some text", "role": "x", "primary": True, "weight": 8}]
    assert "##   port: Port (a number), asked only when: row.role == 'y'" in "\n".join(lines)
    assert found.confirmations == {
        "sure": {"typed": "yes I am", "tick": "all", "record": {"ticket": "Ticket"}},
        "by-hand": {"record": {"serial": "…"}},
        "drop": "drop",
        "careful": True,
    }
    assert set(found.bypasses) == {"room"}
    assert found.states == {"agreed": "Ticket"}


_TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
_VALUES = st.one_of(
    st.booleans(),
    st.integers(min_value=-(10**17), max_value=10**17),
    _TEXTS,
    st.sampled_from(
        ["true", "null", "~", "yes", "1", "-1", "1.10", "22:22", "a: b", "x #y", "- a", "{", "&a", "'", '"', ""]
    ),
    st.lists(_TEXTS, max_size=3),
    st.lists(st.fixed_dictionaries({"name": _TEXTS, "port": st.integers(0, 65535)}), max_size=3),
)


@settings(deadline=None, max_examples=200)
@given(values=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), _VALUES, min_size=1, max_size=4))
def test_written_answers_are_read_back_as_they_were(values: dict[str, Any]) -> None:
    """Whatever text an answer holds, the strict loader gives the same value back."""
    answers = {name: Answer(name, value, AnswerSource.OPERATOR) for name, value in values.items()}
    document = read_yaml(write_answers(answers), "answers.yaml")
    assert document.problems == ()
    assert document.data == {"answers": values}


def test_written_answers_hold_no_secret() -> None:
    """A secret, also one in a table, is only mentioned; what was left empty is left out; decimals stay."""
    text = write_answers(
        {
            "password": Answer("password", Secret("hush-hush"), AnswerSource.OPERATOR),
            "users": Answer("users", [{"name": "a", "key": Secret("hush-hush")}], AnswerSource.OPERATOR),
            "note": Answer("note", None, AnswerSource.OPERATOR),
            "load": Answer("load", 1.5, AnswerSource.OPERATOR),
        }
    )
    assert "hush" not in text
    assert "# password: a secret" in text
    assert "note" not in text
    assert read_yaml(text, "a.yaml").data == {"answers": {"load": "1.5"}}
