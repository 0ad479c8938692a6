"""What is asked or read for each hop is only there inside of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.evaluate import compile_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page, PlacedExpression
    from wizard.guide.models.questions import Question

_VERSION_QUESTIONS: Final = ("current_version", "target_version")

_IN_HOPS: Final = frozenset({"phases", "procedures", "defaults", "values"})
"""Parts of a guide that are used inside of hops."""

STOP_RELEASE: Final = "stop_release"
"""Id of the question that the engine asks by itself for each stop."""


def look(page: Page) -> None:
    """Find readers outside of hops, and questions that cannot be asked for each hop."""
    for place, question in _questions(page):
        if question.per is not None and question.id in _VERSION_QUESTIONS:
            message = f"`{question.id}` decides which hops there are, so it is asked once"
            page.add((*place, "per"), message, hint="leave `per` out", rule="per-hop", at_key=True)
        if question.id == STOP_RELEASE and page.guide.versions.stop_release == "ask":
            message = "with `stop_release: ask` the wizard asks a question of that id itself, for each stop"
            page.add((*place, "id"), message, hint="give this question another id", rule="per-hop")
    names = {f"answers.{question.id}": "asked" for _, question in _questions(page) if question.per is not None}
    names |= {f"facts.{name}": "read" for name, fact in page.guide.facts.items() if fact.per is not None}
    if not names:
        return
    for expression in page.expressions:
        if not _is_in_hop(expression):
            _reader(page, expression, names)


def _questions(page: Page) -> Iterator[tuple[DataPath, Question]]:
    for section, entry in enumerate(page.guide.questions):
        for number, question in enumerate(entry.ask):
            yield ("questions", section, "ask", number), question


def _is_in_hop(expression: PlacedExpression) -> bool:
    text = expression.text
    models = (*text.owner.around, text.owner.model)
    return text.place[0] in _IN_HOPS or any(getattr(model, "per", None) == "hop" for model in models)


def _reader(page: Page, expression: PlacedExpression, names: dict[str, str]) -> None:
    try:
        references = compile_expression(expression.source).references
    except ExpressionError:
        return
    for name in sorted({".".join(reference.split(".")[:2]) for reference in references} & names.keys()):
        page.add(
            expression.text.place,
            f"{name} is {names[name]} for each hop, and there is no hop here, so it has no value",
            hint="say `per: hop` here too, or use it in a phase",
            rule="per-hop",
            offset=expression.offset,
        )
