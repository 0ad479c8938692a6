"""Answers and where they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wizard.guide.models import Question
    from wizard.questions.tables import RowRules


class AnswerSource(StrEnum):
    """Where an answer came from; shown beside it."""

    MACHINE = "machine"
    FILE = "answers file"
    OPERATOR = "operator"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `value` is plain data, or a Secret for a question of type secret."""

    id: str
    value: Any
    source: AnswerSource


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that could be the answer, and how it was come by (`facts.settings.PORT`, /opt/x/.env)."""

    value: Any
    source: AnswerSource
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put to a person now: rendered texts, choices as they are, proposals best first.

    Two proposals that differ are both here. `problem` is why the answer given before was refused. The id of a
    question that is asked for one hop is that of its answer (`disk@1.4`); `rules` are those of a table's rows.
    """

    question: Question
    section: str
    label: str
    why: str
    choices: tuple[tuple[str, str], ...] = ()
    proposals: tuple[Proposal, ...] = ()
    problem: str = ""
    previous: Any = None
    number: int = 0
    total: int = 0
    rules: RowRules | None = None


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """What an answers file holds, each value with the line it stands on.

    `answers` go to questions, `confirmations` to confirm and typed steps (by step id), `bypasses`
    to findings (by check id, with a reason), `states` to `ask` checks (by check id).
    """

    path: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    confirmations: dict[str, Any] = field(default_factory=dict)
    bypasses: dict[str, str] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """Line of each entry by its dotted key (`answers.install_dir`)."""
    columns: dict[str, int] = field(default_factory=dict)
    """Column of each entry by its dotted key."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Stands in an answers file for a value that could not be had (a variable that is not set), and says why."""

    reason: str
    hint: str = ""
