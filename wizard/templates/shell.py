"""Values in commands: by variables of the environment, never pasted (FORMAT §8)."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.absent import AbsentError
from wizard.expressions.evaluate import compile_expression
from wizard.expressions.text import Words
from wizard.templates.problems import TemplateProblem
from wizard.templates.scan import UnclosedError, placeholders
from wizard.templates.shell_code import judge_commands
from wizard.templates.shell_scan import scan_shell
from wizard.templates.shell_tree import VALUE, Command, Place, Quoting, ShellText, Word
from wizard.templates.text import plain_text, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.expressions.environment import Environment
    from wizard.templates.scan import Placeholder

_LONGEST_VALUE: Final = 131_000
"""Bytes; the kernel takes 128 KiB for one word or variable, its name included."""
_PLAIN: Final = re.compile(r"[\w@%+=:,./-]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_OWN_NAMES: Final = re.compile(r"\bw[0-9]+\b")
_ROOM_FOR_TEXTS: Final = 2048
"""A step of a loop is rendered for each item, and its text is taken apart once."""


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A text for bash, the variables its values are in, and how it is shown to people."""

    script: str
    variables: dict[str, str]
    shown: str = ""


@dataclass(frozen=True, slots=True)
class ShellWords:
    """A program and its arguments, which no shell will read, and how they are shown to people."""

    words: tuple[str, ...]
    shown: str


def shell_problems(text: str) -> list[TemplateProblem]:
    """Give every place of a bash text where no value may stand."""
    return list(_read(text)[1])


def words_problems(words: Sequence[str]) -> list[tuple[int, TemplateProblem]]:
    """Give every place of a list form where a value would be run as code, each with the number of its word."""
    return list(_read_words(tuple(words))[1])


def render_shell(text: str, env: Environment) -> ShellCommand:
    """Put the values of `text` into variables.

    An operator's own command (`env.commands`) may stand alone, and is then the text itself. ExpressionError
    where a value is absent, empty, a secret, or where none may stand.
    """
    only = alone(text)
    if only is not None and only.expression in env.commands:
        own = plain_text(only, value_of(only, env))
        _check_text(own, str(only))
        return ShellCommand(script=own, variables={}, shown=own)
    shell, problems = _read(text)
    for problem in problems:
        raise ExpressionError(problem.message, hint=problem.hint, column=problem.offset + 1)
    script: list[str] = []
    shown: list[str] = []
    variables: dict[str, str] = {}
    names = _free_names(text)
    named: list[str] = []
    at = 0
    for place in shell.places:
        texts = _texts_at(place, env)
        used = [next(names) for _ in texts]
        variables.update(zip(used, texts, strict=True))
        before = text[at : place.placeholder.start]
        script += [before, _reference(place.quoting, used)]
        written = _for_the_eye(place, texts)
        if written is None:
            named += [f"{name}={_quoted(value)}\n" for name, value in zip(used, texts, strict=True)]
        shown += [before, _reference(place.quoting, used) if written is None else written]
        at = place.placeholder.end
    return ShellCommand(
        script="".join([*script, text[at:]]), variables=variables, shown="".join([*named, *shown, text[at:]])
    )


def render_words(words: Sequence[str], env: Environment) -> ShellWords:
    """Render the list form; `${{ words(list) }}` as a whole word gives several, or none beside other words.

    ExpressionError where a value is absent, empty, a secret, or would be run as code by the program, and
    where no word is left.
    """
    command, problems = _read_words(tuple(words))
    for number, problem in problems:
        raise ExpressionError(f"word {number + 1}: {problem.message}", hint=problem.hint, column=problem.offset + 1)
    rendered: list[str] = []
    for word, template in zip(command.words, words, strict=True):
        if len(word.direct) == 1 and word.literal == VALUE:
            rendered += _texts_at(word.direct[0], env, none_is_fine=word is not command.words[0])
            continue
        parts: list[str] = []
        at = 0
        for place in word.direct:
            parts += [template[at : place.placeholder.start], *_texts_at(place, env)]
            at = place.placeholder.end
        rendered.append("".join([*parts, template[at:]]))
    return ShellWords(words=tuple(rendered), shown=" ".join(_quoted(word) for word in rendered))


@lru_cache(maxsize=_ROOM_FOR_TEXTS)
def _read(text: str) -> tuple[ShellText, list[TemplateProblem]]:
    """Find the places of a text, and what is refused in it, one problem for each place. Not to be changed: kept."""
    try:
        shell = scan_shell(text)
    except UnclosedError as error:
        return ShellText(), [TemplateProblem(error.message, error.hint, error.offset)]
    problems = [*shell.problems, *(refusal.problem for refusal in judge_commands(shell.commands, shell.shared))]
    problems += [problem for place in shell.places if (problem := _too_many_words(place)) is not None]
    first: dict[int, TemplateProblem] = {}
    for problem in problems:
        first.setdefault(problem.offset, problem)
    return shell, [first[offset] for offset in sorted(first)]


@lru_cache(maxsize=_ROOM_FOR_TEXTS)
def _read_words(words: tuple[str, ...]) -> tuple[Command, list[tuple[int, TemplateProblem]]]:
    """Find the places of a list form, and what is refused in it, by the number of the word. Not to be changed: kept."""
    command = Command()
    problems: list[tuple[int, TemplateProblem]] = []
    for number, text in enumerate(words):
        try:
            found = placeholders(text)
        except UnclosedError as error:
            return Command(), [(number, TemplateProblem(error.message, error.hint, error.offset))]
        word = Word(start=0, raw=text)
        at = 0
        for placeholder in found:
            word.literal += text[at : placeholder.start] + VALUE
            word.direct.append(Place(placeholder, Quoting.BARE))
            at = placeholder.end
        word.literal += text[at:]
        command.words.append(word)
    numbers = {id(place): number for number, word in enumerate(command.words) for place in word.direct}
    problems += [(numbers[id(refusal.place)], refusal.problem) for refusal in judge_commands([command], by_shell=False)]
    problems += [
        (number, problem)
        for number, word in enumerate(command.words)
        for place in word.direct
        if (problem := _too_many_words(place)) is not None
    ]
    return command, sorted(problems, key=lambda numbered: (numbered[0], numbered[1].offset))


def _too_many_words(place: Place) -> TemplateProblem | None:
    """Refuse `words()` where only one word fits."""
    try:
        calls = compile_expression(place.placeholder.expression).calls
    except ExpressionError:
        return None
    if place.takes_several or all(function != "words" for function, _ in calls):
        return None
    return TemplateProblem(
        f"{place.placeholder} gives several words and stands where only one fits",
        "it stands by itself, outside quotes, among the arguments of a command",
        place.placeholder.start,
    )


def alone(text: str) -> Placeholder | None:
    """Give the placeholder that is all of `text`, but for blanks around it."""
    stripped = text.strip()
    try:
        found = placeholders(stripped)
    except UnclosedError:
        return None
    return found[0] if len(found) == 1 and found[0].end - found[0].start == len(stripped) else None


def _texts_at(place: Place, env: Environment, *, none_is_fine: bool = False) -> list[str]:
    """Give the words a place stands for. ExpressionError where one is empty, too long, or would be an option."""
    placeholder = place.placeholder
    value = value_of(placeholder, env)
    if not isinstance(value, Words):
        texts = [plain_text(placeholder, value)]
    elif not place.takes_several:
        raise ExpressionError(f"{placeholder} gives several words and stands where only one fits", column=1)
    elif not value and not none_is_fine:
        raise AbsentError(
            f"{placeholder} gives no words, and a command needs them",
            hint="in the list form, behind the program, an empty list gives no words and the others remain",
            column=1,
        )
    else:
        texts = list(value)
    for text in texts:
        _check_text(text, str(placeholder))
        if place.program and text.startswith("-"):
            raise ExpressionError(
                f"{placeholder} begins with a dash, and {place.program} would take it for an option: {text!r}",
                hint="write -- before it",
                column=1,
            )
    return texts


def _check_text(text: str, what: str) -> None:
    if not text:
        raise AbsentError(f"{what} is empty, and a command needs it", hint="decide by when: whether the step is needed")
    if "\0" in text:
        raise ExpressionError(f"{what} holds a NUL, which no command can take")
    if len(text.encode(errors="surrogateescape")) > _LONGEST_VALUE:
        raise ExpressionError(f"{what} is too long for a command", hint="give it by stdin:")


def _free_names(text: str) -> Iterator[str]:
    """Give names of variables that the text does not use itself."""
    used = set(_OWN_NAMES.findall(text)) if "w" in text else set()
    return (name for number in count(1) if (name := f"w{number}") not in used)


def _reference(quoting: Quoting, names: Sequence[str]) -> str:
    match quoting:
        case Quoting.BARE:
            return " ".join(f'"${name}"' for name in names)
        case Quoting.DOUBLE | Quoting.HEREDOC:
            return "".join(f"${{{name}}}" for name in names)


def _for_the_eye(place: Place, texts: Sequence[str]) -> str | None:
    """Write the values as a person would have typed them there; None where that cannot be done in place."""
    if not all(_fits_in_place(place, text) for text in texts):
        return None
    match place.quoting:
        case Quoting.BARE:
            return " ".join(_quoted(text) for text in texts)
        case Quoting.DOUBLE:
            return "".join(re.sub(r'([\\"$`])', r"\\\1", text) for text in texts)
        case Quoting.HEREDOC:
            return "".join(re.sub(r"([\\$`])", r"\\\1", text) for text in texts)


def _fits_in_place(place: Place, text: str) -> bool:
    """Say whether a value can be typed where it stands and still be itself."""
    if place.in_braces:
        return bool(_PLAIN.fullmatch(text))
    if place.heredoc and set(text) & {*place.heredoc, "\n", "\t"}:
        # A line could become the one that ends the heredoc (bash ends it at `END)` too), or lose its tabs.
        return False
    return place.quoting is Quoting.BARE or not _CONTROL.search(text)


def _quoted(text: str) -> str:
    """Quote a word for bash, control characters by their numbers."""
    if not _CONTROL.search(text):
        return shlex.quote(text)
    inside = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return "$'" + _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", inside) + "'"
