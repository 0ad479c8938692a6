"""What Textual keeps of widgets that are gone, let go of.

The names are Textual's own and not promised: where another release has them no more, nothing is done, and a long walk
takes more memory.
"""

from __future__ import annotations


def forget_painted_rows() -> None:
    """Empty the cache whose entries each keep a widget's painter, and with it all its painted rows.

    It is an `lru_cache(1024)` on a method: of a walk it would hold what the last five hundred commands had on their
    screens.
    """
    try:
        from textual._styles_cache import StylesCache
    except ImportError:
        return
    clear = getattr(getattr(StylesCache, "get_inner_outer", None), "cache_clear", None)
    if clear is not None:
        clear()
