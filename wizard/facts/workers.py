"""Several looks at the machine at once, each with its time limit.

A look that never comes back (a dead network file system) cannot be stopped from outside. Its thread is
left alone as a daemon, so that neither the other looks nor the end of the program wait for it.
"""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

AT_ONCE: Final = 32
"""Looks that run at the same time: they wait far more than they work, and together should take no longer than one."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ended(Generic[Result]):
    """How one job ended: with a `result`, with a `crash`, or `late` (its time was over)."""

    key: str
    seconds: float
    result: Result | None = None
    crash: Exception | None = None
    late: bool = False


class Workers(Generic[Result]):
    """Runs jobs on daemon threads, at most `at_once` at a time; used from one thread."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """Run nothing yet."""
        self._at_once = at_once
        self._ended: queue.SimpleQueue[Ended[Result]] = queue.SimpleQueue()
        self._began: dict[str, float] = {}
        self._limits: dict[str, float] = {}

    @property
    def has_room(self) -> bool:
        """Whether another job may start now."""
        return len(self._began) < self._at_once

    @property
    def busy(self) -> bool:
        """Whether a job runs whose end was not given yet."""
        return bool(self._began)

    def start(self, key: str, job: Callable[[], Result], seconds: float) -> None:
        """Start `job`; after `seconds` it counts as late. Each `key` is used once."""
        began = time.monotonic()
        self._began[key], self._limits[key] = began, seconds

        def work() -> None:
            try:
                ended = Ended(key, time.monotonic() - began, result=job())
            except Exception as error:  # noqa: BLE001 - what a job raises is its outcome
                ended = Ended(key, time.monotonic() - began, crash=error)
            self._ended.put(ended)

        try:
            threading.Thread(target=work, name=f"look {key}", daemon=True).start()
        except RuntimeError as error:  # the machine allows no further thread
            self._ended.put(Ended(key, 0.0, crash=error))

    def next(self) -> Ended[Result]:
        """Wait for the next job that ends or is late; there must be one that runs."""
        while True:
            key, deadline = min(
                ((key, began + self._limits[key]) for key, began in self._began.items()), key=lambda one: one[1]
            )
            try:
                ended = self._ended.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return self._leave(Ended(key, time.monotonic() - self._began[key], late=True))
            if ended.key in self._began:
                return self._leave(ended)

    def _leave(self, ended: Ended[Result]) -> Ended[Result]:
        del self._began[ended.key], self._limits[ended.key]
        return ended


def turns(jobs: int) -> int:
    """How often room has to be made for so many jobs; at least once."""
    return max(1, -(-jobs // AT_ONCE))


def _unheard(*_: object) -> None:
    return None


def work_through(
    jobs: Sequence[Callable[[], Result]],
    limits: Sequence[float],
    *,
    began: Callable[[int], None] = _unheard,
    ended: Callable[[int, Ended[Result]], None] = _unheard,
) -> list[Ended[Result]]:
    """Run all jobs, at most `AT_ONCE` at a time, each with its limit in seconds; their ends in the order of `jobs`.

    `began` and `ended` are told each beginning and each end as it comes, with the job's number, in the calling thread.
    """
    workers: Workers[Result] = Workers()
    ends: dict[int, Ended[Result]] = {}
    begun = 0
    while begun < len(jobs) or workers.busy:
        while begun < len(jobs) and workers.has_room:
            workers.start(str(begun), jobs[begun], limits[begun])
            began(begun)
            begun += 1
        last = workers.next()
        ends[int(last.key)] = last
        ended(int(last.key), last)
    return [ends[number] for number in range(len(jobs))]
