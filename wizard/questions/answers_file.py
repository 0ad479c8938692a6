"""Answers from a file and from the command line, secrets resolved, every entry with its place."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import AnswersError, UsageError
from wizard.guide.document import dotted
from wizard.guide.models.questions import QuestionType
from wizard.guide.yaml import read_yaml, read_yaml_file
from wizard.questions.given import TAKE, is_by_hop
from wizard.questions.model import AnswersFile, Unusable
from wizard.questions.names import STOP_RELEASE, split_key
from wizard.questions.standing import Standings
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wizard.guide.document import Document
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Question
    from wizard.problems import Problem

SECTIONS: Final = ("answers", "confirmations", "bypasses", "states")
"""The keys at the top of an answers file."""

SECRET_FILE_LIMIT: Final = 64 << 10

_MAP: Final = re.compile(r"\s*\{.*\}\s*")
_TAKE: Final = re.compile(r"\{\s*take\s*:\s*(found|default)\s*\}")
_SECRET_HINT: Final = "write env:NAME (a variable of the environment) or file:PATH (a file only you can read)"  # noqa: S105


def read_answers_file(
    path: Path | str, loaded: LoadedGuide, *, environ: Mapping[str, str] | None = None
) -> AnswersFile:
    """Read an answers file for a guide.

    Secrets (`env:NAME`, `file:PATH`) are resolved from `environ` (the process's own where it is not given)
    and the disk; one that cannot be had, or stands in the file itself, becomes Unusable and is a problem of
    the questionnaire when it is needed. AnswersError carries everything that makes the file itself wrong:
    its YAML, unknown keys at the top, sections that are no maps.
    """
    document = read_yaml_file(Path(path))
    problems = [one for one in document.problems if not _is_empty_section(one)]
    data = document.data if isinstance(document.data, dict) else {}
    if document.data is not None and not isinstance(document.data, dict):
        hint = f"an answers file begins with one of: {', '.join(f'{name}:' for name in SECTIONS)}"
        problems.append(document.problem((), "this is no answers file", hint=hint, rule="answers-shape"))
    problems += _top_level_problems(document, data)
    if problems:  # a warning too: what was meant is not certain, and nobody may be there to see it
        raise AnswersError(f"the answers file {path} cannot be used", problems)
    environ = os.environ if environ is None else environ
    questions = Standings(loaded.guide).declared
    answers = _section(data, "answers")
    return AnswersFile(
        path=str(path),
        answers={name: _with_secrets_of(name, value, questions, environ) for name, value in answers.items()},
        confirmations=_section(data, "confirmations"),
        bypasses={name: value if isinstance(value, str) else "" for name, value in _section(data, "bypasses").items()},
        states=_section(data, "states"),
        lines={dotted(place): node.key.line for place, node in document.nodes.items() if place},
        columns={dotted(place): node.key.column for place, node in document.nodes.items() if place},
    )


def parse_sets(
    words: Sequence[str], loaded: LoadedGuide, *, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Read `id=value` words of the command line; the last of two for one id wins.

    A secret is given as `id=env:NAME` or `id=file:PATH`; in plain it is refused, for everybody on the machine
    could read it. UsageError where a word is not of that form.
    """
    environ = os.environ if environ is None else environ
    questions = Standings(loaded.guide).declared
    found: dict[str, Any] = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not mark or not name.strip():
            raise UsageError(
                f"--set {word}: this is not id=value", hint="Write it like --set install_dir=/opt/product."
            )
        name = name.strip()
        take = _TAKE.fullmatch(value.strip())
        given: Any = {TAKE: take[1]} if take else value
        question = questions.get(name)
        if question is not None and (question.per is not None or name == STOP_RELEASE) and _MAP.fullmatch(value):
            given = _map_of_hops(word, value)
        found[name] = _with_secrets_of(name, given, questions, environ)
    return found


def _map_of_hops(word: str, value: str) -> Any:
    """Read `{"1.4": a, "1.5": b}` on the command line. UsageError where it cannot be read."""
    document = read_yaml(value, "--set")
    if document.problems or not isinstance(document.data, dict):
        hint = 'Write it like --set \'disk={"1.4": /a, "1.5": /b}\', or --set disk@1.4=/a for one hop.'
        raise UsageError(f"--set {word}: the map of hops cannot be read", hint=hint)
    return document.data


def _with_secrets_of(name: str, value: Any, questions: Mapping[str, Question], environ: Mapping[str, str]) -> Any:
    """The given value of a question, or of one hop of it, with secrets in the place of what names them."""
    question, hop = split_key(name)
    return with_secrets(questions.get(question), value, environ, hop=bool(hop))


def with_secrets(question: Question | None, value: Any, environ: Mapping[str, str], *, hop: bool = False) -> Any:
    """Put secrets in the place of what names them: for a secret question, and in secret columns of a table.

    `hop` says that it is the value of one hop; else that of a question `per: hop` may be a map of hops.
    """
    if question is None:
        return value
    if question.per is not None and is_by_hop(value) and not hop:
        return {name: with_secrets(question, one, environ, hop=True) for name, one in value.items()}
    if question.type is QuestionType.SECRET:
        return _secret(value, environ)
    hidden = {column.id for column in question.columns or () if column.type is QuestionType.SECRET}
    if hidden and isinstance(value, str):
        return Unusable("rows with secrets are no text", "write a list of rows, and env:NAME or file:PATH for a secret")
    if not hidden or not isinstance(value, list):
        return value
    return [_row_with_secrets(row, hidden, environ) for row in value]


def _row_with_secrets(row: Any, hidden: set[str], environ: Mapping[str, str]) -> Any:
    if not isinstance(row, dict):
        return row
    return {name: _secret(cell, environ) if name in hidden else cell for name, cell in row.items()}


def _secret(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, dict) or value in (None, ""):
        return value
    kind, mark, rest = str(value).partition(":")
    match kind:
        case "env" if mark:
            return _from_environment(rest.strip(), environ)
        case "file" if mark:
            return _from_file(rest.strip())
        case _:
            return Unusable("a secret must not be written here in plain", _SECRET_HINT)


def _from_environment(name: str, environ: Mapping[str, str]) -> Secret | Unusable:
    value = environ.get(name, "")
    if not value:
        state = "is empty" if name in environ else "is not set"
        return Unusable(f"the variable {name} of the environment {state}", f"export {name} before the start")
    return Secret(value)


def _from_file(name: str) -> Secret | Unusable:
    """A secret out of a file that nobody else can read; one line end at its end does not belong to it."""
    path = Path(name)
    if not path.is_absolute():
        return Unusable(f"{name} is not a whole path", "write file:/the/whole/path")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        return Unusable(f"{name} cannot be read: {(error.strerror or str(error)).lower()}")
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return Unusable(f"{name} is not a file")
        if about.st_mode & 0o077:
            return Unusable(f"{name} can be read by others than its owner", f"chmod 600 {name}")
        raw = os.read(descriptor, SECRET_FILE_LIMIT + 1)
    except OSError as error:
        return Unusable(f"{name} cannot be read: {(error.strerror or str(error)).lower()}")
    finally:
        os.close(descriptor)
    if len(raw) > SECRET_FILE_LIMIT:
        return Unusable(f"{name} is too large for a secret ({SECRET_FILE_LIMIT >> 10} KiB at most)")
    try:
        value = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Unusable(f"{name} is not UTF-8 text")
    value = value.removesuffix("\n").removesuffix("\r")
    return Secret(value) if value else Unusable(f"{name} is empty")


def _is_empty_section(problem: Problem) -> bool:
    """Whether a problem is only that nothing stands below `answers:`, as in a template nobody filled in."""
    return problem.rule == "empty-file" or (problem.rule == "yaml-null" and problem.key in SECTIONS)


def _section(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _top_level_problems(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    import difflib

    for name, value in data.items():
        if name not in SECTIONS:
            near = difflib.get_close_matches(name, SECTIONS, n=1, cutoff=0.5)
            hint = f"did you mean `{near[0]}`?" if near else "answers stand below `answers:`, set in by two blanks"
            message = f"the key `{name}` is not known here"
            yield document.problem((name,), message, hint=hint, rule="answers-shape", at_key=True)
        elif not isinstance(value, dict) and value != "":
            message = f"`{name}` is a map from ids to values"
            yield document.problem((name,), message, hint="write each as `id: value`, set in", rule="answers-shape")
