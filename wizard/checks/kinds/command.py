"""Commands that only look, judged by exit and output."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.checks.comparing import shown
from wizard.checks.context import Verdict
from wizard.checks.defaults import surroundings
from wizard.facts.kinds.command import last_words
from wizard.facts.looking import command_to_look
from wizard.units import show_duration

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import CommandCheck
    from wizard.host.protocols import Seen

_NOT_STARTED = frozenset({126, 127})
"""Exits by which a shell says that it could not start a program at all."""


def ask_command(inquiry: Inquiry) -> Verdict:
    """Pass where the exit is the one wanted, `output` is found in what it printed, and `never` is not.

    A command that could not be started, or did not end in time, tells nothing.
    """
    model: CommandCheck = inquiry.model
    timeout = inquiry.seconds(model.timeout)
    command = command_to_look(
        model.run,
        inquiry.env,
        where=surroundings(inquiry.context, folder=model.folder is None, user=model.user is None),
        folder=model.folder,
        user=model.user,
        variables=model.env,
        timeout=timeout,
    )
    expected = int(inquiry.number(model.exit))
    seen = inquiry.machine.look(command.look)
    if seen.timed_out or seen.exit is None:
        verdict = Verdict.unknown(f"it did not end within {show_duration(timeout)}", command.shown)
    elif seen.exit in _NOT_STARTED and seen.exit != expected:
        verdict = Verdict.unknown(f"it could not be run (exit {seen.exit}){last_words(seen)}", command.shown)
    elif seen.exit != expected:
        verdict = Verdict.fail(f"exit {seen.exit}, not {expected}{last_words(seen)}", command.shown)
    else:
        verdict = _judged(inquiry, model, seen, command.shown)
    return replace(verdict, secrets=command.secrets)


def _judged(inquiry: Inquiry, model: CommandCheck, seen: Seen, by: str) -> Verdict:
    printed = f"{seen.output}\n{seen.errors}"
    if model.never is not None and (found := re.search(inquiry.regex(model.never), printed, re.MULTILINE)):
        return Verdict.fail(f"exit {seen.exit}, but it printed what must not appear: {shown(found[0])}", by)
    if model.output is not None:
        wanted = inquiry.regex(model.output)
        found = re.search(wanted, printed, re.MULTILINE)
        if found is None:
            lacks = f"exit {seen.exit}, but nothing it printed matches `{wanted}`: {shown(printed.strip())}"
            return Verdict.fail(lacks, by)
        return Verdict.ok(f"exit {seen.exit}, printed {shown(found[0])}", by)
    printed_shown = f": {shown(seen.output.strip())}" if seen.output.strip() else ""
    return Verdict.ok(f"exit {seen.exit}{printed_shown}", by)
