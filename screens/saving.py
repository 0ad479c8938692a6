"""Saving what a screen shows in a new file of the operator's: the name is asked for until it can be written."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import work

from screens.dialogs.line import LineDialog
from screens.stage import WizardScreen
from wizard.errors import WizardError
from wizard.plain.clean import clean, clean_line

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")


class Saving(WizardScreen[T], Generic[T]):
    """A screen that saves what it shows; a key of its own is bound to `save`."""

    SAVES = "Save it"
    """What is asked, as a title."""

    SAVES_HOW = "A new file, for you alone (mode 0600)."

    _save_as = ""
    """The name that is proposed: the one that was saved last."""

    @abstractmethod
    def write(self, name: str) -> Path:
        """Write the file with that name beside the screen, and give where it is. WizardError where it cannot be."""

    def action_save(self) -> None:
        """Ask where to save it."""
        self._ask_where(self._save_as, "")

    def _ask_where(self, name: str, problem: str) -> None:
        dialog = LineDialog(self.SAVES, [self.SAVES_HOW], value=name, placeholder="Name of a new file", problem=problem)
        self.app.push_screen(dialog, self._save_in)

    def _save_in(self, name: str | None) -> None:
        if name is not None:
            self._save(name)

    @work(thread=True, group="save", exclusive=True, description="save what is shown")
    def _save(self, name: str) -> None:
        try:
            path = self.write(name)
        except WizardError as error:
            self.give(self._ask_where, name, clean(str(error)))
        else:
            self.give(self._saved, str(path))

    def _saved(self, path: str) -> None:
        self._save_as = path
        self.notify(clean_line(path), title="Saved in", markup=False, timeout=8)
