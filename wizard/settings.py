"""What the environment says about the wizard itself (`WIZARD_…`)."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import UsageError
from wizard.units import parse_size

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE_DIR: Final = "WIZARD_STATE_DIR"
SPOOL_CAP: Final = "WIZARD_SPOOL_CAP"

_READ_ELSEWHERE: Final = ("WIZARD_ASCII", "WIZARD_GUIDES", "WIZARD_PLAIN_DRIVER", "WIZARD_THEME")
"""Settings of which only one place knows anything: the catalog of guides, the full screen."""

USUAL_CAP: Final = 1 << 30

_MEANT_FOR_OTHERS: Final = ("WIZARD_ATTEMPT", "WIZARD_TEST_")
"""Marks of a command's process, and switches of the tests; they say nothing about the wizard."""

_LEAST_CAP: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """`state_dir` is where sessions are kept (None: the usual place); `spool_cap` bounds an attempt's output in bytes.

    `strange` holds a sentence for each variable that looks like a setting and is none.
    """

    state_dir: Path | None = None
    spool_cap: int = USUAL_CAP
    strange: tuple[str, ...] = ()


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. UsageError, naming the variable, where one cannot be used."""
    environ = os.environ if environ is None else environ
    return Settings(
        state_dir=_state_dir(environ.get(STATE_DIR, "")),
        spool_cap=_spool_cap(environ.get(SPOOL_CAP, "")),
        strange=tuple(_strange(environ)),
    )


def _state_dir(text: str) -> Path | None:
    if not text:
        return None
    path = Path(text)
    if not path.is_absolute():
        raise UsageError(
            f"{STATE_DIR} is {text!r}, which depends on the folder you are in",
            hint="Name a folder by its whole path, for example /srv/wizard.",
        )
    return path


def _spool_cap(text: str) -> int:
    if not text:
        return USUAL_CAP
    try:
        size = parse_size(text)
    except ValueError as error:
        raise UsageError(f"{SPOOL_CAP}: {error}") from None
    if size < _LEAST_CAP:
        raise UsageError(f"{SPOOL_CAP} is {text!r}", hint="An attempt's output needs room for 1 MiB at least.")
    return size


def _strange(environ: Mapping[str, str]) -> list[str]:
    known = (STATE_DIR, SPOOL_CAP, *_READ_ELSEWHERE)
    found = []
    for name in sorted(environ):
        if not name.startswith("WIZARD_") or name in known or name.startswith(_MEANT_FOR_OTHERS):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        found.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
    return found
