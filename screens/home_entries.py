"""What home lists, in words: sessions and guides, and what can be done with each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from wizard.counting import counted
from wizard.plain.clean import clean, clean_line
from wizard.run.session_state import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from screens.engine import Job
    from wizard.assemble import FrontEnd
    from wizard.errors import ExitCode
    from wizard.guide.catalog import CatalogEntry
    from wizard.looking import SeenSessions
    from wizard.run.status import SessionStatus

DEMO: Final = "demo"
"""Id of the guide that needs a playground, which `wizard demo` sets up."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Home was left to look on at a session."""

    session: str


Chosen: TypeAlias = "Job | Watch | None"
"""What home gives: something for the engine to do, a session to look on at, or None to leave."""


class Deed(StrEnum):
    """What can be done with an entry."""

    RESUME = "resume"
    WATCH = "watch"
    TAKE_OVER = "take over"
    UNDO = "undo"
    CALL = "call"
    REPORT = "report"
    BUNDLE = "bundle"
    CLOSE = "close"
    BEGIN = "begin"
    REHEARSE = "rehearse"
    DEMO = "demo"
    DEMO_ANEW = "demo anew"
    OUTLINE = "outline"
    COMMANDS = "commands"
    PROBLEMS = "problems"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be done: the key, a label of one or two words, a sentence, and what a reason is asked for."""

    deed: Deed
    key: str
    label: str
    words: str
    name: str = ""
    """Name of the procedure that is called."""
    asks: str = ""
    sure: str = ""
    """What is said before one is asked whether one is sure; empty where that is not asked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session or a guide: its lines, the first of which is its title, and what can be done, the usual thing first.

    `sign` is one character that says, together with the words, how it is.
    """

    id: str
    subject: str
    sign: str
    title: str
    lines: tuple[str, ...]
    offers: tuple[Offer, ...]
    known_as: str = ""
    """Words it is found by besides those that are shown."""

    @property
    def text(self) -> str:
        """All words it is found by, in small letters."""
        return "\n".join((self.title, *self.lines, self.known_as)).lower()

    def offer(self, deed: Deed) -> Offer | None:
        """What is offered of one kind; None where it is not."""
        return next((offer for offer in self.offers if offer.deed is deed), None)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the list: its heading and its entries."""

    heading: str
    entries: tuple[Entry, ...]


# -- sessions ------------------------------------------------------------------------------------

_OVER: Final = frozenset({SessionState.DONE, SessionState.UNDONE})

_BUNDLE: Final = Offer(Deed.BUNDLE, "b", "Bundle", "Make one file of it for support, without secrets.")

_SIGNS: Final[dict[SessionState, str]] = {
    SessionState.ASKING: "…",
    SessionState.CHECKING: "…",
    SessionState.PLANNED: "…",
    SessionState.RUNNING: "▶",
    SessionState.WAITING: "▶",
    SessionState.STOPPED: "■",
    SessionState.FAILED: "✗",
    SessionState.UNKNOWN: "?",
    SessionState.UNDONE: "↶",
    SessionState.DONE: "✓",
}


def session_parts(seen: SeenSessions, now: datetime) -> Iterator[Part]:
    """The sessions: those that need somebody, those that somebody drives, those that are over, the unreadable ones."""
    needing, driven, over = [], [], []
    for one in seen.statuses:
        entry = session_entry(one, now)
        if one.closed or one.state in _OVER:
            over.append(entry)
        elif one.driver is not None:
            driven.append(entry)
        else:
            needing.append(entry)
    unreadable = [
        Entry(f"session {name}", name, "!", f"{name}  cannot be read", tuple(clean(reason).splitlines()), (_BUNDLE,))
        for name, reason in seen.unreadable
    ]
    yield Part("Sessions that need somebody", (*needing, *unreadable))
    yield Part("Sessions that somebody drives", tuple(driven))
    yield Part("Sessions that are over", tuple(over))


def session_entry(one: SessionStatus, now: datetime) -> Entry:
    """A session in three or four lines."""
    at = f" at {one.step.code} {clean_line(one.step.title)}" if one.step and one.state is not SessionState.DONE else ""
    title = f"{one.session}{f' ({clean_line(one.name)})' if one.name else ''}"
    state = f"closed: {clean_line(one.closed)}" if one.closed else f"{_state_words(one)}{at}, {when(one.changed, now)}"
    lines = [state]
    if one.step and one.step.progress:
        lines.append(one.step.progress)
    detail = clean_line(" · ".join(one.detail.splitlines())).removeprefix(f"{at.removeprefix(' at ')}: ")
    if detail and not one.closed and detail not in state:
        lines.append(detail)
    if not one.closed and one.state not in _OVER:
        lines.append(f"{driver_words(one.driver)} · {clean_line(one.reversible)}")
    elif one.procedures and not one.closed:
        lines.append(f"offers {counted(len(one.procedures), 'procedure')}")
    if one.owed:
        lines.append(f"owed: {'; '.join(clean_line(f'{code} {what}') for code, what in one.owed)}")
    if one.by_hand:
        lines.append(f"{counted(len(one.by_hand), 'thing')} left to do by hand")
    if one.read_only:
        lines.append(f"it cannot be driven from here: {clean_line(one.read_only)}")
    if one.damaged:
        lines.append(f"its journal is damaged: {clean_line(one.damaged)}")
    return Entry(
        id=f"session {one.session}",
        subject=one.session,
        sign="■" if one.closed else _SIGNS[one.state],
        title=title,
        lines=tuple(lines),
        offers=tuple(_session_offers(one)),
    )


def _state_words(one: SessionStatus) -> str:
    if one.rehearsal:
        return one.words
    match one.state:
        case SessionState.ASKING:
            return "left while questions were asked" if one.driver is None else "questions are asked"
        case SessionState.CHECKING:
            return "left while checks were asked" if one.driver is None else "checks are asked"
        case SessionState.PLANNED:
            return "planned, not begun"
        case SessionState.RUNNING if one.driver is None:
            return "a command runs on alone"
        case SessionState.UNKNOWN:
            return "outcome unknown"
        case _:
            return str(one.state)


def driver_words(driver: dict[str, Any] | None) -> str:
    """Who drives."""
    if driver is None:
        return "nobody drives"
    user, origin, terminal = (clean_line(str(driver.get(name) or "")) for name in ("user", "from", "terminal"))
    words = [
        user or "somebody",
        "drives",
        *(["from", origin] if origin else []),
        *(["on", terminal] if terminal else []),
    ]
    return " ".join(words)


def when(moment: str, now: datetime) -> str:
    """A moment of the journal (ISO, UTC) in the time zone of `now`: `today at 22:04`, `on 2026-03-01 at 22:04`."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return "at an unknown time"
    local = (then if then.tzinfo else then.replace(tzinfo=UTC)).astimezone(now.tzinfo)
    match (now.date() - local.date()).days:
        case 0:
            day = "today"
        case 1:
            day = "yesterday"
        case _:
            day = f"on {local:%Y-%m-%d}"
    return f"{day} at {local:%H:%M}"


_CALLED: Final = "It begins at once; one that takes the run back first says what it will do, and asks again."


def _session_offers(one: SessionStatus) -> Iterator[Offer]:
    """What the engine says can be done next, with keys."""
    titles = dict(one.procedures)
    damage = "Why it is gone on with although its journal is damaged" if one.damaged else ""
    return filter(None, (offer_of(words, titles, damage=damage) for words in one.next))


def offer_of(words: str, titles: Mapping[str, str], *, damage: str = "") -> Offer | None:
    """What a command of `SessionStatus.next` offers; None where that is nothing for a screen.

    `titles` are those of the procedures, by their names; `damage` asks why a damaged session is gone on with.
    """
    match words.split():
        case ["watch"]:
            return Offer(Deed.WATCH, "v", "Watch", "Look on; nothing is touched.")
        case ["resume", "--take-over"]:
            say = "Ask the driver for it; a key of theirs refuses."
            return Offer(Deed.TAKE_OVER, "t", "Take over", say, asks=damage)
        case ["resume"]:
            return Offer(Deed.RESUME, "r", "Resume", "Go on from where it stands.", asks=damage)
        case ["undo"]:
            # The engine says what that would undo, and asks.
            return Offer(Deed.UNDO, "u", "Undo", "Take back what it did; it asks first.", asks=damage)
        case ["call", name]:
            title = clean_line(titles.get(name, name))
            return Offer(Deed.CALL, "", "Call", title, name, damage, sure=f"{title}. {_CALLED}")
        case ["report"]:
            return Offer(Deed.REPORT, "p", "Report", "Read what was done, and save it.")
        case ["bundle"]:
            return _BUNDLE
        case ["close"]:
            say = "End it for good; nothing is undone, all stays readable."
            return Offer(Deed.CLOSE, "c", "Close", say, asks="Why it is closed")
        case _:
            return None


# -- guides --------------------------------------------------------------------------------------

_OUTLINE: Final = Offer(Deed.OUTLINE, "o", "Outline", "Read its phases and steps; nothing is run.")
_COMMANDS: Final = Offer(Deed.COMMANDS, "m", "Commands", "Read every command it can run; nothing is run.")
_BEGIN: Final = Offer(Deed.BEGIN, "b", "Begin", "Ask, check and plan; you say when it starts.")
_REHEARSE: Final = Offer(Deed.REHEARSE, "e", "Rehearse", "Walk through it; nothing that changes is run.")
_DEMO: Final = Offer(Deed.DEMO, "d", "Demo", "Set up a small real service and upgrade it.")
_DEMO_ANEW: Final = Offer(Deed.DEMO_ANEW, "a", "Demo anew", "Set it up from new; an earlier demo is closed.")


def guide_entry(one: CatalogEntry) -> Entry:
    """A guide in two lines; one that cannot be used with its first problem."""
    if one.problem:
        problems = Offer(Deed.PROBLEMS, "x", "Problems", "Read every problem of it, with its line.")
        file = Path(one.source)
        problem = clean_line(one.problem).replace(f"{file.parent}/", "", 1)
        title = f"{clean_line(one.id)}  cannot be used"
        return Entry(f"guide {one.source}", one.source, "✗", title, (problem, str(file)), (problems,))
    begin = (_DEMO, _DEMO_ANEW) if one.id == DEMO else (_BEGIN, _REHEARSE)
    title = f"{clean_line(one.product)}  {clean_line(one.versions)}"
    return Entry(
        id=f"guide {one.source}",
        subject=one.source,
        sign=" ",
        title=title,
        lines=(clean_line(one.summary),),
        offers=(*begin, _OUTLINE, _COMMANDS),
        known_as=clean_line(f"{one.id} {one.title}"),
    )


def guide_part(guides: Sequence[CatalogEntry]) -> Part:
    """The guides; those that cannot be used come last."""
    usable_first = sorted(guides, key=lambda one: bool(one.problem))
    return Part("Guides", tuple(map(guide_entry, usable_first)))


# -- what a choice means -------------------------------------------------------------------------


def job_of(offer: Offer, subject: str, reason: str) -> Job | Watch | None:
    """What the engine is to do for an offer; None where home does it itself (reading, closing)."""
    match offer.deed:
        case Deed.WATCH:
            return Watch(subject)
        case Deed.RESUME | Deed.TAKE_OVER | Deed.UNDO | Deed.CALL:
            return _session_job(offer, subject, reason)
        case Deed.BEGIN | Deed.REHEARSE:
            return _guide_job(subject, rehearse=offer.deed is Deed.REHEARSE)
        case Deed.DEMO | Deed.DEMO_ANEW:
            return _demo_job(again=offer.deed is Deed.DEMO_ANEW)
        case Deed.REPORT | Deed.BUNDLE | Deed.CLOSE | Deed.OUTLINE | Deed.COMMANDS | Deed.PROBLEMS:
            return None
        case _:
            assert_never(offer.deed)


def _session_job(offer: Offer, session: str, reason: str) -> Job:
    def work(front_end: FrontEnd) -> ExitCode:
        from wizard.assemble import Resume, call_procedure, go_on, undo_session

        request = Resume(session, take_over=offer.deed is Deed.TAKE_OVER, accept_broken=reason)
        match offer.deed:
            case Deed.UNDO:
                return undo_session(request, front_end, step=None, phase=None)
            case Deed.CALL:
                return call_procedure(request, front_end, procedure=offer.name)
            case _:
                return go_on(request, front_end)

    return work


def _guide_job(guide: str, *, rehearse: bool) -> Job:
    def work(front_end: FrontEnd) -> ExitCode:
        from wizard.assemble import Begin, begin

        return begin(Begin(guide, rehearse=rehearse), front_end)

    return work


def _demo_job(*, again: bool) -> Job:
    def work(front_end: FrontEnd) -> ExitCode:
        from wizard.demo import play

        return play((), front_end, alone=False, again=again)

    return work
