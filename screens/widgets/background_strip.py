"""What runs beside the walk and what is owed, in one line; not there while there is neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from wizard.plain.clean import clean_line

if TYPE_CHECKING:
    from wizard.run.session_view import SessionView


def background_words(view: SessionView) -> str:
    """The steps whose commands run beside the walk, then what is still to be set back; empty where there is neither."""
    beside = {code for _, code, _ in view.background}
    over: list[str] = []
    names: list[str] = []
    for key, code, title in view.background:
        (over if key in view.ended_untold else names).append(f"{code} {clean_line(title)}")
    owed = [f"{code} {clean_line(what)}" for code, what in view.owed if code not in beside]
    parts = (
        ("! Ended beside, decided about next: ", over),
        ("& Runs beside: ", names),
        ("Owed: ", owed),
    )
    return "   ".join(f"{words}{' · '.join(some)}" for words, some in parts if some)


class BackgroundStrip(Static):
    """Shows them."""

    DEFAULT_CSS = """
    BackgroundStrip {
        height: 1;
        padding: 0 1;
        display: none;
        background: $boost;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    BackgroundStrip.-some { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin with nothing."""
        super().__init__("", id=id, markup=False)
        self._said = ""

    def show(self, view: SessionView) -> None:
        """Show what runs, and what is owed, in `view`."""
        words = background_words(view)
        if words != self._said:
            self._said = words
            self.set_class(bool(words), "-some")
            self.update(Content(words))
