"""What checks are asked with, and what a kind of check is given and gives back."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wizard.checks.model import Evidence, Status
from wizard.errors import ExpressionError
from wizard.facts.foreign import clean_text, secrets_in, without_secrets
from wizard.facts.whole_path import whole_path
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wizard.checks.model import Finding, Statement, StatementRequest
    from wizard.expressions import Environment
    from wizard.facts.looking import Surrounded
    from wizard.facts.model import FactReading
    from wizard.guide.loader import LoadedGuide
    from wizard.host.protocols import Machine


def _now() -> datetime:
    return datetime.now(UTC)


def _unheard(_: object) -> None:
    return None


def _nobody(_: StatementRequest) -> Statement | None:
    return None


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Everything checks are asked with.

    `facts` are all readings made so far (known, absent and unknown). `state` asks a person or the answers
    file; it is only called from the thread that asks the checks, and gives None where nobody stated it.
    `log_offsets` says where logs stood when the step began (bytes, by path; `note_log_offsets` gives them),
    `run_log_offsets` when the run began; a log that is in neither is only read with `since: start`.
    `read` is told every fact that was read again, from whatever thread; `began` the key of each check that is
    asked now, and `found` each finding as it comes, both from the thread that asks. `where` gives folder, user and
    environment of commands; without it the guide's `defaults` do. `facts_where` is the same for facts that
    are read again.
    """

    loaded: LoadedGuide
    machine: Machine
    env: Environment
    facts: Mapping[str, FactReading] = field(default_factory=dict)
    state: Callable[[StatementRequest], Statement | None] = _nobody
    log_offsets: Mapping[str, int] = field(default_factory=dict)
    run_log_offsets: Mapping[str, int] = field(default_factory=dict)
    where: Surrounded | None = None
    secrets: frozenset[Secret] | None = None
    """Every secret in the names, where whoever asks knows them already; else the names are gone through."""
    facts_where: Surrounded | None = None
    patient: bool = True
    """Whether a check with `within` is asked until it passes; else once, for what it says now."""
    read: Callable[[FactReading], None] = _unheard
    began: Callable[[str], None] = _unheard
    found: Callable[[Finding], None] = _unheard
    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def hidden(self) -> frozenset[Secret]:
        """Every secret in the names, to be masked in what was seen."""
        return secrets_in(self.env.names) if self.secrets is None else self.secrets

    def with_item(self, name: str, value: object) -> CheckContext:
        """The same inside a loop, where `name` is one item."""
        return replace(self, env=self.env.with_names(**{name: value}))

    def with_facts_again(self, names: Sequence[str]) -> CheckContext:
        """The same with these facts read once more, now."""
        from wizard.expressions import resolve_values
        from wizard.facts.gather import facts_as_names, read_facts

        if not names:
            return self
        again = read_facts(self.loaded, names, self.machine, self.env, earlier=self.facts, where=self.facts_where)
        for reading in again:
            self.read(reading)
        readings = {**self.facts, **{reading.id: reading for reading in again}}
        kept = {name: value for name, value in dict(self.env.names.get("facts") or {}).items() if name not in names}
        env = self.env.with_names(facts={**kept, **facts_as_names(again)})
        if self.loaded.guide.values:
            env = env.with_names(values=resolve_values(self.loaded.guide.values, env))
        return replace(self, env=env, facts=readings, secrets=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a kind of check found: its status, what was seen, and by what.

    `secrets` were used and are masked in it. `lasting` says that asking again cannot change it. `way_out` is
    what the machine's own refusal says to do; it stands in where the guide has no remedy.
    """

    status: Status
    seen: str
    by: str
    secrets: frozenset[Secret] = field(default=frozenset())
    lasting: bool = False
    way_out: str = ""

    @classmethod
    def of(cls, holds: bool, seen: str, by: str) -> Verdict:  # noqa: FBT001 - the whole point of it
        """Give ok where it holds, else fail."""
        return cls(Status.OK if holds else Status.FAIL, seen, by)

    @classmethod
    def ok(cls, seen: str, by: str) -> Verdict:
        """Give a pass."""
        return cls(Status.OK, seen, by)

    @classmethod
    def fail(cls, seen: str, by: str) -> Verdict:
        """Give a failure: what the check claims was seen not to hold."""
        return cls(Status.FAIL, seen, by)

    @classmethod
    def unknown(cls, seen: str, by: str) -> Verdict:
        """Give unknown: it could not be told."""
        return cls(Status.UNKNOWN, seen, by)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One check as its kind sees it: `model` is the model of the kind, also where the guide wrote it in short."""

    kind: str
    model: Any
    key: str
    title: str
    context: CheckContext

    @property
    def machine(self) -> Machine:
        """The machine that is looked at."""
        return self.context.machine

    @property
    def env(self) -> Environment:
        """The names its texts see."""
        return self.context.env

    def text(self, text: object) -> str:
        """Render a text (or a whole number) of the guide."""
        from wizard.templates import render_text

        return render_text(str(text), self.env)

    def path(self, text: object) -> str:
        """Render a path; a relative one lies in the folder the check's commands run in."""
        from wizard.checks.defaults import surroundings

        path = self.text(text)
        folder = None if path.startswith("/") else surroundings(self.context, user=False).folder
        return whole_path(path, folder)

    def optional(self, text: object) -> str | None:
        """Render a text where there is one."""
        return None if text is None else self.text(text)

    def value(self, text: object) -> Any:
        """Render a text, keeping the type where it is one `${{ }}`; what is no text stays.

        ExpressionError on a secret: what a check compares with is shown.
        """
        from wizard.templates import render

        value = render(text, self.env) if isinstance(text, str) else text
        if isinstance(value, Secret):
            raise ExpressionError(f"{text} is a secret, and what a check compares with is shown")
        return value

    def regex(self, text: str) -> str:
        """Render a regular expression."""
        from wizard.templates import render_regex

        return render_regex(text, self.env)

    def seconds(self, duration: str) -> float:
        """Render a duration."""
        from wizard.units import parse_duration

        return parse_duration(self.text(duration))

    def size(self, size: object) -> int:
        """Render a size in bytes."""
        import math

        from wizard.units import parse_size

        value = self.value(size)
        return math.ceil(value) if isinstance(value, float) else parse_size(value)

    def number(self, number: object) -> int | float:
        """Render a number."""
        from wizard.checks.comparing import number_of

        return number_of(self.value(number))


def evidence_of(verdict: Verdict, context: CheckContext) -> Evidence:
    """Write down what was seen, without control characters and secrets."""
    secrets = context.hidden() | verdict.secrets
    return Evidence(
        seen=without_secrets(clean_text(verdict.seen), secrets),
        by=without_secrets(clean_text(verdict.by), secrets),
        at=context.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
