"""Values in URLs: as is where a URL begins, checked in its host, percent-encoded behind it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from wizard.errors import ExpressionError
from wizard.templates.text import replaced

if TYPE_CHECKING:
    from wizard.expressions.environment import Environment
    from wizard.templates.scan import Placeholder

_AUTHORITY: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_IN_AUTHORITY: Final = re.compile(r"[A-Za-z0-9._~:\[\]-]+")
_IN_PATH: Final = "/:@!$&'()*+,;="
_NEVER: Final = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]")


class _Place(StrEnum):
    START = "start"
    AUTHORITY = "authority"
    PATH = "path"
    REST = "rest"


def render_url(text: str, env: Environment) -> str:
    """Replace every `${{ … }}` as its place demands.

    A value that begins the URL stays as it is, host and port must be such, a path keeps its slashes, in a
    query or fragment everything is encoded. ExpressionError where a value does not fit its place.
    """
    done: list[str] = []
    at = 0

    def written(value: str, placeholder: Placeholder) -> str:
        nonlocal at
        done.append(text[at : placeholder.start])
        at = placeholder.end
        done.append(_written(value, placeholder, _place("".join(done))))
        return done[-1]

    return replaced(text, env, written)


def _place(before: str) -> _Place:
    if not before:
        return _Place.START
    if "?" in before or "#" in before:
        return _Place.REST
    if _AUTHORITY.fullmatch(before):
        return _Place.AUTHORITY
    return _Place.PATH


def _written(value: str, placeholder: Placeholder, place: _Place) -> str:
    match place:
        case _Place.START:
            if _NEVER.search(value):
                raise ExpressionError(
                    f"{placeholder} begins a URL and holds a character that no URL has: {value!r}", column=1
                )
            return value
        case _Place.AUTHORITY:
            if not _IN_AUTHORITY.fullmatch(value):
                raise ExpressionError(
                    f"{placeholder} stands where a URL names its host or port, and {value!r} is neither", column=1
                )
            return value
        case _Place.PATH:
            return quote(value, safe=_IN_PATH)
        case _Place.REST:
            return quote(value, safe="")
