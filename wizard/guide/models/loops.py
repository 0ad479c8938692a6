"""Loops: one name for the items of a list."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from wizard.guide.models.base import Chosen, Expression, Model, Name


class Each(Model):
    """The items something is done, read or asked for: `{node: answers.nodes}`.

    The key is the name an item has inside, what stands under it the expression that gives the list.
    """

    chosen: ClassVar[Chosen | None] = Chosen("name", "items")

    name: Name = Field(description="What an item is called in the expressions inside.")
    items: Expression = Field(description="The list.")
    key: Expression | None = Field(
        default=None, description="What tells items apart and is shown; else a text itself, or the first column."
    )
