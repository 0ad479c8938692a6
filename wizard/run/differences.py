"""Differences of files as they are shown: unified, with what is secret in them masked."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from wizard.secrets import MASK

if TYPE_CHECKING:
    from wizard.run.context import Run


def difference(file: str, before: bytes | None, after: bytes, run: Run) -> tuple[str, ...]:
    """Unified difference with secrets masked; with names alone while a secret of the session is not known."""
    from wizard.redaction import redact_text
    from wizard.run.secret_answers import secrets_missing

    known = [secret.reveal() for secret in run.secrets.all()]
    shown = _name_alone if secrets_missing(run) else _masked_line

    def lines(data: bytes | None) -> list[str]:
        return redact_text((data or b"").decode("utf-8", "replace"), known).splitlines()

    difference = list(difflib.unified_diff(lines(before), lines(after), file, file, lineterm="", n=2))
    return (*difference[:2], *(line if line[:2] == "@@" else line[:1] + shown(line[1:]) for line in difference[2:]))


_SETTING: Final = re.compile(r"(\s*(?:export\s+)?[\"']?([A-Za-z0-9_.-]+)[\"']?\s*[=:]\s*)\S")
_QUOTED_SETTING: Final = re.compile(r"([\"']([A-Za-z0-9_.-]+)[\"']\s*:\s*)(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s,}\]]+)")


def _masked_line(line: str) -> str:
    """Hide the value of a setting whose name says that it is secret."""
    from wizard.facts.foreign import TELLING_KEY

    found = _SETTING.match(line)
    if found and TELLING_KEY.search(found[2]):
        return found[1] + MASK
    return _QUOTED_SETTING.sub(lambda pair: pair[1] + MASK if TELLING_KEY.search(pair[2]) else pair[0], line)


def _name_alone(line: str) -> str:
    """What a line sets, without its value: any value could be a secret that nobody here knows."""
    found = _SETTING.match(line)
    return (found[1] if found else "") + MASK if line.strip() else line
