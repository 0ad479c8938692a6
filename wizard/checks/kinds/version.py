"""Versions and the range they must be in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import VersionCheck


def ask_version(inquiry: Inquiry) -> Verdict:
    """Pass where the version is in the range; a text that is no version tells nothing."""
    from wizard.versions import in_range, parse_version

    model: VersionCheck = inquiry.model
    text, wanted = inquiry.text(model.value), inquiry.text(model.in_)
    try:
        version = _by_pattern(text, inquiry.context.loaded.guide.versions.pattern)
        parse_version(version)
    except ValueError as error:
        return Verdict.unknown(str(error), "version")
    return Verdict.of(in_range(version, wanted), f"it is {version}; {wanted} wanted", "version")


def _by_pattern(text: str, pattern: str | None) -> str:
    """The version in `text`: as the guide writes them, or plain (another program's)."""
    from wizard.versions import parse_version

    if pattern is None:
        return text
    try:
        return str(parse_version(text, pattern))
    except ValueError:
        return text
