"""Holds a session as its one driver, with everything a run needs beside it.

Which implementation of the engine's protocols serves a run is decided here: the machine, its commands (or none, in a
rehearsal), the clock, and the front end as others see it.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wizard.errors import Gone
from wizard.looking import frozen_plan
from wizard.run.context import Recorder, Run, Secrets
from wizard.run.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.guide.loader import LoadedGuide
    from wizard.run.chain import Entry
    from wizard.run.driver import Driver
    from wizard.run.effects import Effects
    from wizard.run.operator import Operator
    from wizard.run.session import Session


@contextmanager
def driving(
    session: Session,
    loaded: LoadedGuide,
    operator: Operator,
    *,
    rehearsal: bool = False,
    take_over: bool = False,
    accept_broken: str = "",
) -> Iterator[Run]:
    """Hold a session as its one driver for as long as the block lasts.

    Somebody who asks for the session and is not refused ends the front end as a hang-up would, at
    whatever it is; the session is then handed over on the way out.
    """
    from wizard.host.clock import SystemClock
    from wizard.run.events import Said
    from wizard.run.takeover import PATIENCE, TakeoverDesk, handed_over

    clock = SystemClock()
    with _driver(session, operator, take_over=take_over, accept_broken=accept_broken) as driver:
        desk: TakeoverDesk | None = None

        def somebody_asked() -> None:
            if desk is None:
                return
            if desk.wish() is not None:
                os.kill(os.getpid(), signal.SIGHUP)
            elif operator.attended:
                who = desk.asking
                operator.asked_to_hand_over(str(who) if who is not None else "", PATIENCE.refuse)

        desk = TakeoverDesk(driver, clock, attended=operator.attended, on_change=somebody_asked)
        operator.on_key(desk.key)
        served = True
        try:
            yield _run(session, loaded, operator, driver, rehearsal=rehearsal)
        except Gone as gone:
            served = False
            if (heir := desk.let_go()) is not None:
                raise handed_over(session, heir) from gone
            raise
        finally:
            if served and (heir := desk.let_go()) is not None:
                operator.tell(Said(str(handed_over(session, heir))))


def _driver(session: Session, operator: Operator, *, take_over: bool, accept_broken: str) -> Driver:
    """Take the session, or take it over from whoever drives it."""
    from wizard.host.clock import SystemClock
    from wizard.host.identity import who_am_i
    from wizard.run.driver import Driver
    from wizard.run.events import Said
    from wizard.run.takeover import take_over as ask_for

    clock = SystemClock()
    who = who_am_i(clock)
    if take_over:
        return ask_for(session, who, clock, accept_broken=accept_broken, tell=lambda words: operator.tell(Said(words)))
    return Driver.take(session, who, clock, accept_broken=accept_broken)


def _run(session: Session, loaded: LoadedGuide, operator: Operator, driver: Driver, *, rehearsal: bool) -> Run:
    """Fold the journal, and put everything a run needs beside it."""
    from wizard.host.clock import SystemClock
    from wizard.host.local import LocalMachine
    from wizard.run.asked_now import SeenOperator
    from wizard.run.inbox import Inbox
    from wizard.run.telling import Telling
    from wizard.run.unheard import Unheard

    state = fold(driver.journal.entries)
    secrets = Secrets()
    recorder = Recorder(driver.journal, state, secrets)
    clock, epoch, journal = SystemClock(), driver.epoch, driver.journal
    telling = Telling(session.folder, epoch=epoch, clock=clock, secrets=secrets.all, seq=lambda: journal.seq)
    operator = SeenOperator(operator, session.folder, telling, epoch=epoch, clock=clock, secrets=secrets.all)

    def record(kind: str, data: dict[str, Any]) -> Entry:
        return recorder.record(kind, **data)

    unheard = Unheard(journal.entries, record, operator.tell, clock)
    operator.on_reply(unheard.replied)
    inbox = Inbox(session, journal.entries, record, unheard.tell)
    run = Run(
        session=session,
        recorder=recorder,
        loaded=loaded,
        machine=LocalMachine(),
        operator=operator,
        effects=_effects(rehearsal=rehearsal or state.rehearsal),
        secrets=secrets,
        epoch=driver.epoch,
        make_bundle=lambda: _bundle(session, secrets),
        take_messages=inbox.fold,
        tell_unheard=unheard.tell_again,
        has_messages=inbox.waits,
    )
    operator.meanwhile(run.look_around)
    run.plan = frozen_plan(session, state, loaded)
    return run


def _effects(*, rehearsal: bool) -> Effects:
    if rehearsal:
        from wizard.run.rehearsal import RehearsedEffects

        return RehearsedEffects()
    from wizard.host.commands import LocalCommands
    from wizard.run.effects import LiveEffects

    return LiveEffects(LocalCommands())


def _bundle(session: Session, secrets: Secrets) -> str:
    """Make a bundle in the current folder; gives where it is, in words."""
    from wizard.bundling import session_bundle
    from wizard.report.bundle_words import in_a_line

    return in_a_line(session_bundle(str(session.folder), known=secrets.all()))
