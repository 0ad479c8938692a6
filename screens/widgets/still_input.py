"""A line to type into that sends nothing while nobody types."""

from __future__ import annotations

from textual.widgets import Input


class StillInput(Input):
    """An Input whose cursor does not blink: blinking alone sends 1.7 kB a second to the terminal."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        compact: bool = False,
        select_on_focus: bool = True,
        id: str | None = None,  # noqa: A002 - as every widget
        classes: str | None = None,
    ) -> None:
        """Begin with `value`; the rest is as Textual has it."""
        super().__init__(
            value,
            placeholder,
            password=password,
            compact=compact,
            select_on_focus=select_on_focus,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False
