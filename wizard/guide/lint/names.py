"""Expressions and texts: names, types, and where a secret may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.check import infer_type
from wizard.expressions.evaluate import compile_expression
from wizard.expressions.types import BOOL, Type, TypeKind
from wizard.expressions.values import order_of_values
from wizard.guide.lint.page import UNRENDERED
from wizard.guide.models.base import Kind
from wizard.guide.models.guide import Connection
from wizard.guide.models.steps import Edit, LineEdit, Step

if TYPE_CHECKING:
    from wizard.guide.lint.page import Page, PlacedExpression
    from wizard.guide.walk import PlacedText

CONDITIONS: Final = frozenset({"when", "unless", "expr", "json", "restored"})
"""Keys whose expression must give true or false."""

_LIST: Final = Type(TypeKind.LIST)
_MANY: Final = frozenset({TypeKind.LIST, TypeKind.MAP, TypeKind.RECORD})


def look(page: Page) -> None:
    """Check every expression and every text with `${{ }}`."""
    _circles(page)
    for text in page.texts:
        _text(page, text)
    for expression in page.expressions:
        _expression(page, expression)


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
    else:
        for problem in check_template(text.text, text.kind):
            page.add(text.place, problem.message, hint=problem.hint, rule="text", offset=problem.offset)


def _expression(page: Page, expression: PlacedExpression) -> None:
    text = expression.text
    if expression.bare and "${{" in expression.source:
        return
    scope = page.scopes.at(text)
    type_, problems = infer_type(expression.source, scope, _expected(expression))
    for problem in problems:
        offset = expression.offset + max(problem.column - 1, 0)
        page.add(text.place, problem.message, hint=problem.hint, rule="expression", offset=offset)
    if type_.holds_secret and not secret_may_stand(text) and text.place[0] != "values":
        page.add(
            text.place,
            "a secret cannot stand here: it would be seen or written down",
            hint="a secret may stand in `env`, `stdin`, `edit` and a connection's password only",
            rule="secret-place",
            offset=expression.offset,
        )
    _in_command(page, expression, type_)


def _expected(expression: PlacedExpression) -> Type | None:
    """The type the place wants; None where any will do."""
    key = expression.text.key
    if not expression.bare:
        return None
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


def _in_command(page: Page, expression: PlacedExpression, type_: Type) -> None:
    """A list or a whole command inside a command needs a word of its author."""
    text = expression.text
    is_list_form = text.key in ("run", "do", "otherwise", "command", "args") and text.kind is Kind.TEXT
    if text.kind is not Kind.SHELL and not is_list_form:
        return
    if type_.kind in _MANY and not _calls_words(expression.source):
        message = f"this gives {type_.kind}, and a command takes words"
        hint = 'write ${{ words(…) }} outside quotes for several words, or ${{ join(…, ",") }} for one'
        page.add(text.place, message, hint=hint, rule="words", offset=expression.offset)
    alone = text.kind is Kind.SHELL and text.text.strip().startswith("${{") and text.text.strip().endswith("}}")
    if alone and text.text.count("${{") == 1 and type_.kind not in (TypeKind.COMMAND, TypeKind.DYNAMIC):
        message = "only an answer of type command may be a whole command"
        hint = "ask for it with `type: command`, or write the command out"
        page.add(text.place, message, hint=hint, rule="whole-command", offset=expression.offset)


def _calls_words(source: str) -> bool:
    try:
        return any(name == "words" for name, _ in compile_expression(source).calls)
    except ExpressionError:
        return True
