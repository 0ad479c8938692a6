"""What is asked or read for each hop is only there inside of one; and a hop may end before the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.evaluate import compile_expression
from wizard.guide.lint.names import COMMAND_KEYS
from wizard.guide.models.base import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page, PlacedExpression
    from wizard.guide.models import Guide
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
    _offers(page)
    if page.guide.versions.stops:
        _ends_of_hops(page)
    names = {f"answers.{question.id}": "asked" for _, question in _questions(page) if question.per is not None}
    names |= {f"facts.{name}": "read" for name, fact in page.guide.facts.items() if fact.per is not None}
    if not names:
        return
    for expression in page.expressions:
        if not _is_in_hop(expression):
            _reader(page, expression, names)


def _offers(page: Page) -> None:
    """A called procedure works in the hop of the step that begins its offer, which so has to stand in a phase."""
    guide = page.guide
    walked = _in_phases(guide)
    for name, procedure in guide.procedures.items():
        if procedure.offer is not None and (after := procedure.offer.after) not in walked:
            if after not in {placed.step.id for placed in page.steps}:
                continue
            place = ("procedures", name, "offer", "after")
            why = f"the step {after} stands in no phase, so the procedure is never offered"
            page.add(place, why, hint="name a step of a phase, or of a procedure that a phase includes", rule="offer")
            for expression in page.expressions:
                if expression.text.place[:2] == ("procedures", name) and _uses_hop(page, expression):
                    message = "there is no hop here: the procedure is called by itself, and it is offered in none"
                    page.add(expression.text.place, message, rule="per-hop", offset=expression.offset)


def _in_phases(guide: Guide) -> set[str]:
    """Ids of the steps of all phases, with those of the procedures they include."""
    ids: set[str] = set()
    left = [step for phase in guide.phases for step in phase.steps]
    seen: set[str] = set()
    while left:
        step = left.pop()
        ids.add(step.id)
        left += step.steps or []
        if step.include is not None and step.include not in seen and step.include in guide.procedures:
            seen.add(step.include)
            left += guide.procedures[step.include].steps
    return ids


def _uses_hop(page: Page, expression: PlacedExpression) -> bool:
    """Whether an expression names the hop, itself or by a value of the guide."""
    left, seen = set(_references(expression)), set[str]()
    while left:
        name = left.pop()
        seen.add(name)
        space, _, rest = name.partition(".")
        if space == "hop":
            return True
        source = page.guide.values.get(rest.partition(".")[0]) if space == "values" else None
        if isinstance(source, str):
            left |= _named_in(source) - seen
    return False


def _ends_of_hops(page: Page) -> None:
    """Where a hop may end at a stop, a command of its phases that names the target would jump over the stop."""
    guide = page.guide
    walked = {phase for hop in guide.versions.hops if hop.to in (None, "target") for phase in hop.phases}
    for expression in page.expressions:
        text = expression.text
        is_command = text.kind is Kind.SHELL or text.key in (*COMMAND_KEYS, "args")
        if not is_command or text.place[0] != "phases" or guide.phases[int(text.place[1])].id not in walked:
            continue
        conditions = [getattr(model, "when", None) or "" for model in (*text.owner.around, text.owner.model)]
        if "answers.target_version" in _references(expression) and not any("hop." in one for one in conditions):
            page.warn(
                text.place,
                "with stops this is done at each stop too, and answers.target_version is the end of the whole path",
                hint="write hop.to, where this hop ends; or `when: hop.last`, for what is done at the end alone",
                rule="target-at-stop",
                offset=expression.offset,
            )


def _references(expression: PlacedExpression) -> frozenset[str]:
    return _named_in(expression.source)


def _named_in(source: str) -> frozenset[str]:
    try:
        return frozenset(compile_expression(source).references)
    except ExpressionError:
        return frozenset()


def _questions(page: Page) -> Iterator[tuple[DataPath, Question]]:
    for section, entry in enumerate(page.guide.questions):
        for number, question in enumerate(entry.ask):
            yield ("questions", section, "ask", number), question


def _is_in_hop(expression: PlacedExpression) -> bool:
    text = expression.text
    models = (*text.owner.around, text.owner.model)
    return text.place[0] in _IN_HOPS or any(getattr(model, "per", None) == "hop" for model in models)


def _reader(page: Page, expression: PlacedExpression, names: dict[str, str]) -> None:
    for name in sorted({".".join(one.split(".")[:2]) for one in _references(expression)} & names.keys()):
        page.add(
            expression.text.place,
            f"{name} is {names[name]} for each hop, and there is no hop here, so it has no value",
            hint="say `per: hop` here too, or use it in a phase",
            rule="per-hop",
            offset=expression.offset,
        )
