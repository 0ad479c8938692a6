"""Lines of a log since the step or the run began."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.checks.comparing import shown
from wizard.checks.context import Verdict
from wizard.errors import HostError
from wizard.facts.files import READ_LIMIT, as_text
from wizard.facts.looking import base_environment
from wizard.host.protocols import Look
from wizard.units import show_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.checks.context import CheckContext, Inquiry
    from wizard.guide.models.checks import LogCheck
    from wizard.host.protocols import Machine

SLICE: Final = 2 << 20
"""Bytes of a large log that are looked at in one go."""

MOST: Final = 512 << 20
"""Bytes after which a log is not searched any further."""

_READ_SLICE: Final = 'tail -c "+$1" -- "$2" | head -c "$3"'


def ask_log(inquiry: Inquiry) -> Verdict:
    """Pass where a line matches `match` and none matches `never`, among those written since then.

    Patterns are held against each line. A log that is not there fails a `match`, and tells nothing about `never`.
    """
    model: LogCheck = inquiry.model
    path = inquiry.path(model.file)
    if model.match is None and model.never is None:
        return Verdict.unknown("the check says neither `match` nor `never`", path)
    facts = inquiry.machine.stat(path)
    if not facts.exists:
        if model.match is not None:
            return Verdict.fail("there is no such log", path)
        return Verdict.unknown("there is no such log", path)
    began = offset_of(inquiry.context, model.since, path)
    if began is None:
        why = f"where the log stood when the {model.since} began was not noted: `since: start` reads all of it"
        return Verdict.unknown(why, path)
    anew = began > facts.size
    wanted = re.compile(inquiry.regex(model.match)) if model.match is not None else None
    never = re.compile(inquiry.regex(model.never)) if model.never is not None else None
    matched = ""
    for line in _lines(inquiry, path, 0 if anew else began, facts.size):
        if never is not None and never.search(line):
            return Verdict.fail(f"it says what must not appear: {shown(line)}", path)
        if wanted is not None and not matched and wanted.search(line):
            matched = line
            if never is None:
                break
    read = show_size(facts.size if anew else facts.size - began)
    how = f"{read} since the {model.since}{', the log was begun anew' if anew else ''}"
    if wanted is None:
        return Verdict.ok(f"nothing of it is there ({how})", path)
    seen = f"it says {shown(matched)}" if matched else f"no line matches `{wanted.pattern}`"
    return Verdict.of(bool(matched), f"{seen} ({how})", path)


def offset_of(context: CheckContext, since: str, path: str) -> int | None:
    """Give the byte from which on the log counts; None where it was not noted, so that old lines never pass for new."""
    if since == "start":
        return 0
    offsets = context.log_offsets if since == "step" else context.run_log_offsets
    return offsets.get(path)


def _lines(inquiry: Inquiry, path: str, begin: int, end: int) -> Iterator[str]:
    rest = ""
    for text in slices(inquiry.machine, path, begin, end):
        *whole, rest = (rest + text).split("\n")
        yield from whole
    if rest:
        yield rest


def slices(machine: Machine, path: str, begin: int, end: int) -> Iterator[str]:
    """The text of a log between two bytes, a few MiB at a time. HostError where it cannot be read."""
    if end <= READ_LIMIT:
        yield as_text(machine.read(path, READ_LIMIT)[begin:])
        return
    if end - begin > MOST:
        raise HostError(f"{path} grew by {show_size(end - begin)}, more than can be searched")
    for place in range(begin, end, SLICE):
        words = ("bash", "-c", _READ_SLICE, "look", str(place + 1), path, str(min(SLICE, end - place)))
        seen = machine.look(Look(words, environment=base_environment(), timeout=60.0))
        if seen.exit != 0:
            raise HostError(f"{path} cannot be read: {seen.errors.strip() or 'no reason given'}")
        yield seen.output
