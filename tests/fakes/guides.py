"""Guides made of the part a test is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wizard.guide.document import Document
from wizard.guide.loader import LoadedGuide
from wizard.guide.models import Guide

LEAST: dict[str, Any] = {
    "guide": 1,
    "id": "some-product",
    "product": "Some product",
    "title": "Upgrade",
    "summary": "From one to two.",
    "versions": {"hops": [{"phases": ["only"]}]},
    "phases": [{"id": "only", "title": "Only", "steps": [{"id": "only", "title": "Only", "say": "Nothing."}]}],
}
"""The least a guide holds."""


def guide_of(**parts: Any) -> LoadedGuide:
    """Give a guide with these top-level keys, as if it had been loaded."""
    guide = Guide.model_validate({**LEAST, **parts})
    return LoadedGuide(
        guide=guide,
        path=Path("/guides/guide.yaml"),
        folder=Path("/guides"),
        sha256="0" * 64,
        files=(),
        document=Document("guide.yaml", "", {**LEAST, **parts}, ()),
    )
