"""What a check gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from wizard.guide.models.checks import Blocks

if TYPE_CHECKING:
    from collections.abc import Mapping


class Status(StrEnum):
    """How a check ended. Only `ok` and `note` are passes; `error` and `unknown` are not."""

    OK = "ok"
    NOTE = "note"
    RISK = "risk"
    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


PASSES = frozenset({Status.OK, Status.NOTE})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen, by what, when (UTC, ISO 8601)."""

    seen: str
    by: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    key: str
    title: str
    status: Status
    blocks: Blocks = Blocks.ALWAYS
    say: str = ""
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""
    fix: str = ""
    """Title of the fix where there is one."""
    links: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether the check passed."""
        return self.status in PASSES

    @property
    def blocking(self) -> bool:
        """Whether it keeps the operator from going on (before any bypass); skipped never does."""
        return not self.passed and self.status is not Status.SKIPPED and self.blocks is not Blocks.NEVER


def finding_from(data: Mapping[str, Any]) -> Finding:
    """A finding as it was written down, with or without the moment it was made; LookupError, ValueError for others."""
    return Finding(
        str(data["key"]),
        str(data["title"]),
        Status(data["status"]),
        Blocks(data["blocks"]),
        str(data["say"]),
        tuple(Evidence(str(one["seen"]), str(one["by"]), str(one.get("at", ""))) for one in data["evidence"]),
        str(data["remedy"]),
        str(data["fix"]),
        tuple(map(str, data["links"])),
    )


@dataclass(frozen=True, slots=True)
class StatementRequest:
    """What a person is asked to state or acknowledge; `key` is looked up in the `states` of an answers file.

    `record` is the label of what is to be noted down beside the yes; empty where nothing is.
    """

    key: str
    title: str
    say: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What was stated; `by` says who or what (`operator`, `answers file`)."""

    yes: bool
    record: str = ""
    by: str = "operator"
