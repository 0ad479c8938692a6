"""Changing the driver while the session is driven: asking over the driver's socket, granting, refusing, force.

The newcomer asks. The driver's side grants at once where no key was pressed for a while, refuses at the first
key pressed after the question, and grants where none comes. A driver that does not answer is killed: that is
always safe, for a driver can die at any time.
"""

from __future__ import annotations

import os
import select
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self

from wizard.errors import DrivenError, HandedOver, HostError, SessionBusyError
from wizard.host.driver_socket import Line, Listener, call, kill_driver
from wizard.host.identity import Who
from wizard.run.driver import HEIR_SECONDS, Driver, driving

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.host.clock import Clock
    from wizard.run.driver import Driving
    from wizard.run.session import Session

_LOOK_EVERY: Final = 0.05
_QUESTION_WITHIN: Final = 4.0
"""Seconds a caller has to say what they want, before they are sent away as somebody who was not understood."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each side waits, in seconds."""

    idle: float = 30.0
    """Without a key for so long nobody is thought to be there, and a newcomer is granted at once."""
    refuse: float = 10.0
    """For so long after the question a key refuses."""
    silence: float = 20.0
    """A driver that has not granted or refused by then is taken for dead; one that stood still for some of the time it
    has for that is not."""
    socket: float = 2.0
    """For so long a driver that cannot be called may just be opening its socket."""
    heir: float = HEIR_SECONDS
    """For so long the lock may take to come free."""


PATIENCE: Final = Patience()


@dataclass(slots=True)
class _Asking:
    """A newcomer who asked: `at` when (boot time), `decided` once the session is theirs."""

    line: Line
    who: Who
    at: float
    decided: bool = False


class TakeoverDesk:
    """The driver's side, a thread of its own. The front end feeds it keys, the walk looks for its wish."""

    def __init__(
        self,
        driver: Driver,
        clock: Clock,
        *,
        attended: bool,
        patience: Patience = PATIENCE,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        """Open the driver's socket. HostError where that cannot be.

        `attended` says whether a person is there whose keys count (else every newcomer is granted at once);
        `on_change` is called in the desk's thread when somebody asks, gave up, was refused, or is granted.
        """
        self._driver = driver
        self._clock = clock
        self._patience = patience
        self._on_change = on_change
        self._last_key = clock.boottime() if attended else float("-inf")
        self._asking: _Asking | None = None
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._listener = Listener(driver.session.folder)
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._thread = threading.Thread(target=self._serve, name="take-over desk", daemon=True)
        self._thread.start()

    def key(self) -> None:
        """Note that the person pressed a key: they are there, and who asks now is refused."""
        self._last_key = self._clock.boottime()
        if self._asking is not None:
            self._wake()

    @property
    def asking(self) -> Who | None:
        """Who asks for the session now, for the screen (a key refuses); None where nobody does."""
        asking = self._asking
        return asking.who if asking is not None else None

    def wish(self) -> Literal["hand-over"] | None:
        """Give `hand-over` once a newcomer shall have the session: come to a place to leave at, then `grant()`."""
        asking = self._asking
        return "hand-over" if asking is not None and asking.decided else None

    def grant(self) -> Who | None:
        """Hand the session over: journal it, let the lock go, tell the heir. None where they hung up meanwhile.

        After an heir was given, this process drives no more and the desk is closed; after None it still drives.
        """
        with self._lock:
            asking = self._asking
            if asking is None or not asking.decided or asking.line.is_over():
                return None
            # The socket's name must be free before the lock is: from then on it is the heir's.
            self._stop_serving()
        with asking.line as line:
            try:
                self._driver.hand_over(asking.who)
            except BaseException:
                _reply(line, {"reply": "refused", "why": "the hand-over could not be journalled"})
                raise
            _reply(line, {"reply": "granted"})
        self._asking = None
        self._join()
        return asking.who

    def let_go(self) -> Who | None:
        """Hand the session over where somebody shall have it, else close; gives who has it now."""
        heir = self.grant() if self.wish() is not None else None
        if heir is None:
            self.close()
        return heir

    def close(self) -> None:
        """Close the socket; who asks just now is told that the driver leaves. Call it before the lock is let go."""
        with self._lock:
            self._stop_serving()
            asking, self._asking = self._asking, None
        self._join()
        if asking is not None:
            with asking.line as line:
                _reply(line, {"reply": "leaving"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stop_serving(self) -> None:
        self._closing.set()
        self._listener.close()
        self._wake()

    def _join(self) -> None:
        self._thread.join()
        for descriptor in (self._wake_read, self._wake_write):
            if descriptor >= 0:
                os.close(descriptor)
        self._wake_read = self._wake_write = -1

    def _wake(self) -> None:
        if self._wake_write >= 0:
            try:
                os.write(self._wake_write, b"!")
            except BlockingIOError:
                return

    def _serve(self) -> None:
        while True:
            with self._lock:
                if self._closing.is_set():
                    return
                waiting = select.poll()
                waiting.register(self._listener, select.POLLIN)
                waiting.register(self._wake_read, select.POLLIN)
                if self._asking is not None:
                    waiting.register(self._asking.line, select.POLLIN)
                called_on = self._listener.fileno()
                seconds = self._until_decision()
            ready = {descriptor for descriptor, _ in waiting.poll(None if seconds is None else seconds * 1000)}
            if self._wake_read in ready:
                os.read(self._wake_read, 4096)
            with self._lock:
                if self._closing.is_set():
                    return
                before = self._asking, self.wish()
                self._decide()
                line = self._listener.accept() if called_on in ready else None
            if line is not None:
                self._receive(line)
            if (self._asking, self.wish()) != before and self._on_change is not None:
                self._on_change()

    def _until_decision(self) -> float | None:
        """Seconds until somebody who asks has waited long enough; None where there is nothing to wait for."""
        asking = self._asking
        if asking is None or asking.decided:
            return None
        return max(0.0, asking.at + self._patience.refuse - self._clock.boottime()) + 0.001

    def _decide(self) -> None:
        """Drop who hung up, refuse where a key came, grant where none came for long enough."""
        asking = self._asking
        if asking is None:
            return
        if asking.line.is_over():
            asking.line.close()
            self._asking = None
        elif asking.decided:
            return
        elif self._last_key > asking.at:
            with asking.line as line:
                _reply(line, {"reply": "refused", "why": f"{self._driver.who.user} pressed a key and keeps driving"})
            self._asking = None
        else:
            nobody_there = asking.at - self._last_key >= self._patience.idle
            asking.decided = nobody_there or self._clock.boottime() - asking.at >= self._patience.refuse

    def _receive(self, line: Line) -> None:
        """Hear a caller out; anybody but this user, and a second one while one asks, is sent away."""
        who = _who_asks(line, self._closing)
        with self._lock:
            if self._closing.is_set():
                _reply(line, {"reply": "leaving"})
                line.close()
                return
            if who is None or self._asking is not None:
                why = f"{self._asking.who} asks for it already" if self._asking else "that was not understood"
                _reply(line, {"reply": "refused", "why": why})
                line.close()
                return
            self._asking = asking = _Asking(line, who, at=self._clock.boottime())
            self._decide()
            if not asking.decided:
                _reply(line, {"reply": "asked", "seconds": self._patience.refuse})


def take_over(
    session: Session,
    who: Who,
    clock: Clock,
    *,
    patience: Patience = PATIENCE,
    accept_broken: str = "",
    tell: Callable[[str], None] | None = None,
) -> Driver:
    """Become the driver of a session that may be driven: take it, ask for it, or kill who does not answer.

    `tell` gets a sentence for each thing that is waited for. SessionBusyError where the driver refuses or
    cannot be told from others; everything `Driver.take` raises.
    """
    say = tell or (lambda _: None)
    ends = time.monotonic() + patience.socket
    driver, line, before = _take_or_call(session, who, clock, accept_broken, ends)
    if driver is not None:
        return driver
    if line is not None:
        with line:
            say(f"{before} drives session {session.id}; asking to take over")
            match _ask(session, line, who, patience, say):
                case "given":
                    return _take_within(session, who, clock, patience.heir, accept_broken=accept_broken, how="asked")
                case "silent":
                    say(f"{before} does not answer")
    try:
        return Driver.take(session, who, clock, accept_broken=accept_broken)
    except SessionBusyError:
        victim = _the_one_who_was_asked(session, before)
    say(f"ending {victim}, which does not answer")
    try:
        was_there = kill_driver(victim, clock)
    except HostError as error:
        raise SessionBusyError(f"session {session.id} cannot be taken over: {error.message}", hint=error.hint) from None
    killed = victim if was_there else None
    how = "killed" if was_there else "free"
    return _take_within(session, who, clock, patience.heir, accept_broken=accept_broken, how=how, killed=killed)


def handed_over(session: Session, heir: Who) -> HandedOver:
    """Make what ends the front end of who drove: who has the session now, and what to do where they never come."""
    free = f"Where they do not take it within {HEIR_SECONDS:.0f} s, `wizard resume {session.id}` goes on with it."
    return HandedOver(f"The session was handed over to {heir}. {free}")


def _take_or_call(
    session: Session, who: Who, clock: Clock, accept_broken: str, ends: float
) -> tuple[Driver | None, Line | None, Driving | None]:
    """Take the session where it is free, else reach its driver, who may just be opening the socket or leaving."""
    while True:
        try:
            return Driver.take(session, who, clock, accept_broken=accept_broken), None, None
        except SessionBusyError:
            before = driving(session)
            if before is None and time.monotonic() >= ends:
                raise
        line = call(session.folder) if before is not None else None
        if line is not None or time.monotonic() >= ends:
            return None, line, before
        time.sleep(_LOOK_EVERY)


def _ask(
    session: Session, line: Line, who: Who, patience: Patience, say: Callable[[str], None]
) -> Literal["given", "silent"]:
    """Ask, and wait for the answer. DrivenError where it is no."""
    ends = time.monotonic() + patience.silence
    try:
        line.send({"ask": "take-over", "who": who.as_json()})
        while (reply := line.receive(max(0.0, ends - time.monotonic()))) is not None:
            match reply.get("reply"):
                case "asked":
                    say(f"it is granted in {reply.get('seconds', patience.refuse):.0f} s unless a key is pressed there")
                case "granted" | "leaving":
                    return "given"
                case "refused":
                    raise DrivenError(
                        f"the session was not handed over: {reply.get('why', 'no reason was given')}",
                        session=str(session.folder),
                        hint="Look on with `wizard watch`, or leave a note for the driver there.",
                    )
                case _:
                    return "silent"
    except OSError:
        # Also a TimeoutError: nothing was heard in time, or the driver died over it.
        return "silent"
    return "silent"


def _the_one_who_was_asked(session: Session, before: Driving | None) -> Who:
    """Give who holds the lock, where it is still the one who did not answer. SessionBusyError where not."""
    now = driving(session)
    if now is None or now.who is None:
        raise SessionBusyError(
            f"session {session.id} is locked by a process that cannot be told from others",
            hint="`fuser -v driver.lock` in the session's folder names it.",
        )
    if before is None or now.who != before.who:
        raise SessionBusyError(f"session {session.id} was taken by {now} meanwhile", hint="Ask again to take it over.")
    return now.who


def _take_within(
    session: Session,
    who: Who,
    clock: Clock,
    seconds: float,
    *,
    accept_broken: str,
    how: str,
    killed: Who | None = None,
) -> Driver:
    """Take a session that is being let go. SessionBusyError where somebody still holds it after `seconds`."""
    ends = time.monotonic() + seconds
    while True:
        try:
            return Driver.take(session, who, clock, accept_broken=accept_broken, how=how, killed=killed)
        except SessionBusyError:
            if time.monotonic() >= ends:
                raise
        time.sleep(_LOOK_EVERY)


def _reply(line: Line, message: dict[str, object]) -> None:
    """Answer; one who is gone already needs none."""
    try:
        line.send(message)
    except OSError:
        return


def _who_asks(line: Line, closing: threading.Event) -> Who | None:
    """Hear what a caller wants; None where it is no take-over, not by this user, or not said before the desk closes."""
    if line.uid != os.geteuid():
        return None
    ends = time.monotonic() + _QUESTION_WITHIN
    while True:
        late = closing.is_set() or time.monotonic() >= ends
        try:
            message = line.receive(_LOOK_EVERY)
        except TimeoutError:
            if late:
                return None
        else:
            break
    who = Who.from_json(message.get("who")) if message is not None and message.get("ask") == "take-over" else None
    return who if who is not None and who.uid == line.uid else None
