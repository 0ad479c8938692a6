"""What `wizard status` says of a session: read from the folder alone, by anybody who may read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from wizard.host.protocols import FoundState
from wizard.run.left_for_later import handed_over, left_to_do
from wizard.run.owed import owed_by
from wizard.run.progress import progress_of, way_to
from wizard.run.session_state import SessionState
from wizard.run.state import State, StepStatus
from wizard.run.way_back import way_back

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.host.protocols import Commands
    from wizard.plan.model import Plan


@dataclass(frozen=True, slots=True)
class StepNow:
    """The step a session stands at."""

    code: str
    id: str
    title: str
    progress: str = ""
    """Where it stands in the loops and rounds around it (`item 3 of 12, batch 2 of 4`); empty outside of any."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """The documented answer of `wizard status --format json`."""

    session: str
    name: str
    guide: str
    state: SessionState
    detail: str
    step: StepNow | None
    driver: dict[str, Any] | None
    reversible: str
    owed: tuple[tuple[str, str], ...]
    by_hand: tuple[tuple[str, str], ...]
    """What was left to be done by hand after the run: code of the step, what and why."""
    away: tuple[tuple[str, str, str], ...]
    """What other people have: code of the step, to whom it was handed, the file with the text for them."""
    next: tuple[str, ...]
    created: str
    changed: str
    rehearsal: bool
    closed: str
    """Why it was closed; empty while it is open."""
    damaged: str
    """Where the journal is damaged; empty where it is whole."""
    procedures: tuple[tuple[str, str], ...] = ()
    """Those that can be called now: name and title."""
    read_only: str = ""
    """Why it can only be watched from here; empty where it can be driven."""

    @property
    def words(self) -> str:
        """The state for people: that of a rehearsal never reads as if something had been done."""
        return state_words(self.state, rehearsal=self.rehearsal)

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def status_of(
    folder: Path,
    state: State,
    plan: Plan | None,
    *,
    driver: dict[str, Any] | None,
    commands: Commands,
    offered: tuple[tuple[str, str], ...] = (),
    damaged: str = "",
    read_only: str = "",
) -> SessionStatus:
    """Work out the status; `driver` says who holds the session now, None where nobody does.

    `offered` are the procedures that can be called now (name and title), `damaged` where the journal is not whole,
    `read_only` why the session can only be watched from here. A session nobody drives is not what its last event
    says: what runs on is running, what was begun and left no end is unknown.
    """
    word = state.word
    if driver is None and state.walking and word in (SessionState.RUNNING, SessionState.WAITING):
        seen = _undriven(folder, state, commands)
        word = word if (word, seen) == (SessionState.WAITING, SessionState.STOPPED) else seen
    elif driver is not None and word in (SessionState.STOPPED, SessionState.FAILED, SessionState.WAITING):
        word = word if state.closed else SessionState.RUNNING
    return SessionStatus(
        session=folder.name,
        name=state.name,
        guide=state.guide,
        state=word,
        detail=state.detail,
        step=_step_now(plan, state),
        driver=driver,
        reversible=reversible(plan, state, damaged),
        owed=owed_by(plan, state) if plan is not None else (),
        by_hand=left_to_do(state),
        away=handed_over(state),
        next=next_steps(plan, state, word, driver=driver, offered=offered, read_only=read_only),
        created=state.created_at,
        changed=state.last_at,
        rehearsal=state.rehearsal,
        closed=state.closed,
        damaged=damaged,
        procedures=offered,
        read_only=read_only,
    )


def reversible(plan: Plan | None, state: State, damaged: str, *, titles: bool = True) -> str:
    """The way back in words (`way_back`); a journal of which a part cannot be read promises none."""
    if damaged:
        return "whether one can go back is not known, because the journal is damaged"
    if plan is not None:
        return way_back(plan, state, titles=titles)
    fixed = any(key.startswith("fix/") and step.touched for key, step in state.steps.items())
    return "no step was begun; what a fix changed stays" if fixed else "nothing has been changed"


def state_words(state: str, *, rehearsal: bool) -> str:
    """A state for people: `rehearsed` for a rehearsal that is done, `rehearsal, stopped` for one that was left."""
    if not rehearsal:
        return str(state)
    return "rehearsed" if state == SessionState.DONE else f"rehearsal, {state}"


def _undriven(folder: Path, state: State, commands: Commands) -> SessionState:
    """What a session is whose driver is gone without a word."""
    open_steps = [step for step in state.steps.values() if step.status in (StepStatus.RUNNING, StepStatus.UNKNOWN)]
    if any(step.status is StepStatus.UNKNOWN for step in open_steps):
        return SessionState.UNKNOWN
    attempt = next((step.attempt for step in open_steps if step.attempt and step.attempt.exit is None), None)
    if attempt is None:
        return SessionState.STOPPED
    match commands.find(folder / "attempts" / attempt.id, void=False).state:
        case FoundState.RUNNING:
            return SessionState.RUNNING
        case FoundState.UNKNOWN:
            return SessionState.UNKNOWN
        case _:
            return SessionState.STOPPED


def _step_now(plan: Plan | None, state: State) -> StepNow | None:
    if plan is None or not state.current:
        return None
    way = way_to(plan, state.current.removeprefix("undo/"))
    return StepNow(way[-1].code, way[-1].id, way[-1].title, progress_of(way)) if way else None


def next_steps(
    plan: Plan | None,
    state: State,
    word: SessionState,
    *,
    driver: dict[str, Any] | None = None,
    offered: tuple[tuple[str, str], ...] = (),
    read_only: str = "",
) -> tuple[str, ...]:
    """What the operator can do, as commands without `wizard`."""
    if read_only:
        return ("watch", "report", "bundle")
    if driver is not None:
        return ("watch", "resume --take-over")
    if state.closed:
        return ("report", "bundle")
    if state.rehearsal:
        # Nothing was done, so nothing can be undone or called; one that was left can be gone on with.
        return ("report", "bundle") if word is SessionState.DONE else ("resume", "report", "bundle", "close")
    calls = tuple(f"call {name}" for name, _ in offered)
    undo = ("undo",) if plan is not None and _something_to_undo(plan, state) else ()
    match word:
        case SessionState.DONE:
            return ("report", *calls, *undo, "bundle")
        case SessionState.UNDONE:
            return ("resume", "report", "bundle", "close")
        case SessionState.ASKING | SessionState.CHECKING | SessionState.PLANNED:
            return ("resume", "close")
        case _:
            return ("resume", *undo, *calls, "report", "bundle", "close")


def _something_to_undo(plan: Plan, state: State) -> bool:
    """Whether the machine was changed by anything that lies behind no point of no return."""
    from wizard.run.units import undoable

    return any(state.touched(step.key) for step in undoable(plan, state, "run"))
