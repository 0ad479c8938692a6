"""Messages one after the other: what is done only when what was said before has been worked through."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump
    from textual.widget import Widget


def after_all(way: list[MessagePump], then: Callable[[], object]) -> None:
    """Call `then` once each of these, in their order, has worked through what it was sent; those that are gone have."""
    while way:
        if way.pop(0).call_later(after_all, way, then):
            return
    then()


def when_arranged(widget: Widget, then: Callable[[], object]) -> None:
    """Call `then` once classes that were given to `widget` or its parts are in the layout, as far as it is drawn.

    The app brings classes into the styles, parts that are larger then say so to their screen, and that lays them out;
    `call_after_refresh` alone may come before the first of these.
    """
    parts = [part for part in widget.walk_children() if part.display]
    after_all([widget.app, *parts, widget.screen] * 2, then)
