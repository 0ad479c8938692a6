"""The ends of a command: from its exit and output to a verdict. Judging again gives the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from wizard.counting import counted
from wizard.units import parse_duration, parse_size, show_size

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Step
    from wizard.guide.models.steps import Capture
    from wizard.host.protocols import Exit
    from wizard.run.spool import Spool


class VerdictKind(StrEnum):
    """What an end means for the attempt; `done_when` still judges the machine."""

    DONE = "done"
    ALREADY_DONE = "already_done"
    FAILED = "failed"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one attempt. `after` (seconds) and `times` belong to a retry."""

    kind: VerdictKind
    why: str
    advice: tuple[tuple[str, str], ...] = ()
    """What is known about this failure: (what it means, what mends it)."""
    captured: dict[str, Any] = field(default_factory=dict)
    after: float = 0.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class _Known:
    """One known end, rendered."""

    exits: tuple[int, ...] | None
    output: str | None
    means: VerdictKind
    after: float
    times: int
    say: str


@dataclass(frozen=True, slots=True)
class Ends:
    """How the ends of a step's command are judged, rendered from the snapshot."""

    exits: tuple[int, ...] = (0,)
    output: str | None = None
    never: str | None = None
    count: tuple[tuple[str, int], ...] = ()
    outcomes: tuple[_Known, ...] = ()
    errors: tuple[tuple[str, str, str], ...] = ()
    captures: tuple[tuple[str, str, Capture | None], ...] = ()


def ends_of(step: Step, env: Environment) -> Ends:
    """Render what a step says about its ends."""
    from wizard.templates import render_regex, render_text

    expect = step.expect
    outcomes = tuple(
        _Known(
            exits=None if known.exit is None else _exits(known.exit),
            output=None if known.output is None else render_regex(known.output, env),
            means=VerdictKind(known.means),
            after=parse_duration(known.after) if known.after else 0.0,
            times=int(known.times) if known.times is not None else 3,
            say=render_text(known.say, env) if known.say else "",
        )
        for known in step.outcomes
    )
    errors = tuple(
        (render_regex(known.match, env), render_text(known.say, env), render_text(known.fix, env) if known.fix else "")
        for known in step.known_errors
    )
    captures = tuple(
        (
            name,
            render_regex(rule if isinstance(rule, str) else rule.match, env),
            None if isinstance(rule, str) else rule,
        )
        for name, rule in step.capture.items()
    )
    if expect is None:
        return Ends(outcomes=outcomes, errors=errors, captures=captures)
    return Ends(
        exits=_exits(expect.exit),
        output=None if expect.output is None else render_regex(expect.output, env),
        never=None if expect.never is None else render_regex(expect.never, env),
        count=tuple((render_regex(pattern, env), int(number)) for pattern, number in expect.count.items()),
        outcomes=outcomes,
        errors=errors,
        captures=captures,
    )


def _exits(value: int | str | Sequence[int | str]) -> tuple[int, ...]:
    if isinstance(value, (int, str)):
        return (int(value),)
    return tuple(int(one) for one in value)


def ending(end: Exit) -> str:
    """Say in words how a command ended, and how much of what it printed is lost (a full disk, or the cap)."""
    if end.exec_error:
        return f"it could not be started: {end.exec_error}"
    by = {"operator": " after it was stopped", "timeout": " after its time was over"}.get(end.stopped_by, "")
    if end.lost_bytes:
        by += f" ({show_size(end.lost_bytes)} of its output could not be kept)"
    if end.signal is not None:
        return f"ended by signal {end.signal}{by}"
    return f"ended with exit {end.code}{by}"


def judge(end: Exit, spool: Spool, ends: Ends) -> Verdict:
    """Judge an attempt: known outcomes first, then what is expected, then what is captured."""
    if (known := judge_known(end, spool, ends)) is not None:
        return known
    if why := _unexpected(end, spool, ends):
        return Verdict(VerdictKind.FAILED, why, advice_on(spool, ends))
    captured = _capture(spool, ends)
    if isinstance(captured, str):
        return Verdict(VerdictKind.FAILED, captured)
    return Verdict(VerdictKind.DONE, ending(end), (), captured)


def judge_known(end: Exit, spool: Spool, ends: Ends) -> Verdict | None:
    """Judge an attempt by the ends the guide knows; None where it is none of them."""
    for known in ends.outcomes:
        if (known.exits is None or end.code in known.exits) and (known.output is None or spool.search(known.output)):
            why = known.say or f"{ending(end)}, which this guide knows as {known.means.value.replace('_', ' ')}"
            advice = advice_on(spool, ends) if known.means is VerdictKind.FAILED else ()
            captured = _capture(spool, ends) if known.means is VerdictKind.DONE else {}
            if isinstance(captured, str):
                return Verdict(VerdictKind.FAILED, captured)
            return Verdict(known.means, why, advice, captured, known.after, known.times)
    return None


def judge_asked_for(end: Exit, spool: Spool, ends: Ends) -> Verdict:
    """Judge an end that was asked for: however a stopped command ends is well, but for what it printed."""
    as_wanted = replace(end, code=ends.exits[0] if ends.exits else 0, signal=None, stopped_by="")
    if why := _unexpected(as_wanted, spool, ends):
        return Verdict(VerdictKind.FAILED, why.replace(ending(as_wanted), "it was stopped", 1), advice_on(spool, ends))
    captured = _capture(spool, ends)
    if isinstance(captured, str):
        return Verdict(VerdictKind.FAILED, captured)
    return Verdict(VerdictKind.DONE, "it was stopped", (), captured)


def advice_on(spool: Spool, ends: Ends) -> tuple[tuple[str, str], ...]:
    """What the guide knows about a failure: (what it means, what mends it)."""
    return tuple((say, fix) for pattern, say, fix in ends.errors if spool.search(pattern))


def _unexpected(end: Exit, spool: Spool, ends: Ends) -> str:
    """What speaks against a good end; empty where nothing does."""
    if end.exec_error:
        return ending(end)
    if end.stopped_by.startswith("watch:"):
        return "it was stopped, because it printed what must never appear"
    if end.code not in ends.exits:
        wanted = " or ".join(str(code) for code in ends.exits)
        return f"{ending(end)}; expected was exit {wanted}"
    if ends.never is not None and (found := spool.search(ends.never)):
        return f"{ending(end)}, but it printed what must never appear: {_short(_line_of(found))}"
    if ends.never is not None and end.lost_bytes:
        return f"{ending(end)}, so it is not known whether it printed what must never appear"
    if ends.output is not None and not spool.search(ends.output):
        return f"{ending(end)}, but it did not print what says that it worked: {ends.output}"
    for pattern, number in ends.count:
        seen = len(spool.matches(pattern))
        if seen != number:
            return f"{ending(end)}, but {pattern} was printed {counted(seen, 'time')}, not {number}"
    return ""


def _capture(spool: Spool, ends: Ends) -> dict[str, Any] | str:
    """The captured values, or why the step failed for want of one."""
    captured: dict[str, Any] = {}
    for name, pattern, rule in ends.captures:
        found = [match[1] if match.re.groups else match[0] for match in spool.matches(pattern)]
        if not found:
            if rule is None or not rule.optional:
                return f"it ended well, but {name} could not be read from its output ({pattern})"
            continue
        kind = "text" if rule is None else rule.as_
        try:
            values = [_typed(text.strip(), kind) for text in found]
        except ValueError as error:
            return f"it ended well, but {name} could not be read: {error}"
        captured[name] = values if rule is not None and rule.all else values[0]
    return captured


def _typed(text: str, kind: str) -> Any:
    match kind:
        case "number":
            return float(text) if "." in text else int(text)
        case "size":
            return parse_size(text)
        case "version":
            from wizard.versions import parse_version

            return str(parse_version(text))
        case _:
            return text


def _line_of(found: re.Match[str]) -> str:
    """The line a match stands in, or begins in: a word of it alone does not tell what happened."""
    begin = found.string.rfind("\n", 0, found.start()) + 1
    end = found.string.find("\n", found.start())
    return found.string[begin : end if end >= 0 else None]


def _short(text: str, limit: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


__all__ = [
    "Ends",
    "Verdict",
    "VerdictKind",
    "advice_on",
    "ending",
    "ends_of",
    "judge",
    "judge_asked_for",
    "judge_known",
]
