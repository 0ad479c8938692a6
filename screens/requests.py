"""What the engine's thread and the screens say to each other: messages one way, replies the other.

The engine works in a thread of its own and blocks on every request until a screen has replied; the
screens never wait for the engine.
"""

from __future__ import annotations

import contextlib
import math
import queue
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens.attending import Attending
    from wizard.errors import ExitCode
    from wizard.questions.form import Checked, FormView, Given
    from wizard.run.events import Event
    from wizard.run.operator import (
        ChoiceRequest,
        ConfirmRequest,
        Looked,
        Pausing,
        ProceedRequest,
        Room,
        SecretRequest,
    )

LOOK_EVERY: Final = 3.0
"""Seconds that at least lie between two looks whether what is asked for holds by now."""

GLANCE_EVERY: Final = 1.0
"""Seconds between two looks around while a reply is waited for, and whether there is still something to reply to."""


class Doing(StrEnum):
    """What the engine does just now, as far as leaving is concerned."""

    ASKING = "asking"
    """It waits for a reply."""
    RUNNING = "running"
    """A command runs and is attended."""
    WAITING = "waiting"
    """It passes time."""
    BUSY = "busy"
    """It works, and comes to a place to leave at by itself."""


class Leaving(StrEnum):
    """How a person leaves; each fits only some of what the engine does."""

    HERE = "here"
    """Stop at the next place that asks, or at this one; what is set for a while is taken back."""
    RUNS_ON = "runs_on"
    """Leave now; the command runs on, or the wait goes on when the session is resumed."""
    STOP = "stop"
    """Stop the command, or end the wait by stopping here."""
    AT_ONCE = "at_once"
    """Leave as if the terminal were lost: nothing is taken back, everything can be resumed."""


@dataclass(frozen=True, slots=True)
class FillRequest:
    """The questionnaire as it stands; the reply is what the person did with it, or a value that is to be checked.

    `checked` is what was said of the value that was checked last, where that was the reply before.
    """

    view: FormView
    checked: Checked | None = None


@dataclass(frozen=True, slots=True)
class CheckWanted:
    """What would become of a value the person is typing (`Form.check`); nothing is kept of it."""

    given: Given


class Told(Message):
    """The engine told an event."""

    def __init__(self, event: Event) -> None:
        """Carry `event` to the screens."""
        super().__init__()
        self.event = event


class Requested(Message):
    """The engine wants a reply and waits for it; the first one counts, whoever gives it.

    What is to be replied: `Confirmed` to a ConfirmRequest, `Chosen` to a ChoiceRequest or ProceedRequest, `Secret`
    to a SecretRequest, `FormAnswer` or `CheckWanted` to a FillRequest.
    """

    def __init__(self, request: ConfirmRequest | ChoiceRequest | SecretRequest | ProceedRequest | FillRequest) -> None:
        """Put `request` to the person."""
        super().__init__()
        self.request = request
        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._show_look: Callable[[Looked], object] = lambda _: None
        self._say_withdrawn: Callable[[], object] = lambda: None
        self.answered = False
        self.replied_at = math.inf
        """When the reply was given, by `time.monotonic`."""
        self.withdrawn = False
        """Whether nothing was left to reply to."""

    def on_look(self, show: Callable[[Looked], object]) -> None:
        """Call `show`, in the engine's thread, with what is seen while the reply is waited for."""
        self._show_look = show

    def on_withdrawn(self, say: Callable[[], object]) -> None:
        """Call `say`, in the engine's thread, where nothing is left to reply to; at once where that is so already."""
        self._say_withdrawn = say
        if self.withdrawn:
            say()

    def reply(self, value: Any) -> None:
        """Give the reply; further ones are not heard."""
        if not self.answered:
            self.answered = True
            self.replied_at = time.monotonic()
            self._replies.put(value)

    def refuse(self, error: BaseException) -> None:
        """Give an error instead of a reply: it is raised in the engine's thread."""
        self.reply(error)

    def wait(self, glance: Callable[[], None] = lambda: None) -> Any:
        """Wait for the reply, in the engine's thread. Raises what the request was refused with.

        `glance` is called between, again and again. Where the request says how, it is also looked whether what it asks
        for holds by now, and whether there is still something to reply to.
        """
        value = self._reply(glance)
        if isinstance(value, BaseException):
            raise value
        return value

    def _reply(self, glance: Callable[[], None]) -> Any:
        # The engine has loaded it by now; the first frame of home does not wait for that.
        from wizard.run.operator import ChoiceRequest, ConfirmRequest

        look = self.request.look if isinstance(self.request, ConfirmRequest) else None
        over = self.request.over if isinstance(self.request, ChoiceRequest) else None
        looks_at = time.monotonic() + LOOK_EVERY
        while True:
            with contextlib.suppress(queue.Empty):
                return self._replies.get(timeout=GLANCE_EVERY)
            glance()
            if over is not None and over():
                return self._withdraw()
            if look is not None and (began := time.monotonic()) >= looks_at:
                self._show_look(look())
                # At most a sixth of the time goes into looking.
                looks_at = (ended := time.monotonic()) + max(LOOK_EVERY, 5 * (ended - began))

    def _withdraw(self) -> Any:
        """Take the request back, unless a reply came in this very moment; gives what counts."""
        from wizard.run.operator import NOTHING_LEFT

        self.reply(NOTHING_LEFT)
        value = self._replies.get()
        if value is NOTHING_LEFT:
            self.withdrawn = True
            self._say_withdrawn()
        return value


class FormChanged(Message):
    """The form is different while the engine still works on it: what is read from the machine arrives."""

    def __init__(self, view: FormView) -> None:
        """Show `view`; what the person typed stays."""
        super().__init__()
        self.view = view


class RoomWanted(Message):
    """A command is about to begin; the engine wants to know how much room there will be to show it, and waits."""

    def __init__(self, shown: str, *, terminal: bool) -> None:
        """Ask for the room of a command that is shown so; `terminal`: it takes typing."""
        super().__init__()
        self.shown = shown
        self.terminal = terminal
        self._replies: queue.SimpleQueue[Room | None] = queue.SimpleQueue()

    def reply(self, room: Room | None) -> None:
        """Say how much; None where that is not known."""
        self._replies.put(room)

    def wait(self, seconds: float) -> Room | None:
        """Wait for the reply, in the engine's thread; None where it is not known, or not said in time."""
        try:
            return self._replies.get(timeout=seconds)
        except queue.Empty:
            return None


class Attended(Message):
    """A command runs and is attended; again for the same attempt where there is something new to say of it."""

    def __init__(self, attending: Attending) -> None:
        """Show the command of `attending`."""
        super().__init__()
        self.attending = attending


class Paused(Message):
    """The engine passes time; `wish` lets the person say what they want instead."""

    def __init__(self, pausing: Pausing) -> None:
        """Show the wait; comes again for each look."""
        super().__init__()
        self.pausing = pausing


class HandOverAsked(Message):
    """Somebody else asks for the session, or (`who` empty) asks no more; any key refuses within `seconds`."""

    def __init__(self, who: str, seconds: float) -> None:
        """Show who asks."""
        super().__init__()
        self.who = who
        self.seconds = seconds


class JobEnded(Message):
    """The engine is done: with an exit code (`code`), or because of `error`."""

    def __init__(self, code: ExitCode | None, error: BaseException | None) -> None:
        """Carry how it ended."""
        super().__init__()
        self.code = code
        self.error = error
