"""What the rules of lint share: the guide, what stands in it, and the list of problems."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wizard.errors import ExpressionError
from wizard.guide.models.base import Kind
from wizard.guide.scope import Scopes
from wizard.guide.walk import PlacedModel, PlacedStep, PlacedText, every_step, texts_of
from wizard.problems import Problem, Severity

if TYPE_CHECKING:
    from wizard.guide.document import DataPath
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Guide

UNRENDERED = frozenset({Kind.LITERAL, Kind.NAME, Kind.KEY})
"""Kinds of text in which no `${{ }}` is replaced."""


@dataclass(frozen=True, slots=True)
class PlacedExpression:
    """An expression, the text it is (or stands in), and where in that text it begins."""

    source: str
    text: PlacedText
    offset: int

    @property
    def bare(self) -> bool:
        """Whether the whole text is the expression."""
        return self.text.kind is Kind.EXPRESSION


class Page:
    """One guide under lint."""

    def __init__(self, loaded: LoadedGuide) -> None:
        """Begin with no problems."""
        self.loaded = loaded
        self.problems: list[Problem] = []

    @property
    def guide(self) -> Guide:
        """The guide."""
        return self.loaded.guide

    @cached_property
    def scopes(self) -> Scopes:
        """The names that may be used in each place."""
        return Scopes(self.loaded)

    @property
    def models(self) -> tuple[PlacedModel, ...]:
        """Every part of the guide."""
        return self.loaded.parts

    @cached_property
    def steps(self) -> tuple[PlacedStep, ...]:
        """Every step of the guide."""
        return tuple(every_step(self.guide))

    @cached_property
    def texts(self) -> tuple[PlacedText, ...]:
        """Every marked text of the guide."""
        return tuple(text for placed in self.models for text in texts_of(placed))

    @cached_property
    def expressions(self) -> tuple[PlacedExpression, ...]:
        """Every expression, bare or inside a text; a text whose `${{` is open has none."""
        from wizard.templates import template_expressions

        found: list[PlacedExpression] = []
        for text in self.texts:
            if text.kind is Kind.EXPRESSION:
                found.append(PlacedExpression(text.text, text, 0))
            elif text.kind not in UNRENDERED and "${{" in text.text:
                try:
                    inside = template_expressions(text.text)
                except ExpressionError:
                    continue
                found += [PlacedExpression(source, text, offset) for source, offset in inside]
        return tuple(found)

    def add(
        self,
        place: DataPath,
        message: str,
        *,
        hint: str = "",
        rule: str,
        severity: Severity = Severity.ERROR,
        offset: int | None = None,
        at_key: bool = False,
    ) -> None:
        """Add a problem at `place`, unless something there already has one from reading."""
        if not self.loaded.is_damaged(place):
            document = self.loaded.document
            self.problems.append(
                document.problem(place, message, hint=hint, rule=rule, severity=severity, offset=offset, at_key=at_key)
            )

    def warn(
        self,
        place: DataPath,
        message: str,
        *,
        hint: str = "",
        rule: str,
        offset: int | None = None,
        at_key: bool = False,
    ) -> None:
        """Add a problem that does not keep the guide from being used."""
        self.add(place, message, hint=hint, rule=rule, severity=Severity.WARNING, offset=offset, at_key=at_key)
