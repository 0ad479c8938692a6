"""An operator whose replies are written down beforehand, and who remembers everything that was shown and asked."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.errors import Gone
from wizard.host.protocols import LiveState
from wizard.questions.form import Given
from wizard.run.one_by_one import one_by_one
from wizard.run.operator import NOTHING_LEFT, Back, Chosen, Confirmed, ProceedRequest, Room, Wish
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.questions.form import Form, FormView
    from wizard.questions.model import Asked
    from wizard.run.events import Event
    from wizard.run.operator import ChoiceRequest, ConfirmRequest, Pausing, SecretRequest, Watching

ATTEND_LIMIT = 60.0
"""Seconds after which attending a command fails the test instead of hanging it."""


class UnscriptedError(AssertionError):
    """The engine asked something the script has no reply to."""


class Turns:
    """Replies given one after the other; asked once more than there are replies, the test fails."""

    def __init__(self, *replies: Any) -> None:
        """Keep `replies` in order."""
        self._left = list(replies)

    def next(self, asked: str) -> Any:
        """Take the next reply."""
        if not self._left:
            msg = f"{asked} was asked more often than the script replies"
            raise UnscriptedError(msg)
        return self._left.pop(0)


@dataclass
class ScriptedOperator:
    """Replies from `replies`, keyed by what is asked; everything told and asked is kept, in order.

    Keys: a question's id, a ConfirmRequest's, ChoiceRequest's or SecretRequest's id, `proceed`,
    `attend:STEP` and `pause:TITLE` (by step id and title of the wait). A reply is

    - a value: `"start"`, `("bypass:disk", "enough for us")`, True, `{"ticket": "X-1"}` (records of a
      confirmation), a Wish, or the raw answer of a question,
    - an exception (class or object), which is raised: `Gone`,
    - `Turns(...)` of these, one for each time it is asked,
    - a callable that gets the request and gives one of these.

    Without a script: `proceed` starts where nothing blocks; a question takes its first proposal where
    `takes_proposals`; a confirmation gets yes where `agrees` (with `records` from its labels);
    commands are attended to their end; waits pass `pause_at_most` seconds. All else is UnscriptedError.
    """

    replies: dict[str, Any] = field(default_factory=dict)
    takes_proposals: bool = True
    agrees: bool = True
    pause_at_most: float = 0.05
    attended: bool = True
    events: list[Event] = field(default_factory=list)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    """What was asked: key and request."""
    watch: Callable[[Event], None] | None = None
    """Called with each event, in the engine's thread: the place to kill or tamper with something."""
    glance: Callable[[], None] = field(default=lambda: None, repr=False)
    """What is to be called again and again while somebody is asked."""

    def tell(self, event: Event) -> None:
        """Remember the event."""
        self.events.append(event)
        if self.watch is not None:
            self.watch(event)

    def told(self, kind: type[Any]) -> list[Any]:
        """Events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    def keys(self) -> list[str]:
        """Keys of all that was asked, in order."""
        return [key for key, _ in self.asked]

    def fill(self, form: Form, *, again: bool = False) -> None:
        """Reply to one question after the other."""
        one_by_one(form, self.answer, self.choose, again=again)

    def answer(self, asked: Asked) -> Any:
        """Reply to a question."""
        key = asked.question.id
        found, reply = self._reply(key, asked)
        if found:
            return Back() if reply is Back else reply
        if self.takes_proposals and asked.proposals:
            return asked.proposals[0].value
        raise self._unscripted(key, f"{asked.label}{f' ({asked.problem})' if asked.problem else ''}")

    def proceed(self, request: ProceedRequest) -> Chosen:
        """Reply to findings and plan; without a reply for it, start where that may be."""
        found, reply = self._reply("proceed", request)
        if found:
            return _chosen(reply)
        if request.may_start:
            return Chosen("start")
        blocking = [finding.key for finding in request.findings if finding.blocking]
        raise self._unscripted("proceed", f"blocked by {', '.join(blocking)}")

    def confirm(self, request: ConfirmRequest) -> Confirmed:
        """Reply to a confirmation."""
        found, reply = self._reply(request.id, request)
        if not found:
            if not self.agrees:
                raise self._unscripted(request.id, request.say)
            return Confirmed(yes=True, records={record.id: record.label for record in request.records})
        match reply:
            case Confirmed():
                return reply
            case dict():
                return Confirmed(yes=True, records={str(name): str(value) for name, value in reply.items()})
            case bool():
                return Confirmed(yes=reply)
            case _:
                raise self._unscripted(request.id, f"{reply!r} is no reply to a confirmation")

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Reply to a decision; a key that is not offered fails the test."""
        found, reply = self._reply(request.id, request)
        offered = [choice.key for choice in request.choices]
        if not found:
            raise self._unscripted(request.id, f"{request.title}; offered: {', '.join(offered)}")
        chosen = _chosen(reply)
        if chosen.key not in offered and not (chosen == NOTHING_LEFT and request.over is not None and request.over()):
            raise self._unscripted(request.id, f"{chosen.key!r} is not offered, only {', '.join(offered)}")
        return chosen

    def secret(self, request: SecretRequest) -> Secret:
        """Reply with a secret."""
        found, reply = self._reply(request.id, request)
        if not found:
            raise self._unscripted(request.id, request.label)
        return reply if isinstance(reply, Secret) else Secret(str(reply))

    def room(self, shown: str, *, terminal: bool) -> Room:
        """Nobody looks: the usual size."""
        return Room()

    def attend(self, watching: Watching) -> Wish | None:
        """Reply while a command runs; by itself waits for its end."""
        found, reply = self._reply(f"attend:{watching.step.id}", watching)
        if found and reply is not None:
            return Wish(reply)
        live, offset, over = watching.live, 0, time.monotonic() + ATTEND_LIMIT
        while live.wait(0.5) is LiveState.RUNNING:
            offset += len(live.read(offset))
            if watching.stalled():
                return None
            if time.monotonic() > over:
                raise self._unscripted(f"attend:{watching.step.id}", f"still running: {watching.shown}")
        return None

    def pause(self, pausing: Pausing, seconds: float) -> Wish | None:
        """Reply while something is waited for; by itself passes a little time."""
        found, reply = self._reply(f"pause:{pausing.title}", pausing)
        if found and reply is not None:
            return Wish(reply)
        threading.Event().wait(min(seconds, self.pause_at_most))
        return None

    def _reply(self, key: str, request: Any) -> tuple[bool, Any]:
        self.asked.append((key, request))
        if key not in self.replies:
            return False, None
        reply = self.replies[key]
        if isinstance(reply, Turns):
            reply = reply.next(key)
        if isinstance(reply, type) and issubclass(reply, BaseException):
            raise reply
        if isinstance(reply, BaseException):
            raise reply
        if callable(reply) and not isinstance(reply, type):
            reply = reply(request)
        return True, reply

    def on_key(self, noticed: Callable[[], None]) -> None:
        """Nobody presses keys here."""

    def meanwhile(self, look: Callable[[], None]) -> None:
        """Keep what is to be looked at while somebody is asked; a reply may call it (`glance`)."""
        self.glance = look

    def asked_to_hand_over(self, who: str, seconds: float) -> None:
        """Nobody refuses anybody here."""

    def _unscripted(self, key: str, what: str) -> UnscriptedError:
        return UnscriptedError(f"no reply to {key!r}: {what}\nasked so far: {', '.join(self.keys())}")


class FormOperator(ScriptedOperator):
    """Fills the form in as a whole: always the first question that is open, by the same replies.

    `views` are the forms it saw, `looks` those that came while the machine was read.
    """

    views: list[FormView]
    looks: list[FormView]

    def fill(self, form: Form, *, again: bool = False) -> None:
        """Answer what is open in the order of the form; with `again` what `again` replies, as (id, raw)."""
        self.views, self.looks = [*getattr(self, "views", [])], [*getattr(self, "looks", [])]
        form.on_look(self.looks.append)
        form.begin()
        view = form.view()
        if again:
            _, (name, raw) = self._reply("again", view)
            view = form.take(Given(name, raw))
        while not view.complete:
            self.views.append(view)
            view = form.take(Given(*self._next_answer(view)))
        self.views.append(view)

    def _next_answer(self, view: FormView) -> tuple[str, Any]:
        """Id and raw answer of the first open question; where no way leads to the target, what `path` replies."""
        found = next((one for one in view.questions if one.open), None)
        if found is not None:
            return found.id, self.answer(found.asked)
        _, (name, raw) = self._reply("path", view)
        return name, raw


def _chosen(reply: Any) -> Chosen:
    match reply:
        case Chosen():
            return reply
        case str():
            return Chosen(reply)
        case (str() as key, str() as reason):
            return Chosen(key, reason)
        case _:
            msg = f"{reply!r} is no choice: give a key, or a key and a reason"
            raise UnscriptedError(msg)


__all__ = ["FormOperator", "Gone", "ScriptedOperator", "Turns", "UnscriptedError"]
