"""The guide itself: versions, values, connections, phases and procedures."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from wizard.guide.models.base import Conditional, Expression, Key, Literal_, Model, Name, Number, Regex, Switch, Text
from wizard.guide.models.checks import Check, StepCheck
from wizard.guide.models.facts import Fact
from wizard.guide.models.questions import Section
from wizard.guide.models.steps import ForEach, Impact, Note, NoteKind, Step, Surroundings

__all__ = ["Impact", "Note", "NoteKind"]


class Source(Model):
    """Where the guide's statements come from."""

    id: Key
    title: Text
    url: Text | None = None
    rows: Text | None = None


class Support(Model):
    """Who helps, and which answers they ask for."""

    text: Text
    contact: Text | None = None
    form: list[Text] = Field(default_factory=list)


class Hop(Conditional):
    """One edge of the version graph; no from/to: every hop."""

    from_: Text | None = Field(default=None, alias="from")
    to: Text | None = None
    phases: list[Key]
    title: Text | None = None


class BlockedPath(Conditional):
    """A jump that must not be made."""

    from_: Text | None = Field(default=None, alias="from")
    to: Text | None = None
    why: Text
    instead: Text | None = None


class Ladder(Model):
    """Releases given as a ladder (`7.5 .. 7.24`) or read from a fact."""

    ladder: Text | None = None
    from_: Expression | None = Field(default=None, alias="from")


class Versions(Model):
    """Which versions there are and how one gets from one to another."""

    pattern: Literal_ | None = None
    releases: list[Text] | Ladder | Literal["open"] = "open"
    one_at_a_time: Literal["major", "minor"] | None = None
    stops: list[Text] = Field(default_factory=list)
    stop_release: Literal["newest", "ask"] = "newest"
    hops: list[Hop]
    blocked: list[BlockedPath] = Field(default_factory=list)


class Connection(Model):
    """A database that checks, facts and steps use by name."""

    kind: Literal["sqlite", "postgres", "mysql"] = Field(description="mysql is MariaDB, too.")
    file: Text | None = None
    host: Text | None = None
    port: Number | None = None
    name: Text | None = None
    user: Text | None = None
    password: Text | None = None


class Forbidden(Model):
    """A command that must never be rendered."""

    command: Regex
    why: Text


class Defaults(Surroundings):
    """Surroundings of all commands of the guide."""


class Phase(Conditional, Surroundings):
    """Steps under one impact."""

    id: Key
    title: Text
    why: Text | None = None
    not_needed: Text | None = None
    for_each: ForEach | None = None
    impact: Impact = Impact.REVERSIBLE
    notes: list[Note] = Field(default_factory=list)
    steps: list[Step]
    finally_: list[Step] = Field(default_factory=list, alias="finally")
    keep_checking: list[StepCheck] = Field(default_factory=list)
    goes_on_alone: Switch = False

    @cached_property
    def as_loop(self) -> Step:
        """The steps as the group of the phase's loop; surroundings and notes stay with the phase.

        So does its `when`, but where that names the item and so is decided for each. Made once: whoever goes through
        thousands of items asks for it at each.
        """
        from wizard.expressions import compile_expression

        references = compile_expression(self.when).references if self.when is not None else ()
        of_items = self.for_each is not None and any(one.partition(".")[0] == self.for_each.name for one in references)
        return Step.model_construct(
            id=self.id,
            title=self.title,
            when=self.when if of_items else None,
            not_needed=self.not_needed if of_items else None,
            for_each=self.for_each,
            steps=self.steps,
        )


class ProcedureOffer(Model):
    """From which step on, and until when, a procedure can be called."""

    after: Key
    until: Key | None = None


class Procedure(Surroundings):
    """Steps used again."""

    title: Text
    why: Text | None = None
    needs: list[Name] = Field(default_factory=list)
    impact: Impact | None = None
    offer: ProcedureOffer | None = None
    steps: list[Step]


class Guide(Model):
    """One guide."""

    guide: Literal[1] = Field(description="Version of the format.")
    id: Key
    product: Text
    title: Text
    summary: Text
    sources: list[Source] = Field(default_factory=list)
    support: Support | None = None
    glossary: dict[str, Text] = Field(default_factory=dict)
    works_on: Text | None = None
    defaults: Defaults = Field(default_factory=Defaults)
    versions: Versions
    values: dict[Name, Expression | list[Any] | dict[str, Any]] = Field(default_factory=dict)
    connections: dict[Name, Connection] = Field(default_factory=dict)
    forbid: list[Forbidden] = Field(default_factory=list)
    facts: dict[Name, Fact] = Field(default_factory=dict)
    questions: list[Section] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    notes: list[Note] = Field(default_factory=list)
    phases: list[Phase]
    procedures: dict[Key, Procedure] = Field(default_factory=dict)
