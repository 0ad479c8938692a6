"""Facts from what a command prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.expressions import ABSENT
from wizard.facts.errors import ReadingError
from wizard.facts.looking import command_to_look
from wizard.facts.reading import Raw
from wizard.units import parse_duration, show_duration

if TYPE_CHECKING:
    from wizard.facts.reading import Asking
    from wizard.host.protocols import Seen


def read_command(asking: Asking) -> Raw:
    """Give the trimmed text of standard output (`match` sees it too); absent where nothing was printed.

    ReadingError where it ends unlike `expect_exit` or not in time.
    """
    from wizard.templates import render_text

    fact = asking.fact
    assert fact.command is not None  # noqa: S101 - the kind says so
    timeout = parse_duration(render_text(fact.timeout, asking.env))
    command = command_to_look(
        fact.command,
        asking.env,
        where=asking.where,
        folder=fact.folder,
        user=fact.user,
        variables=fact.env,
        timeout=timeout,
    )
    seen = asking.machine.look(command.look)
    if seen.timed_out or seen.exit is None:
        raise ReadingError(f"`{command.shown}` did not end within {show_duration(timeout)}")
    expected = int(render_text(str(fact.expect_exit), asking.env))
    if seen.exit != expected:
        raise ReadingError(f"`{command.shown}` ended with exit {seen.exit}, not {expected}{last_words(seen)}")
    text = seen.output.strip()
    return Raw(
        text or ABSENT,
        command.shown,
        "" if text else "it printed nothing",
        text=text,
        secrets=command.secrets,
    )


def last_words(seen: Seen) -> str:
    """The last line of what a command complained, for the end of a sentence."""
    lines = (seen.errors.strip() or seen.output.strip()).splitlines()
    return f": {lines[-1].strip()[:200]}" if lines else ""
