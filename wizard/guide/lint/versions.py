"""Versions and hops: that they can be read, and that every hop and phase can be reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.versions import in_range, parse_range, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page
    from wizard.guide.models.guide import Hop

MOVING_TARGETS: Final = frozenset({"target", "next_minor", "next_major"})
"""Words for the end of a hop that depend on the run."""

_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)*")


def look(page: Page) -> None:
    """Check versions, ranges, hops, and that each phase is in one."""
    versions = page.guide.versions
    releases = versions.releases if isinstance(versions.releases, list) else []
    for key, texts in (("releases", releases), ("stops", versions.stops)):
        for number, text in enumerate(texts):
            _version(page, ("versions", key, number), text)
    normal = [_normal(page, text) for text in releases]
    if isinstance(versions.releases, list) and not releases:
        page.add(("versions", "releases"), "there is no release in this list", rule="version")
    if not versions.hops:
        page.add(("versions", "hops"), "without a hop there is no way from any version to another", rule="hop")
    for number, hop in enumerate(versions.hops):
        place: DataPath = ("versions", "hops", number)
        if _ends(page, place, hop.from_, hop.to):
            _reached(page, place, hop, [] if None in normal else [text for text in normal if text is not None])
        if not hop.phases:
            page.add((*place, "phases"), "this hop has no phases", rule="hop")
    for number, text in enumerate(versions.stops):
        _stop(page, ("versions", "stops", number), text)
    for number, blocked in enumerate(versions.blocked):
        place = ("versions", "blocked", number)
        _range(page, (*place, "from"), blocked.from_)
        _range(page, (*place, "to"), blocked.to)
        if blocked.from_ is None and blocked.to is None and blocked.when is None:
            page.add(place, "this blocks every path: say `from`, `to` or `when`", rule="hop")
    _phases(page)


def _version(page: Page, place: DataPath, text: str) -> bool:
    if "${{" in text:
        page.add(place, "a version is written out here, without ${{ }}", rule="version")
        return False
    if _normal(page, text) is None:
        message = f"{text!r} is not a version"
        hint = "write numbers with dots, such as 1.4 or 2.10.3, or tell how they look in versions.pattern"
        page.add(place, message, hint=hint, rule="version")
        return False
    return True


def _normal(page: Page, text: str) -> str | None:
    """The normal text of a version, read plainly or by the guide's pattern; None where it is none."""
    for pattern in (None, page.guide.versions.pattern):
        try:
            return str(parse_version(text, pattern))
        except (ValueError, re.error, IndexError):
            continue
    return None


def _range(page: Page, place: DataPath, text: str | None) -> bool:
    if text is None:
        return True
    try:
        parse_range(text)
    except ValueError as error:
        page.add(place, str(error), rule="version-range")
        return False
    return True


def _ends(page: Page, place: DataPath, start: str | None, end: str | None) -> bool:
    starts = _range(page, (*place, "from"), start)
    return (end is None or end in MOVING_TARGETS or _version(page, (*place, "to"), end)) and starts


def _reached(page: Page, place: DataPath, hop: Hop, releases: Sequence[str]) -> None:
    """A hop begins at some version that is below its end, and ends at a release."""
    end = None if hop.to is None or hop.to in MOVING_TARGETS else _normal(page, hop.to)
    if end is not None and releases and not any(_same_line(release, end) for release in releases):
        message = f"this hop is never taken: {end} is not among the releases"
        page.add((*place, "to"), message, hint=f"the releases are: {', '.join(releases)}", rule="hop")
        return
    if hop.from_ is None:
        return
    starts = [version for version in _candidates(hop.from_, releases) if in_range(version, hop.from_)]
    if not starts:
        message = f"this hop is never taken: no version is in the range {hop.from_}"
        page.add((*place, "from"), message, hint="check the two ends of the range", rule="hop")
    elif end is not None and all(parse_version(version) >= parse_version(end) for version in starts):
        message = f"this hop is never taken: nothing in the range {hop.from_} is below {end}"
        page.add((*place, "from"), message, hint="`from` is the range of versions the hop begins at", rule="hop")


def _stop(page: Page, place: DataPath, text: str) -> None:
    """A path that begins below a stop and ends above it needs a hop that leads to the stop."""
    stop = _normal(page, text)
    if stop is None:
        return
    hops = page.guide.versions.hops
    below = [hop for hop in hops if _begins_below(hop, stop)]
    ends = [None if hop.to is None or hop.to in MOVING_TARGETS else _normal(page, hop.to) for hop in hops]
    above = any(end is None or parse_version(end) > parse_version(stop) for end in ends)
    leads = any(end is None or _same_line(end, stop) for hop, end in zip(hops, ends, strict=True) if hop in below)
    if below and above and not leads:
        page.warn(
            place,
            f"no hop leads to the stop {text}, so no path gets past it",
            hint=f'add a hop that ends there, such as {{from: "<{text}", to: "{text}", phases: [...]}}',
            rule="stop",
        )


def _begins_below(hop: Hop, stop: str) -> bool:
    if hop.from_ is None:
        return True
    try:
        starts = [version for version in _candidates(hop.from_, ()) if in_range(version, hop.from_)]
    except ValueError:
        return True
    return any(parse_version(start) < parse_version(stop) and not _same_line(start, stop) for start in starts)


def _same_line(release: str, version: str) -> bool:
    """Whether the version is the release, or a patch level of it (or the other way round)."""
    one, other = str(parse_version(release)).split("."), str(parse_version(version)).split(".")
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _candidates(text: str, releases: Sequence[str]) -> Iterator[str]:
    """Versions in and around the ends of a range, and the releases: one of them is in every range that has any."""
    yield "0"
    yield from releases
    for found in _NUMBERS.findall(text):
        numbers = [int(part) for part in found.split(".")]
        yield found
        for length in range(1, len(numbers) + 1):
            for change in (-1, 1):
                changed = [*numbers[: length - 1], numbers[length - 1] + change]
                if changed[-1] >= 0:
                    yield ".".join(str(part) for part in changed)
        yield f"{found}.0"
        yield f"{found}.1"


def _phases(page: Page) -> None:
    if page.loaded.has_damage(("versions",)):
        return
    used = {phase for hop in page.guide.versions.hops for phase in hop.phases}
    for number, phase in enumerate(page.guide.phases):
        if phase.id not in used:
            message = f"the phase `{phase.id}` is in no hop, so it is never walked"
            page.warn(("phases", number, "id"), message, hint="name it in versions.hops, or remove it", rule="unused")
