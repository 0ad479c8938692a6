"""Guides as text around the part a test is about, read the way every guide is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.expressions import Environment
from wizard.guide.loader import read_guide

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from wizard.guide.loader import LoadedGuide

HEAD = """\
guide: 1
id: shop
product: Shop
title: Upgrade Shop
summary: From one release to the next.
"""

VERSIONS = """\
versions:
  releases: ["1.0", "1.1", "2.0"]
  hops: [{phases: [work]}]
"""

PHASES = """\
phases:
  - id: work
    title: Work
    steps:
      - {id: hello, title: Hello, say: Hello.}
"""

VERSION_QUESTIONS = """\
  - section: Versions
    ask:
      - {id: current_version, label: Version now, type: version}
      - {id: target_version, label: Version wanted, type: version}
"""


def read_text(folder: Path, text: str) -> LoadedGuide:
    """Read a guide from its text; a problem in it fails the test."""
    folder.mkdir(exist_ok=True)
    (folder / "guide.yaml").write_text(text, encoding="utf-8")
    loaded, problems = read_guide(folder)
    assert loaded is not None, "\n".join(map(str, problems))
    return loaded


def asking(folder: Path, questions: str, *, more: str = "") -> LoadedGuide:
    """A guide whose first sections are `questions` (a YAML list, set in by two blanks); the versions come last."""
    text = f"{HEAD}{VERSIONS}{more}questions:\n{questions}{VERSION_QUESTIONS}{PHASES}"
    return read_text(folder, text)


def knowing(
    facts: Mapping[str, Any] | None = None,
    *,
    file: Callable[[str], Mapping[str, Any]] | None = None,
    **names: Any,
) -> Environment:
    """What is known of a machine."""
    return Environment(names={"facts": dict(facts or {}), **names}, file=file)
