"""The facts of a run: read as soon as they can be, per hop where they say so, and again when their inputs change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wizard.facts.model import FactReading, FactStatus
from wizard.facts.references import references_of, root_of
from wizard.questions.names import inside_hop, key_in_hop, split_key
from wizard.questions.yaml_text import written
from wizard.run.asking import facts_look_in, readings
from wizard.run.events import FactRead, Said
from wizard.run.names import environment, hop_names
from wizard.run.records import Record, as_record, veiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Guide
    from wizard.run.context import Run

_INPUTS: Final = frozenset({"answers", "facts", "values", "hop"})
"""Spaces of names that may change while the questionnaire goes on."""

_ONCE: Final[Mapping[str, Any]] = {}
"""Stands for no hop."""


class Looking:
    """The facts that are being read just now, and those of them that are there already but not journalled yet."""

    def __init__(self, guide: Guide, names: Iterable[str], hop: Mapping[str, Any]) -> None:
        """Look for the facts `names`, in `hop` where it is one."""
        self._guide = guide
        self._hop = hop
        self._waiting = list(names)
        self.values: dict[str, Any] = {}
        """What is known of those that were read, by the keys they are kept under."""

    @property
    def titles(self) -> tuple[str, ...]:
        """What is not there yet, in words."""
        return tuple(self._guide.facts[name].title or name.replace("_", " ") for name in self._waiting)

    def came(self, reading: FactReading) -> None:
        """Note that a fact is there."""
        self._waiting.remove(reading.id)
        if reading.status is FactStatus.KNOWN:
            self.values[_key(reading.id, self._hop)] = reading.value


class Collecting:
    """Reads the facts of a run while its questions are asked."""

    def __init__(self, run: Run) -> None:
        """Collect for `run`; what an earlier driver read counts as old, for its inputs are not known."""
        self._run = run
        self._made_of: dict[str, Mapping[str, Any]] = {}
        self.on_look: Callable[[Looking], None] = lambda _: None
        """Told whenever facts begin to be read, and each that was read; only for eyes."""

    def forget(self) -> None:
        """Count everything as old: it is read again at the next occasion."""
        self._made_of.clear()

    def read(self, hops: Sequence[Mapping[str, Any]] = (), *, all_asked: bool = False) -> None:
        """Read every fact that can be read now and is not up to date; those `per: hop` once for each of `hops`.

        `hops` are what `hop` means in each. With `all_asked`, an answer that is not there will never come.
        """
        self._read(_ONCE, all_asked=all_asked)
        for hop in hops:
            self._read(hop, all_asked=all_asked)
        self._drop(hops)

    def _read(self, hop: Mapping[str, Any], *, all_asked: bool) -> None:
        from wizard.facts.gather import read_facts, readable_now

        run, guide = self._run, self._run.loaded.guide
        while True:
            env = self._environment(hop)
            done = {name for name in guide.facts if self._is_done(name, hop, env)}
            names = [one for one in readable_now(guide, env, done, all_asked=all_asked) if self._is_of(one, hop)]
            if not names:
                return
            before = dict(run.state.facts)
            earlier, where = readings_in_hop(run, hop), facts_look_in(run)
            looking = Looking(guide, names, hop)
            self.on_look(looking)

            def came(reading: FactReading, looking: Looking = looking) -> None:
                looking.came(reading)
                self.on_look(looking)

            for reading in read_facts(run.loaded, names, run.machine, env, earlier=earlier, where=where, came=came):
                self._take(replace(reading, id=_key(reading.id, hop)), before)
            inside = self._environment(hop)
            for name in names:
                # What it was made of is what was known by then: facts it needs were read in the same go.
                self._made_of[_key(name, hop)] = self._inputs(name, inside)

    def _take(self, reading: FactReading, before: Mapping[str, Mapping[str, Any]]) -> None:
        """Journal and tell a reading, and what is different where it was read before."""
        run = self._run
        run.record(Record.FACT_READ, **as_record(reading))
        run.operator.tell(FactRead(replace(reading, value=veiled(reading.value, reading.id))))
        old, new = before.get(reading.id), run.state.facts[reading.id]
        if old is not None and old["status"] != FactStatus.UNKNOWN and old["value"] != new["value"]:
            run.operator.tell(Said(f"The fact {reading.id} was {shown(old)} and is {shown(new)} now."))

    def _drop(self, hops: Sequence[Mapping[str, Any]]) -> None:
        """What was made of an answer that is gone, or for a hop that is not on the way any more, is not known now."""
        wanted = {str(hop["to"]): hop for hop in hops}
        for key, data in list(self._run.state.facts.items()):
            name, to = split_key(key)
            hop = wanted.get(to)
            if data["status"] == FactStatus.UNKNOWN:
                continue
            if to and hop is None:
                self._forget(key, "no hop leads there any more")
            elif not self._is_done(name, hop or _ONCE, self._environment(hop or _ONCE)):
                self._forget(key, "what it was read with was changed, and it cannot be read now")

    def _forget(self, key: str, why: str) -> None:
        """Journal that a fact is not known any more."""
        self._run.record(Record.FACT_READ, **as_record(FactReading(key, FactStatus.UNKNOWN, reason=why)))
        self._made_of.pop(key, None)

    def _is_of(self, name: str, hop: Mapping[str, Any]) -> bool:
        return (self._run.loaded.guide.facts[name].per is not None) is bool(hop)

    def _is_done(self, name: str, hop: Mapping[str, Any], env: Environment) -> bool:
        """Whether a fact was read, with what is still so; inside a hop the facts of the whole run always are."""
        if not self._is_of(name, hop):
            return name in self._run.state.facts
        key = _key(name, hop)
        return key in self._run.state.facts and self._made_of.get(key) == self._inputs(name, env)

    def _inputs(self, name: str, env: Environment) -> Mapping[str, Any]:
        """What the texts of a fact are made of, as it is known now."""
        guide = self._run.loaded.guide
        roots = {root_of(one) for one in references_of(guide.facts[name], guide)}
        spaces = {space: env.names.get(space) or {} for space, _ in roots if space in _INPUTS}
        return {
            f"{space}.{one}": spaces[space].get(one) if one else dict(spaces[space])
            for space, one in roots
            if space in spaces
        }

    def _environment(self, hop: Mapping[str, Any]) -> Environment:
        env = environment(self._run)
        return inside_hop(self._run.loaded.guide, env, hop) if hop else env


def readings_in_hop(run: Run, hop: Mapping[str, Any]) -> dict[str, FactReading]:
    """All facts as they were read last, those of a hop under their own names."""
    known = readings(run)
    return {**known, **{split_key(key)[0]: one for key, one in known.items() if hop and split_key(key)[1] == hop["to"]}}


def read_again(run: Run, keys: Iterable[str]) -> Iterator[FactReading]:
    """Read facts once more, those of the whole run first; nothing is journalled.

    Those of a hop are read with what is known when their turn comes.
    """
    from wizard.facts.gather import read_facts

    by_hop: dict[str, list[str]] = {}
    for key in keys:
        name, to = split_key(key)
        by_hop.setdefault(to, []).append(name)
    hops = {one.to_version: hop_names(run.plan, one.number) for one in (run.plan.hops if run.plan is not None else ())}
    for to, names in sorted(by_hop.items()):
        hop = hops.get(to, {})
        env = inside_hop(run.loaded.guide, environment(run), hop) if hop else environment(run)
        earlier, where = readings_in_hop(run, hop), facts_look_in(run)
        again = read_facts(run.loaded, names, run.machine, env, earlier=earlier, where=where)
        yield from (replace(one, id=_key(one.id, hop)) for one in again if hop or not to)


def shown(data: Mapping[str, Any]) -> str:
    """A reading of the journal in a few words."""
    value = data["value"]
    text = "not there" if value is None else value if isinstance(value, str) else written(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _key(name: str, hop: Mapping[str, Any]) -> str:
    return key_in_hop(name, str(hop["to"])) if hop else name
