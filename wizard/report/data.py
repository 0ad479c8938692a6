"""The report as JSON, for programs (documented interface)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wizard.report.model import Report

FORMAT = 1


def to_data(report: Report) -> dict[str, Any]:
    """Plain data; `format` says how to read it."""
    data = asdict(report)
    for name in _NAMES:
        data[name] = _named(name, data[name])
    return {"format": FORMAT, **data}


_NAMES = {
    "answers": ("id", "value", "source"),
    "findings": ("title", "status", "seen"),
    "bypassed": ("key", "reason"),
    "owed": ("code", "what"),
    "drivers": ("at", "who"),
    "left_to_do": ("code", "what"),
    "handed_over": ("code", "to", "file", "at"),
    "rounds": ("code", "title", "rounds"),
    "evidence": ("name", "session", "state", "sha256"),
}


def _named(kind: str, rows: Any) -> list[dict[str, str]]:
    return [dict(zip(_NAMES[kind], row, strict=True)) for row in rows]


def to_json(report: Report) -> str:
    """Indented JSON."""
    return json.dumps(to_data(report), indent=1, ensure_ascii=False) + "\n"
