"""The engine's port for the full screen: every method becomes a message to the screens, and waits for the reply.

It lives in the engine's thread. The App is not the Operator: `notify`, `log` and `run` mean something else there.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Self

from screens.attending import Attending
from screens.requests import (
    Attended,
    CheckWanted,
    Doing,
    FillRequest,
    FormChanged,
    HandOverAsked,
    Paused,
    Requested,
    RoomWanted,
    Told,
)
from wizard.errors import Gone, StoppedError
from wizard.questions.form import Filled
from wizard.run.events import CommandEnded, StepBegan, StepEnded
from wizard.run.operator import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from textual.message import Message

    from wizard.questions.form import Form, FormAnswer
    from wizard.run.events import Event
    from wizard.run.operator import (
        ChoiceRequest,
        Chosen,
        Confirmed,
        ConfirmRequest,
        Pausing,
        ProceedRequest,
        SecretRequest,
        Watching,
        Wish,
    )
    from wizard.secrets import Secret

ROOM_SECONDS: Final = 1.0
"""How long a screen may take to say how much room a command will have: a command does not wait for a screen."""


class ScreenOperator:
    """A person at the full screen. `post` takes messages from any thread."""

    attended = True

    def __init__(self, post: Callable[[Message], object]) -> None:
        """Speak by `post`."""
        self._post = post
        self._noticed: Callable[[], None] = lambda: None
        self._glance: Callable[[], None] = lambda: None
        self._doing = Doing.BUSY
        self._lost = ""
        self._stopping = False
        self._open: Requested | None = None
        self._attending: Attending | None = None
        self._passing = threading.Event()
        self._wish: Wish | None = None
        self._room = Room()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Nothing is taken hold of here: signals and the terminal are the App's."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the last command."""
        self._let_go()

    # -- the screens' side (any thread) ----------------------------------------------------------

    @property
    def doing(self) -> Doing:
        """What the engine does just now."""
        return self._doing

    def notice(self) -> None:
        """Pass on that the person gave a sign."""
        self._noticed()

    def lose(self, why: str) -> None:
        """The person is gone: the engine hears it at once where it waits for them, else at the next place."""
        with self._lock:
            self._lost = why
            asked, attending = self._open, self._attending
        if asked is not None:
            asked.refuse(Gone(why))
        if attending is not None:
            attending.wake()
        self._passing.set()

    def stop(self) -> None:
        """The person wants to leave here: what waits for them ends with it, else the next place that asks."""
        with self._lock:
            asked = self._open
            self._stopping = asked is None or asked.answered
        if asked is not None:
            asked.refuse(_left())

    def want(self, wish: Wish) -> None:
        """Say what is wanted of the command that runs, or of the wait."""
        with self._lock:
            attending = self._attending
            if attending is not None and attending.held:
                attending.want(wish)
            else:
                self._wish = wish
        self._passing.set()

    # -- the port --------------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Show what happened; once the person is known to be gone, to nobody."""
        attending = self._attending
        if isinstance(event, CommandEnded) and attending is not None and attending.attempt == event.attempt:
            attending.ended(event.detail)
        if isinstance(event, StepBegan | StepEnded):
            # What was wanted of the wait of one step is not wanted of the next one.
            with self._lock:
                self._wish = None
        self._post(Told(event))

    def fill(self, form: Form, *, again: bool = False) -> None:  # noqa: ARG002 - the whole form is shown in any case
        """Show the form and carry out what the person does with it, until they are through."""
        form.on_look(lambda view: self._post(FormChanged(view)))
        self._post(FormChanged(form.view()))
        form.begin()
        view, checked = form.view(), None
        while True:
            what: FormAnswer | CheckWanted = self._ask(FillRequest(view, checked))
            checked = None
            match what:
                case CheckWanted():
                    checked = form.check(what.given)
                case Filled():
                    view = form.view()
                    if view.complete:
                        return
                case _:
                    view = form.take(what)

    def proceed(self, request: ProceedRequest) -> Chosen:
        """Let findings and plan be looked at, and take what is to be done."""
        chosen: Chosen = self._ask(request)
        return chosen

    def confirm(self, request: ConfirmRequest) -> Confirmed:
        """Take or be refused a word."""
        confirmed: Confirmed = self._ask(request)
        return confirmed

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Take a decision."""
        chosen: Chosen = self._ask(request)
        return chosen

    def secret(self, request: SecretRequest) -> Secret:
        """Take a secret again."""
        secret: Secret = self._ask(request)
        return secret

    def room(self, shown: str, *, terminal: bool) -> Room:
        """Ask the screen that will show it; where it does not reply in time, as much as the last command had."""
        wanted = RoomWanted(shown, terminal=terminal)
        self._post(wanted)
        self._room = wanted.wait(ROOM_SECONDS) or self._room
        return self._room

    def attend(self, watching: Watching) -> Wish | None:
        """Hold a command for the screen until it ends, stalls, or something else is wanted."""
        self._check()
        attending = self._attending
        if attending is None or attending.attempt != watching.live.attempt:
            self._let_go()
            attending = Attending(watching)
        else:
            attending.again(watching)
        with self._lock:
            self._attending, self._wish = attending, None
        self._post(Attended(attending))
        with self._being(Doing.RUNNING):
            return attending.run(self._check)

    def on_key(self, noticed: Callable[[], None]) -> None:
        """Call `noticed` for every key."""
        self._noticed = noticed

    def meanwhile(self, look: Callable[[], None]) -> None:
        """Call `look` while a reply is waited for."""
        self._glance = look

    def asked_to_hand_over(self, who: str, seconds: float) -> None:
        """Show who asks for the session."""
        self._post(HandOverAsked(who, seconds))

    def pause(self, pausing: Pausing, seconds: float) -> Wish | None:
        """Show the wait, and pass the time until somebody wants something."""
        with self._lock:
            wish, self._wish = self._wish, None
            self._passing.clear()
        # Only now: who is lost from here on sets it again.
        self._check()
        if wish is not None:
            return wish
        self._post(Paused(pausing))
        with self._being(Doing.WAITING):
            self._passing.wait(max(0.0, seconds))
        self._check()
        with self._lock:
            wish, self._wish = self._wish, None
        return wish

    # -- waiting ---------------------------------------------------------------------------------

    def _ask(self, request: Any) -> Any:
        """Put a request to the screens and wait for the reply."""
        asked = Requested(request)
        with self._lock:
            if self._stopping and not self._lost:
                self._stopping = False
                raise _left()
            self._open = asked
        try:
            self._check()
            self._post(asked)
            with self._being(Doing.ASKING):
                reply = asked.wait(self._glance)
        finally:
            with self._lock:
                self._open = None
        if not asked.withdrawn:
            self._noticed()
        return reply

    @contextmanager
    def _being(self, doing: Doing) -> Iterator[None]:
        self._doing = doing
        try:
            yield
        finally:
            self._doing = Doing.BUSY

    def _check(self) -> None:
        """Raise Gone where the person is gone."""
        if self._lost:
            raise Gone(self._lost)

    def _let_go(self) -> None:
        with self._lock:
            attending, self._attending = self._attending, None
        if attending is not None:
            attending.close()


def _left() -> StoppedError:
    return StoppedError("left by the operator", hint="`wizard resume` goes on from here.")
