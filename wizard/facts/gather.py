"""Reading facts: what can be read now, in which order, several at once, and what became of each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from wizard.counting import counted
from wizard.errors import ExpressionError, WizardError
from wizard.expressions import ABSENT, AbsentError
from wizard.facts.errors import NotCarriedOutError, ReadingError
from wizard.facts.foreign import clean, clean_text, secrets_in, without_secrets
from wizard.facts.items import items_of
from wizard.facts.kinds import read_kind
from wizard.facts.looking import Surrounded, passed_on
from wizard.facts.matching import value_of
from wizard.facts.model import FactReading, FactStatus
from wizard.facts.reading import Asking, Raw
from wizard.facts.references import is_there, references_in, references_of, root_of
from wizard.facts.workers import AT_ONCE, Workers, turns, work_through
from wizard.guide.models.base import Kind
from wizard.units import parse_duration, show_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from wizard.expressions import Environment
    from wizard.facts.items import Item
    from wizard.facts.workers import Ended
    from wizard.guide.loader import LoadedGuide
    from wizard.guide.models import Fact, Guide
    from wizard.guide.models.loops import Each
    from wizard.host.protocols import Machine
    from wizard.secrets import Secret

GRACE: Final = 2.0
"""Seconds a look gets beyond its own time limit to say itself why it has nothing."""


def readable_now(guide: Guide, env: Environment, done: Collection[str], *, all_asked: bool = False) -> list[str]:
    """Give the facts, in the order of the guide, whose `when` and texts need only names that are there.

    A fact that needs others is among them when those are done or readable too. `done` are facts that were
    read, with whatever result. Once the questionnaire is over (`all_asked`), an answer that is not there
    will never come and hinders nothing: it is absent.
    """
    names = env.names
    needs = {name: references_of(fact, guide) for name, fact in guide.facts.items() if name not in done}
    readable = [
        name
        for name, references in needs.items()
        if all(_is_settled(reference, names, all_asked=all_asked) for reference in references)
        and (guide.facts[name].per is None or bool(names.get("hop")))
    ]
    while True:
        there = {*done, *readable}
        left = [name for name in readable if _facts_in(needs[name]) & guide.facts.keys() <= there - {name}]
        if left == readable:
            return readable
        readable = left


def _is_settled(reference: str, names: Mapping[str, Any], *, all_asked: bool) -> bool:
    space, _ = root_of(reference)
    match space:
        case "facts" | "values":  # values count by what is behind them
            return True
        case "answers":
            return all_asked or is_there(reference, names)
        case _:
            return is_there(reference, names)


def read_facts(
    loaded: LoadedGuide,
    names: Sequence[str],
    machine: Machine,
    env: Environment,
    *,
    earlier: Mapping[str, FactReading] | None = None,
    where: Surrounded | None = None,
    came: Callable[[FactReading], None] | None = None,
) -> list[FactReading]:
    """Read the facts named, several at once, each after those it needs; readings in the order of `names`.

    Never raises for what the machine or the guide does: that makes a reading *unknown* with its reason.
    `earlier` are all readings made before: without them, what a fact needs and is not in `env` counts as
    not read, so that the fact is unknown too. `where` gives folder, user and environment of commands;
    of the guide's `defaults` facts inherit `pass_env` only, because the others may need answers that facts propose.
    `came` is told each reading as soon as it is there, in the calling thread and in whatever order that is.
    """
    where = where or passed_on(loaded.guide.defaults.pass_env)
    gathering = _Gathering(loaded.guide, machine, env, dict(earlier or {}), where)
    return gathering.read(list(dict.fromkeys(names)), came or (lambda _: None))


def facts_as_names(readings: Iterable[FactReading]) -> dict[str, Any]:
    """Give what expressions see as `facts`: the known ones. Later readings of a fact replace earlier ones."""
    facts: dict[str, Any] = {}
    for reading in readings:
        facts.pop(reading.id, None)
        if reading.status is FactStatus.KNOWN:
            facts[reading.id] = reading.value
    return facts


class _Gathering:
    """One call of `read_facts`."""

    def __init__(
        self,
        guide: Guide,
        machine: Machine,
        env: Environment,
        earlier: dict[str, FactReading],
        where: Surrounded,
    ) -> None:
        self._guide = guide
        self._machine = machine
        self._env = env
        self._known: dict[str, FactReading] = earlier
        self._where = where
        self._secrets = secrets_in(env.names)

    def read(self, names: list[str], came: Callable[[FactReading], None]) -> list[FactReading]:
        needs = {
            name: (_facts_in(references_of(self._guide.facts[name], self._guide)) & set(names)) - {name}
            for name in names
            if name in self._guide.facts
        }
        readings: dict[str, FactReading] = {
            name: FactReading(name, FactStatus.UNKNOWN, reason="the guide has no fact of that name")
            for name in names
            if name not in needs
        }
        workers: Workers[FactReading] = Workers(AT_ONCE)
        waiting = [name for name in names if name in needs]
        while waiting or workers.busy:
            ready = [name for name in waiting if needs[name] <= readings.keys()]
            if waiting and not ready and not workers.busy:
                readings |= {name: _in_a_circle(name, needs[name] - readings.keys()) for name in waiting}
                break
            for name in ready:
                if not workers.has_room:
                    break
                waiting.remove(name)
                self._start(workers, name, readings)
            if workers.busy:
                ended = workers.next()
                readings[ended.key] = self._reading(ended)
                came(readings[ended.key])
        return [readings[name] for name in names]

    def _start(self, workers: Workers[FactReading], name: str, readings: Mapping[str, FactReading]) -> None:
        """Start the reading of one fact with what is known at this moment."""
        known = {**self._known, **readings}
        facts = {**dict(self._env.names.get("facts") or {}), **facts_as_names(readings.values())}
        for reading in readings.values():
            if reading.status is not FactStatus.KNOWN:
                facts.pop(reading.id, None)
        env = self._with_values(self._env.with_names(facts=facts))
        fact = self._guide.facts[name]
        asking = Asking(fact, self._guide, self._machine, env, self._where)
        workers.start(name, lambda: _read(name, asking, known, self._secrets), _limit(fact, env) + GRACE)

    def _with_values(self, env: Environment) -> Environment:
        """Values may be made of facts that were read a moment ago."""
        from wizard.expressions import resolve_values

        if not self._guide.values:
            return env
        try:
            return env.with_names(values=resolve_values(self._guide.values, env))
        except ExpressionError:
            return env  # the fact that needs the broken value says so when it is read

    def _reading(self, ended: Ended[FactReading]) -> FactReading:
        if ended.result is not None:
            return replace(ended.result, seconds=round(ended.seconds, 3))
        if ended.late:
            reason = f"the machine did not answer within {show_duration(ended.seconds)}"
        else:
            reason = f"the reading itself crashed: {type(ended.crash).__name__}: {ended.crash}"
        reason = without_secrets(clean_text(reason), self._secrets)
        return FactReading(ended.key, FactStatus.UNKNOWN, reason=reason, seconds=round(ended.seconds, 3))


def _in_a_circle(name: str, others: Collection[str]) -> FactReading:
    reason = f"it can never be read: it needs {', '.join(sorted(others))}, by way of which it is needed itself"
    return FactReading(name, FactStatus.UNKNOWN, reason=reason)


def _read(name: str, asking: Asking, known: Mapping[str, FactReading], secrets: frozenset[Secret]) -> FactReading:
    """Read one fact; what stands in the way becomes the reason of an unknown reading."""
    secrets_used, status = secrets, FactStatus.UNKNOWN
    try:
        if (reason := _hindered(asking, known)) is not None:
            return FactReading(name, FactStatus.UNKNOWN, reason=reason)
        raw, value = _value(asking) if asking.fact.for_each is None else _of_each(asking, asking.fact.for_each)
        secrets_used |= raw.secrets | asking.where.secrets
        found = value is not ABSENT
        reason = "" if found else raw.reason or "nothing in it matches"
        return FactReading(
            name,
            FactStatus.KNOWN if found else FactStatus.ABSENT,
            _masked(clean(value), raw.secrets | asking.where.secrets) if found else None,
            source=without_secrets(clean_text(raw.source), secrets_used),
            reason=without_secrets(clean_text(reason), secrets_used),
        )
    except AbsentError as error:
        status, reason = FactStatus.ABSENT, error.message
    except WizardError as error:
        reason = error.message
    except ValueError as error:
        reason = str(error)
    return FactReading(name, status, reason=without_secrets(clean_text(reason), secrets_used))


def _hindered(asking: Asking, known: Mapping[str, FactReading]) -> str | None:
    """Why the fact cannot be read at all: it needs one that is unknown, or what is not carried out."""
    fact = asking.fact
    if fact.machine is not None:
        return "facts of other machines are not carried out by this version of the wizard"
    for needed in sorted(_facts_in(references_of(fact, asking.guide))):
        reading = known.get(needed)
        if reading is not None and reading.status is FactStatus.UNKNOWN:
            return f"it needs facts.{needed}, which is unknown: {reading.reason}"
        if reading is None and needed not in (asking.env.names.get("facts") or {}):
            return f"it needs facts.{needed}, which has not been read"
    return None


def _not_needed(asking: Asking) -> str | None:
    """Why a fact whose `when` does not hold is not read; None where it is needed."""
    from wizard.expressions import compile_expression

    when = asking.fact.when
    if when is None or compile_expression(when).holds(asking.env):
        return None
    return f"it is not needed here: `{when}` does not hold"


def _value(asking: Asking) -> tuple[Raw, Any]:
    """Read by kind and take the value; ABSENT where `when` does not hold or there is nothing."""
    fact = asking.fact
    if (reason := _not_needed(asking)) is not None:
        return Raw.nothing("", reason), ABSENT
    raw = _first_of(asking, fact.first_of) if fact.first_of is not None else read_kind(asking)
    return raw, value_of(fact, raw, asking.env)


def _of_each(asking: Asking, each: Each) -> tuple[Raw, Any]:
    """Read the fact for each item, several at once: a map by the items' keys, of those where there is something.

    ReadingError where it failed for any of them: what is not known of one is not known of all.
    """
    of_when = references_in(Kind.EXPRESSION, asking.fact.when or "true")
    of_item = any(root_of(name)[0] == each.name for name in of_when)
    if not of_item and (reason := _not_needed(asking)) is not None:  # the list may be absent then
        return Raw.nothing("", reason), ABSENT
    items = items_of(each, asking.env)
    fact = asking.fact.model_copy(update={"for_each": None})
    if not items:
        return Raw.nothing("", f"`{each.items}` has no items"), ABSENT
    inside = [replace(asking, fact=fact, env=asking.env.with_names(**{each.name: item.value})) for item in items]
    limits = [_limit(fact, one.env) + GRACE for one in inside]
    return _joined(items, work_through([partial(_value, one) for one in inside], limits))


def _joined(items: Sequence[Item], ended: Sequence[Ended[tuple[Raw, Any]]]) -> tuple[Raw, Any]:
    """One reading out of those of all items."""
    failed: list[str] = []
    found: dict[str, Any] = {}
    sources: list[str] = []
    secrets: frozenset[Secret] = frozenset()
    for item, end in zip(items, ended, strict=True):
        match end.crash:
            case WizardError() | ValueError() as error if not isinstance(error, AbsentError):
                failed.append(f"{item.key}: {error.message if isinstance(error, WizardError) else error}")
            case AbsentError():
                pass
            case Exception() as crash:
                failed.append(f"{item.key}: the reading itself crashed: {type(crash).__name__}: {crash}")
            case None:
                if end.result is None:
                    failed.append(f"{item.key}: the machine did not answer within {show_duration(end.seconds)}")
                    continue
                raw, value = end.result
                secrets |= raw.secrets
                if value is not ABSENT:
                    found[item.key] = value
                    sources.append(raw.source)
    if failed:
        raise ReadingError("; ".join(failed))
    if not found:
        return Raw.nothing("", f"nothing was found for any of {counted(len(items), 'item')}"), ABSENT
    source = sources[0] if len(set(sources)) == 1 else f"{sources[0]} and {len(sources) - 1} more"
    return Raw(found, source, secrets=secrets), found


def _first_of(asking: Asking, ways: Sequence[Fact]) -> Raw:
    """Give the first that is known; a way that failed hinders the next ones as little as one that found nothing.

    ReadingError where none is known and one of them failed: nobody can say then that there is nothing.
    """
    reasons: list[str] = []
    failed = False
    for way in ways:
        try:
            raw, value = _value(replace(asking, fact=way))
        except NotCarriedOutError:
            raise
        except (WizardError, ValueError) as error:
            failed = True
            reasons.append(error.message if isinstance(error, WizardError) else str(error))
            continue
        if value is not ABSENT:
            return Raw(value, raw.source, secrets=raw.secrets)
        reasons.append(raw.reason or f"nothing in {raw.source} matches")
    if failed:
        raise ReadingError("; ".join(reasons))
    return Raw.nothing("", "; ".join(reasons))


def _masked(value: Any, secrets: frozenset[Secret]) -> Any:
    """Mask secrets a command was given for its environment, should it print them."""
    match value:
        case str():
            return without_secrets(value, secrets)
        case dict():
            return {name: _masked(item, secrets) for name, item in value.items()}
        case list():
            return [_masked(item, secrets) for item in value]
        case _:
            return value


def _limit(fact: Fact, env: Environment) -> float:
    """Seconds a fact may take, its fallbacks one after the other."""
    from wizard.templates import render_text

    if fact.for_each is not None:
        return _limit_of_each(fact, fact.for_each, env)
    if fact.first_of is not None:
        return sum(_limit(way, env) for way in fact.first_of)
    try:
        return parse_duration(render_text(fact.timeout, env))
    except (ExpressionError, ValueError):
        return 20.0  # reading it will say what is wrong with its time limit


def _limit_of_each(fact: Fact, each: Each, env: Environment) -> float:
    """Seconds a fact may take that is read for each item, so many at once."""
    once = fact.model_copy(update={"for_each": None})
    try:
        items = items_of(each, env)
    except WizardError:
        return _limit(once, env)  # reading it will say what is wrong with its list
    each_env = [env.with_names(**{each.name: item.value}) for item in items[:1]]
    return max((_limit(once, one) + GRACE for one in each_env), default=GRACE) * turns(len(items))


def _facts_in(references: Iterable[str]) -> set[str]:
    return {name for space, name in map(root_of, references) if space == "facts" and name}
