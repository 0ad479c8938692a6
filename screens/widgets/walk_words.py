"""Where the run stands in a few words, what is odd or waits in a line, and the line over the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from screens.widgets.fitted import shortened
from screens.widgets.run_header import clock
from screens.widgets.step_list import status_words
from wizard.plain.clean import clean_line
from wizard.run.session_state import SessionState
from wizard.units import show_duration

if TYPE_CHECKING:
    from wizard.plan.model import PlannedStep
    from wizard.run.session_view import AttemptSeen, SessionView


def standing(view: SessionView, step: PlannedStep | None) -> tuple[str, str, str, str]:
    """Where the run stands, for the layout for sharing: code, title, state, way back; `step` is where it stands."""
    code, title = (step.code, step.title) if step is not None else ("", view.words)
    state = status_words(view.status(view.now)) if step is not None else view.words
    if view.asking is not None:
        state = f"{state}, waits for a word: {view.asking.title}"
    return code, title, state, view.way_back_in_short


def says(view: SessionView, *, here: bool, lost: str = "", notice: str = "", warned: str = "") -> tuple[str, str]:
    """What somebody must not overlook, and how it looks (`bad`, `warning`, `quiet`); empty where there is nothing.

    `here`: this wizard drives; `lost`: why the session cannot be followed any more; `notice`: what the engine says
    of the running command; `warned`: what it warned of last.
    """
    if lost:
        return f"This is not followed any more: {clean_line(lost)}", "bad"
    if view.damaged:
        return f"The session is damaged: {clean_line(view.damaged)}", "bad"
    running = view.running
    if odd := " ".join(dict.fromkeys(filter(None, [running.notice if running is not None else "", notice]))):
        return f"! {_code(view)}{clean_line(odd)}", "warning"
    if warned:
        return f"! {clean_line(warned)}  (l: log)", "warning"
    if here:
        return "", ""
    if view.asking is not None:
        return f"Waits for a word of the driver: {clean_line(view.asking.title)}", "warning"
    if view.driver is None:
        return _undriven(view), "warning" if view.word is not SessionState.DONE else "quiet"
    return "", ""


def _undriven(view: SessionView) -> str:
    if view.closed:
        return f"Nobody drives: the session is closed ({clean_line(view.closed)})."
    if view.word in (SessionState.DONE, SessionState.UNDONE):
        return f"Nobody drives any more: the run is {view.words}."
    if view.running is not None and view.running.attempt:
        return "Nobody drives, and the command runs on. r goes on with it."
    detail = f" ({clean_line(view.detail)})" if view.detail else ""
    return f"Nobody drives: {view.words}{detail}. r goes on with it."


def _code(view: SessionView) -> str:
    if view.running is None or view.plan is None:
        return ""
    from wizard.plan.steps import find_step

    found = find_step(view.plan, view.running.key)
    return f"{found.code}: " if found is not None else ""


def beside_words(key: str) -> str:
    """What a command was that belongs to no step of the plan, by the address it was started for."""
    kind, _, name = clean_line(key).partition("/")
    return f"the fix of the check {name}" if kind == "fix" and name else clean_line(key)


def output_line(attempt: AttemptSeen, name: str, view: SessionView, now: float, width: int) -> str:
    """Whose output it is, and how the command does; of `name`, code and title of its step, what `width` leaves."""
    return output_words(attempt, shortened(name, width - cell_len(output_words(attempt, "", view, now))), view, now)


def output_words(attempt: AttemptSeen, name: str, view: SessionView, now: float) -> str:
    """Whose output it is, and how the command does; `name` is code and title of its step."""
    running = view.running
    if attempt.open and running is not None and running.attempt == attempt.id:
        usual = f", usually {show_duration(running.takes)}" if running.takes else ""
        return f"─── Output of {name}: running {clock(max(0.0, now - running.since))}{usual}"
    if attempt.open:
        beside = any(key == attempt.key for key, _, _ in view.background)
        how = "running beside the walk" if beside else "no end yet"
        return f"─── Output of {name}: {'has ended' if attempt.key in view.ended_untold else how}"
    took = f" after {show_duration(attempt.seconds)}" if attempt.seconds is not None and attempt.seconds >= 1 else ""
    return f"─── Output of {name}: {clean_line(attempt.how)}{took}"
