"""Expressions and texts: names, types, and where a secret may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.check import infer_type
from wizard.expressions.types import BOOL, Type, TypeKind
from wizard.expressions.values import order_of_values
from wizard.guide.lint.page import UNRENDERED
from wizard.guide.models.base import Kind
from wizard.guide.models.guide import Connection
from wizard.guide.models.steps import Edit, LineEdit, Step

if TYPE_CHECKING:
    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page
    from wizard.guide.walk import PlacedText

CONDITIONS: Final = frozenset({"when", "unless", "expr", "json", "restored"})
"""Keys whose expression must give true or false."""

_TEXTS: Final = frozenset(
    {
        *("title", "why", "say", "text", "not_needed", "label", "section", "remedy", "summary", "who", "defer", "do"),
        *("folder", "user", "env", "env_file", "works_on", "file", "path", "host", "stdin", "block", "put", "typed"),
        *("open", "to", "replace_with", "links", "logs"),
    }
)
"""Keys whose text is shown to people or is a name, a path, a variable: a list or a map is never one."""

_LIST: Final = Type(TypeKind.LIST)
COMMAND_KEYS: Final = frozenset({"run", "do", "otherwise", "command", "dry_run"})
"""Keys that take a command, as text or as a list of words."""


def look(page: Page) -> None:
    """Check every expression and every text with `${{ }}`."""
    _circles(page)
    for text in page.texts:
        _text(page, text)
        if text.kind is Kind.EXPRESSION:
            _expression(page, text)
    _words(page)


def _circles(page: Page) -> None:
    try:
        order_of_values(page.guide.values)
    except ExpressionError as error:
        if error.message.startswith("these values"):
            name = next(iter(name for name in page.guide.values if name in error.message), "")
            page.add(("values", name), error.message, hint=error.hint, rule="circle", at_key=True)


def _text(page: Page, text: PlacedText) -> None:
    from wizard.templates import check_template

    if "${{" not in text.text:
        return
    if text.kind is Kind.EXPRESSION:
        page.add(
            text.place,
            "an expression stands here bare, without ${{ }}",
            hint="take ${{ and }} away",
            rule="expression",
            offset=text.text.index("${{"),
        )
    elif text.kind in UNRENDERED:
        page.add(
            text.place,
            "nothing is replaced in this text",
            hint="write it out, without ${{ }}",
            rule="literal-text",
            offset=text.text.index("${{"),
        )
    elif _is_word(text):
        return
    else:
        scope = page.scopes.at(text)
        shown = text.key in _TEXTS
        for problem in check_template(text.text, text.kind, scope, secrets=secret_may_stand(text), shown=shown):
            page.add(text.place, problem.message, hint=problem.hint, rule="text", offset=problem.offset)


def _is_word(text: PlacedText) -> bool:
    """Whether the text is a word of a command in list form."""
    return text.kind is Kind.TEXT and text.key in COMMAND_KEYS and isinstance(text.place[-1], int)


def _words(page: Page) -> None:
    """Check commands in list form, each as a whole."""
    from wizard.templates import check_words

    commands: dict[DataPath, list[PlacedText]] = {}
    for text in page.texts:
        if _is_word(text):
            commands.setdefault(text.place[:-1], []).append(text)
    for words in commands.values():
        scope = page.scopes.at(words[0])
        for number, problem in check_words([word.text for word in words], scope):
            page.add(words[number].place, problem.message, hint=problem.hint, rule="text", offset=problem.offset)


def _expression(page: Page, text: PlacedText) -> None:
    """Check a bare expression."""
    if "${{" in text.text:
        return
    type_, problems = infer_type(text.text, page.scopes.at(text), _expected(text.key))
    for problem in problems:
        offset = max(problem.column - 1, 0)
        page.add(text.place, problem.message, hint=problem.hint, rule="expression", offset=offset)
    if type_.holds_secret and text.place[0] != "values" and not _is_list_of_loop(text):
        message = "a secret cannot stand here: it would be seen or written down"
        hint = "a secret may stand in `env`, `stdin`, `edit` and a connection's password only"
        page.add(text.place, message, hint=hint, rule="secret-place")


def _is_list_of_loop(text: PlacedText) -> bool:
    """Whether it is the list of a loop: a row with a secret in it may be an item, and stays one."""
    return text.place[-2:-1] == ("for_each",) and text.place[-1] not in ("key", "order", "batch", "keep_available")


def _expected(key: str) -> Type | None:
    """The type the place wants; None where any will do."""
    if key in CONDITIONS:
        return BOOL
    return _LIST if key == "choices_from" else None


def secret_may_stand(text: PlacedText) -> bool:
    """Whether a text may be made of a secret (FORMAT §8)."""
    match text.owner.model:
        case Connection():
            return text.key == "password"
        case Edit():
            return text.key in ("set", "block")
        case LineEdit():
            return text.key == "put"
        case Step():
            return text.key in ("env", "stdin")
        case _:
            return text.key == "env"
