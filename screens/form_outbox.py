"""What a person did with a form while the engine was at work: sent on as soon as it asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.requests import CheckWanted, FillRequest
from wizard.questions.form import Filled

if TYPE_CHECKING:
    from screens.requests import Requested
    from wizard.questions.form import FormAnswer, Given


class Outbox:
    """Answers in the order they were given, one to a request; what is only to be checked waits behind them.

    Of several answers to a question that wait the last one counts, of several checks the newest.
    """

    def __init__(self) -> None:
        """Begin with nothing to send."""
        self._waiting: list[FormAnswer] = []
        self._check: Given | None = None
        self._open: Requested | None = None
        self._sent: FormAnswer | CheckWanted | None = None

    @property
    def pending(self) -> frozenset[str]:
        """Ids of the questions whose answers the engine has not judged yet."""
        sent = [self._sent] if self._sent is not None and not isinstance(self._sent, CheckWanted) else []
        return frozenset(one.id for one in (*sent, *self._waiting) if not isinstance(one, Filled))

    @property
    def leaving(self) -> bool:
        """Whether it was said that the form is filled in."""
        return isinstance(self._sent, Filled) or any(isinstance(one, Filled) for one in self._waiting)

    def put(self, what: FormAnswer) -> None:
        """Send an answer as soon as can be."""
        if not isinstance(what, Filled):
            self._waiting = [one for one in self._waiting if isinstance(one, Filled) or one.id != what.id]
            if self._check is not None and self._check.id == what.id:
                self._check = None
        self._waiting.append(what)
        self._send()

    def check(self, given: Given) -> None:
        """Have a value checked as soon as can be."""
        self._check = given
        self._send()

    def opened(self, requested: Requested) -> FormAnswer | CheckWanted | None:
        """Take the engine's next request; gives what it has carried out since the last one."""
        done, self._sent = self._sent, None
        self._open = requested if isinstance(requested.request, FillRequest) else None
        self._send()
        return done

    def _send(self) -> None:
        if self._open is None or self._open.answered:
            return
        if self._waiting:
            self._sent = self._waiting.pop(0)
        elif self._check is not None:
            self._sent, self._check = CheckWanted(self._check), None
        else:
            return
        self._open.reply(self._sent)
