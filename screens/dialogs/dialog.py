"""What dialogs have in common: they stand over a screen, and are left only by a value."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.screen import ModalScreen

from screens.stage import WizardScreen

T = TypeVar("T")


class Dialog(WizardScreen[T], ModalScreen[T], Generic[T]):
    """A dialog over the screen it is about, with the keys all screens have."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        & > Card { width: 100%; max-width: 100; max-height: 100%; margin: 0 2; }
        & > .-box {
            width: 100%;
            max-width: 100;
            height: auto;
            max-height: 100%;
            margin: 0 2;
            padding: 0 1;
            background: $panel;
            border: round $primary;
            .-strong { text-style: bold; }
        }
    }
    """
