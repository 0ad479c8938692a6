"""Loops: names of items, what makes batches, and what is asked of the items that are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.check import infer_type
from wizard.expressions.evaluate import compile_expression
from wizard.expressions.types import DYNAMIC, Type, TypeKind
from wizard.guide.models.base import Kind
from wizard.guide.models.guide import Phase, Procedure
from wizard.guide.models.loops import Each
from wizard.guide.models.steps import ForEach, Listing, Step
from wizard.guide.walk import every_text

if TYPE_CHECKING:
    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page
    from wizard.guide.walk import PlacedModel

RESERVED: Final = frozenset(
    {
        *("answers", "facts", "values", "hop", "machine", "captured", "session", "guide"),
        *("row", "batch", "reply", "result", "rows", "evidence"),
    }
)
"""Names the engine gives itself."""

_LISTS: Final = frozenset({TypeKind.LIST, TypeKind.MAP, TypeKind.RECORD, TypeKind.DYNAMIC})
_NO_KEYS: Final = frozenset({TypeKind.LIST, TypeKind.MAP, TypeKind.RECORD, TypeKind.BOOL})


def look(page: Page) -> None:
    """Check every loop, and every name an author gives to what is inside one."""
    for placed in page.models:
        match placed.model:
            case ForEach() | Each():
                _loop(page, placed, placed.model)
            case Listing(as_=name):
                _name(page, placed, name, (*placed.place, "as"))
            case Procedure(needs=needs):
                for number, name in enumerate(needs):
                    _name(page, placed, name, (*placed.place, "needs", number))
            case Step(once="batch"):
                _once(page, placed, placed.model)
            case _:
                pass


def _name(page: Page, placed: PlacedModel, name: str, place: DataPath) -> None:
    if name in RESERVED:
        page.add(place, f"`{name}` is a name of the engine", hint="choose another one", rule="loop-name", at_key=True)
    elif any(_names_item(model) == name for model in placed.around[:-1]):
        message = f"`{name}` is the name of a loop around this one already"
        page.add(place, message, hint="choose another one", rule="loop-name", at_key=True)


def _names_item(model: object) -> str | None:
    loop = getattr(model, "for_each", None)
    return loop.name if isinstance(loop, Each) else None


def _loop(page: Page, placed: PlacedModel, loop: Each) -> None:
    _name(page, placed, loop.name, (*placed.place, loop.name))
    outside = page.scopes.inside((*placed.place, loop.name), placed.around)
    listed = infer_type(loop.items, outside)[0]
    if listed.kind not in _LISTS:
        message = f"a loop goes over a list, and {loop.items} is {listed}"
        page.add((*placed.place, loop.name), message, hint="name a table, or a list", rule="loop-list")
        return
    item = listed.item or DYNAMIC
    for key in ("key", "order"):
        _tells_apart(page, placed, loop, key)
    if isinstance(loop, ForEach):
        _batch(page, placed, loop, item)
        _left_alone(page, placed, loop)


def _tells_apart(page: Page, placed: PlacedModel, loop: Each, key: str) -> None:
    """`key` and `order` are about the item, and give something that can be shown or sorted."""
    source = getattr(loop, key, None)
    if source is None:
        return
    place = (*placed.place, key)
    type_ = infer_type(source, page.scopes.inside(place, (*placed.around, loop)))[0]
    if type_.kind in _NO_KEYS:
        wanted = "shown" if key == "key" else "sorted by"
        page.add(
            place, f"`{key}` is {type_}, which cannot be {wanted}", hint="give a text or a number", rule="loop-key"
        )
    elif not _uses(source, loop.name):
        message = f"`{key}` is the same for every item: it does not use {loop.name}"
        page.add(place, message, hint=f"write it over the item, such as {loop.name}.name", rule="loop-key")


def _uses(source: str, name: str) -> bool:
    try:
        references = compile_expression(source).references
    except ExpressionError:
        return True
    return any(reference.split(".")[0] == name for reference in references)


def _batch(page: Page, placed: PlacedModel, loop: ForEach, item: Type) -> None:
    place = (*placed.place, "batch")
    batch = str(loop.batch).strip()
    if "${{" in batch:
        return
    column = batch.removeprefix("by ").strip()
    if batch.startswith("by "):
        if item.kind is TypeKind.RECORD and column not in (item.fields or {}):
            hint = f"it has: {', '.join(item.fields or {})}"
            page.add(place, f"{loop.name} has no `{column}` to make batches by", hint=hint, rule="loop-batch")
        return
    share = batch.removesuffix("%").strip()
    most = 100 if batch.endswith("%") else 1 << 31
    if not share.isascii() or not share.isdecimal() or not 0 < int(share) <= most:
        hint = "write a whole number from 1 on, a share such as 33%, or `by COLUMN`"
        page.add(place, f"{batch!r} is no size of a batch", hint=hint, rule="loop-batch")


def _left_alone(page: Page, placed: PlacedModel, loop: ForEach) -> None:
    keep = loop.keep_available
    if keep is not None and "${{" not in str(keep) and not str(keep).strip().isdecimal():
        message = f"{str(keep)!r} is no number of items that stay available"
        page.add((*placed.place, "keep_available"), message, hint="write a whole number", rule="loop-batch")
    for number, check in enumerate(loop.available_when):
        place = (*placed.place, "available_when", number)
        if check.check is not None or _mentions(check, loop.name):
            continue
        message = f"this asks the same for every item: it does not use {loop.name}"
        hint = f"name what differs, such as ${{{{ {loop.name}.host }}}}"
        page.add(place, message, hint=hint, rule="available-when")


def _mentions(check: object, name: str) -> bool:
    from wizard.guide.models.base import Model
    from wizard.templates import template_expressions

    assert isinstance(check, Model)  # noqa: S101 - entries of available_when are
    for text in every_text(check):
        try:
            sources = (
                [text.text] if text.kind is Kind.EXPRESSION else [one for one, _ in template_expressions(text.text)]
            )
        except ExpressionError:
            return True
        if any(_uses(source, name) for source in sources):
            return True
    return False


def _once(page: Page, placed: PlacedModel, step: Step) -> None:
    place = (*placed.place, "once")
    if step.for_each is not None:
        message = "a loop of its own is not done once a batch"
        page.add(place, message, hint="take `once` or `for_each` away", rule="once-in-loop", at_key=True)
    elif not any(isinstance(model, (Step, Phase)) and model.for_each is not None for model in placed.around):
        message = "there is no loop around this step, so there are no batches"
        page.add(place, message, hint="take `once` away", rule="once-in-loop", at_key=True)
