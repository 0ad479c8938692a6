"""What events of a journal mean to somebody who looks on, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.counting import counted
from wizard.run.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.run.chain import Entry


def is_told(entry: Entry) -> bool:
    """Whether an event has words; all others are for the engine alone."""
    return any(True for _ in journal_words(entry, str))


def journal_words(entry: Entry, name: Callable[[str], str]) -> Iterator[str]:  # noqa: C901, PLR0912 - a case for each
    """The words of an event, line by line, as they stand in it (not cleaned); none for what only the engine needs.

    `name` gives code and title of the step at an address.
    """
    data = entry.data
    match entry.kind:
        case "driver-took":
            yield f"{data['user']} drives (pid {data['pid']})"
        case "handed-over":
            yield f"handed over to {data['heir']['user']} (pid {data['heir']['pid']})"
        case "inbox":
            yield f"note: {data.get('text', '')}"
        case Record.ANSWER_GIVEN:
            yield f"answer {data['id']}: {'(not shown)' if data.get('secret') else data['value']}"
        case Record.CHECKS_ASKED:
            bad = [one["title"] for one in data["findings"] if one["status"] not in ("ok", "note", "skipped")]
            passed = f"not passed: {', '.join(bad)}" if bad else "all passed"
            yield f"{counted(len(data['findings']), 'check')}, {passed}"
        case Record.BYPASSED:
            yield f"bypassed {data['key']}: {data['reason']}"
        case Record.BYPASS_WITHDRAWN:
            yield f"bypass of {data['key']} withdrawn"
        case Record.STEP_BEGAN:
            yield f"{name(data['key'])}: began"
        case Record.ATTEMPT_INTENDED:
            yield from (f"  $ {line}" for line in str(data["shown"]).splitlines())
        case Record.STEP_DONE | Record.STEP_FAILED | Record.STEP_SKIPPED | Record.STEP_UNKNOWN | Record.STEP_UNDONE:
            reason = f" — {data['reason']}" if data.get("reason") else ""
            yield f"{name(data['key'])}: {entry.kind.removeprefix('step-')}{reason}"
        case Record.STOPPED | Record.LEFT:
            yield f"left: {data['reason']}"
        case Record.SESSION_CREATED if data.get("rehearsal"):
            yield "a rehearsal: nothing is changed"
        case Record.RUN_DONE:
            held = f" — {data['reason']}" if data.get("reason") else ""
            yield f"the run is done{held}"
        case Record.UNDO_BEGAN | Record.UNDO_ENDED | Record.SESSION_CLOSED:
            yield entry.kind.replace("-", " ")
        case _:
            return
