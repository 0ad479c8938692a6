"""What a person chose about the look of the wizard, kept beside the sessions. Nothing of a run hangs on it."""

from __future__ import annotations

import os
from typing import Final

from wizard.errors import HostError, WizardError
from wizard.host import durable
from wizard.paths import sessions_folder, state_folder

THEME: Final = "theme"
_LONGEST: Final = 64
"""Bytes of a name."""


def remembered_theme() -> str:
    """The theme that was chosen last; empty where none was, or where it cannot be read."""
    try:
        folder = durable.open_folder(state_folder().resolve())
        try:
            return durable.read_file(folder, THEME, _LONGEST).decode("ascii").strip()
        finally:
            os.close(folder)
    except (OSError, ValueError, WizardError):
        return ""


def remember_theme(name: str) -> None:
    """Keep the name of a theme for the next start. HostError or UsageError where that cannot be."""
    state = state_folder()
    sessions_folder(state, make=True)
    try:
        folder = durable.open_folder(state.resolve())
        try:
            durable.replace_file(folder, THEME, name.encode("ascii") + b"\n")
        finally:
            os.close(folder)
    except OSError as error:
        raise HostError(f"the choice of colours could not be kept in {state}: {error.strerror}") from None
