"""The path from the current to the target version: the shortest chain of hops that a guide allows."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError, VersionPathError
from wizard.expressions import compile_expression
from wizard.questions.names import STOP_RELEASE, split_key
from wizard.questions.releases import guide_version, known_releases
from wizard.templates import render_text
from wizard.templates.readable import readable
from wizard.versions import Version, in_range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Versions
    from wizard.guide.models.guide import BlockedPath, Hop

_PLAIN: Final = re.compile(r"[vV]?\d[\w.+~-]*", re.ASCII)
"""The end of a hop where it is one version, not a range or a word."""

_PATCH: Final = 3
"""How many numbers say which release it is; fewer are a series of patch levels."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One hop of a path: the versions it leads from and to, and the rule of the guide that allows it."""

    from_version: str
    to_version: str
    rule: Hop


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where a path stops on the way and more than one release may be meant.

    `series` is what they have in common (`7.6`); `releases` are those that are known, newest first, empty
    where the guide names none of them.
    """

    series: str
    releases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """The legs of a path, and the stops on it whose release the operator chooses (`stop_release: ask`)."""

    legs: tuple[Leg, ...]
    stops: tuple[Stop, ...] = ()


def release_at(stop: Stop) -> str:
    """A release that fits a stop, as an example: one that the guide knows, else the first of its series."""
    parts = stop.series.count(".") + 1
    return next(iter(stop.releases), stop.series + ".0" * max(0, 3 - parts))


def find_way(versions: Versions, current: str, target: str, env: Environment) -> Path:
    """The path from `current` to `target`: fewest hops first; among equally few the one that jumps latest.

    Where the guide says `stop_release: ask`, the releases that were chosen for stops are among the answers
    of `env`. VersionPathError where there is no way, with the next stop or the guide to use.
    """
    start = _asked_version(current, versions.pattern, "the version that runs now")
    end = _asked_version(target, versions.pattern, "the version to upgrade to")
    _must_ascend(start, end)
    ways = _Ways(versions, start, end, env)
    path = ways.shortest()
    legs: list[Leg] = []
    for here, there in pairwise(path):
        rule = ways.rule(here, there)
        assert rule is not None  # noqa: S101 - the path was made of such rules
        legs.append(Leg(str(here), str(there), rule))
    return Path(tuple(legs), tuple(ways.stops_to_ask(path)) if versions.stop_release == "ask" else ())


def _asked_version(text: str, pattern: str | None, what: str) -> Version:
    try:
        return guide_version(text, pattern)
    except ExpressionError as error:
        raise VersionPathError(f"{what} is not known: {error.message.removeprefix('versions: ')}") from None


def _must_ascend(start: Version, end: Version) -> None:
    if end == start:
        raise VersionPathError(f"{start} runs already; there is nothing to upgrade", hint="Choose a newer version.")
    if end < start:
        raise VersionPathError(
            f"from {start} to {end} would be a downgrade, and guides only go up",
            hint="To go back to an older version, restore the backup that was made before the upgrade.",
        )


@dataclass(frozen=True, slots=True)
class Series:
    """Versions that count as one: all that begin with the numbers of `head`."""

    head: tuple[int, ...]

    def __contains__(self, version: Version) -> bool:
        """Say whether a version is one of them."""
        padded = version.release + (0,) * len(self.head)
        return padded[: len(self.head)] == self.head


class _Ways:
    """Which version can be reached from which in one hop, between the two ends of one path."""

    def __init__(self, versions: Versions, start: Version, end: Version, env: Environment) -> None:
        self._versions = versions
        self._start = start
        self._end = end
        self._env = env
        self._releases = known_releases(versions, env)
        self._heads = {numbers: sorted({_head(one, numbers) for one in self._releases}) for numbers in (1, 2)}
        self._stops = [self._written(text) for text in versions.stops]
        self._chosen = dict(_chosen_releases(versions, env))
        self._rules: dict[tuple[Version, Version], Hop | None] = {}

    def _written(self, text: str) -> Version:
        return guide_version(render_text(text, self._env), self._versions.pattern)

    @cached_property
    def nodes(self) -> list[Version]:
        """Every version that a path may touch, from the start to the end.

        A stop, or the end of a hop, that is a whole series (1.4 where there are 1.4.1 and 1.4.2) is kept by any
        release of it; where one was chosen, by that one alone. Pre-releases are no place to stop at.
        """
        found = {release for release in self._releases if not release.pre_release}
        ends = [hop.to for hop in self._versions.hops if hop.to is not None and _PLAIN.fullmatch(hop.to)]
        for place in (*self._stops, *map(self._written, ends)):
            if not any(release in Series(place.release) for release in found):
                found.add(place)
        for series, release in self._chosen.items():
            found = {one for one in found if one not in series} | {release}
        between = sorted(version for version in found if self._start < version < self._end)
        return [self._start, *between, self._end]

    # -- stops at which the release is asked for ---------------------------------------------------

    def stops_to_ask(self, path: Sequence[Version]) -> Iterator[Stop]:
        """The stops of a path at which more than one release may be meant."""
        for version in path[1:-1]:
            series = self._series_of(version)
            known = [
                release
                for release in reversed(self._releases)
                if release in series and self._start < release < self._end and not release.pre_release
            ]
            precise = [release for release in known if len(release.release) > len(series.head)]
            free = not precise and len(series.head) < _PATCH
            if len(known) > 1 or free:
                yield Stop(_first_numbers(version, len(series.head)), tuple(map(str, precise)))

    def _series_of(self, version: Version) -> Series:
        """What counts as the same stop as a version on the way."""
        stops = (Series(stop.release) for stop in self._stops)
        if (series := next((one for one in (*self._chosen, *stops) if version in one), None)) is not None:
            return series
        match self._versions.one_at_a_time:
            case "minor":
                return Series(_head(version, 2))
            case "major":
                return Series(_head(version, 1))
            case _:
                return Series(version.release)

    # -- one hop ---------------------------------------------------------------------------------

    def rule(self, here: Version, there: Version) -> Hop | None:
        """The first hop of the guide that leads from one version to the other; None where none does.

        A hop to the target leads to a stop before it too, where no other hop does.
        """
        pair = (here, there)
        if pair not in self._rules:
            allowed = not self._jumped(here, there) and not self._skips(here, there) and self.block(here, there) is None
            hops = self._versions.hops if allowed else ()
            rules = [hop for hop in hops if self._leads(hop, here, there)]
            if not rules and hops and self._is_stop_before_the_end(here, there):
                rules = [hop for hop in hops if hop.to == "target" and self._begins_at(hop, here, there)]
            self._rules[pair] = next(iter(rules), None)
        return self._rules[pair]

    def _leads(self, hop: Hop, here: Version, there: Version) -> bool:
        return self._ends(hop.to, here, there) and self._begins_at(hop, here, there)

    def _begins_at(self, hop: Hop, here: Version, there: Version) -> bool:
        starts = hop.from_ is None or self._within(here, hop.from_)
        return starts and self._holds(hop.when, here, there)

    def _is_stop_before_the_end(self, here: Version, there: Version) -> bool:
        return any(there in Series(stop.release) for stop in self._jumped(here, self._end))

    def _ends(self, to: str | None, here: Version, there: Version) -> bool:
        match to:
            case None:
                return True
            case "target":
                return there == self._end
            case "next_minor":
                return there.major == here.major and self._is_next(here, there, 2)
            case "next_major":
                return self._is_next(here, there, 1)
            case _ if _PLAIN.fullmatch(to):
                return self._is_end(there, self._written(to))
            case _:
                return self._within(there, to)

    def _is_end(self, version: Version, end: Version) -> bool:
        """Whether a hop that ends at `end` leads to a version: to that one, or to a patch level of it.

        Patch levels are free but where the guide tells the end itself from others of its series; and even then
        where the whole series is a stop.
        """
        if version == end:
            return True
        series = Series(end.release)
        if version not in series or version.pre_release or len(end.release) >= _PATCH:
            return False
        finer = any(release in series and len(release.release) > len(end.release) for release in self._releases)
        return not (finer and end in self._releases) or any(stop.release == end.release for stop in self._stops)

    def _within(self, version: Version, text: str) -> bool:
        try:
            return in_range(version, render_text(text, self._env))
        except ValueError as error:
            raise ExpressionError(f"versions: {error}") from None

    def _holds(self, condition: str | None, here: Version, there: Version) -> bool:
        if condition is None:
            return True
        inside = self._env.with_names(hop={"from": str(here), "to": str(there)})
        return compile_expression(condition).holds(inside)

    def _jumped(self, here: Version, there: Version) -> list[Version]:
        """The stops that a hop would jump over."""
        return [
            stop
            for stop in self._stops
            if here < stop < there and here not in Series(stop.release) and there not in Series(stop.release)
        ]

    def _skips(self, here: Version, there: Version) -> bool:
        """Whether a hop jumps over a version that `one_at_a_time` wants taken."""
        match self._versions.one_at_a_time:
            case "minor":
                return _head(here, 2) != _head(there, 2) and not self._is_next(here, there, 2)
            case "major":
                return here.major != there.major and not self._is_next(here, there, 1)
            case _:
                return False

    def _is_next(self, here: Version, there: Version, numbers: int) -> bool:
        """Whether `there` is in the minor (2) or major (1) right after that of `here`.

        Where the releases are known, that is the next there is; else, and before the first of them, the next number.
        """
        before, after = _head(here, numbers), _head(there, numbers)
        if after <= before:
            return False
        heads = self._heads[numbers]
        if heads and before >= heads[0]:
            following = bisect_right(heads, before)
            return following == len(heads) or heads[following] >= after
        if numbers == 1 or before[0] == after[0]:
            return after[-1] == before[-1] + 1
        return after == (before[0] + 1, 0)

    def block(self, here: Version, there: Version) -> BlockedPath | None:
        """What of `blocked` forbids this hop."""
        for blocked in self._versions.blocked:
            starts = blocked.from_ is None or self._within(here, blocked.from_)
            ends = blocked.to is None or self._within(there, blocked.to)
            if starts and ends and self._holds(blocked.when, here, there):
                return blocked
        return None

    # -- the path --------------------------------------------------------------------------------

    def shortest(self) -> list[Version]:
        """The versions of the path, both ends included. VersionPathError where there is none."""
        self._must_know_the_target()
        left = self._hops_left()
        if self._start not in left:
            raise self._no_way()
        path = [self._start]
        while path[-1] != self._end:
            here = path[-1]
            path.append(max(there for there in left if left[there] == left[here] - 1 and self._can(here, there)))
        return path

    def _can(self, here: Version, there: Version) -> bool:
        return here < there and self.rule(here, there) is not None

    def _hops_left(self) -> dict[Version, int]:
        """How many hops lead from a version to the end, for each from which any do."""
        left = {self._end: 0}
        edge = [self._end]
        while edge and self._start not in left:
            reached = {here for there in edge for here in self.nodes if here not in left and self._can(here, there)}
            left |= dict.fromkeys(reached, left[edge[0]] + 1)
            edge = sorted(reached)
        return left

    def _must_know_the_target(self) -> None:
        if not self._releases or any(self._end in Series(release.release) for release in self._releases):
            return
        raise VersionPathError(
            f"this guide does not lead to {self._end}: it is not among the releases the guide knows",
            hint=f"It leads to: {', '.join(map(str, self._releases))}.",
        )

    # -- why there is none -----------------------------------------------------------------------

    def _no_way(self) -> VersionPathError:
        message = f"no path leads from {self._start} to {self._end}"
        reached = self._reachable()
        furthest = max(reached, default=None)
        stuck = furthest or self._start
        if (blocked := self._blocking(stuck)) is not None:
            instead = f" {readable(blocked.instead, self._env)}" if blocked.instead else ""
            way = f"From {self._start} this guide leads as far as {furthest}." if furthest else ""
            return VersionPathError(
                f"{message}: {readable(blocked.why, self._env)}", hint=f"{way}{instead}".strip() or self._advice(stuck)
            )
        if (stop := self._next_stop(stuck)) is not None:
            way = f"From {self._start} this guide leads as far as {furthest}. " if furthest else ""
            return VersionPathError(
                f"{message}: it must not jump over {stop}, and no hop of this guide leads there from {stuck}",
                hint=f"{way}Get to {stop} first, with the guide of that version. Or this guide needs a hop that "
                f'ends there: `to: "{stop}"`, or `to: target` with a `from` that takes in {stuck}.',
            )
        if furthest is not None:
            way = f"Upgrade to {furthest} first, which this guide leads to. {self._advice(furthest)}"
            return VersionPathError(f"{message}: from {furthest} on no hop of this guide fits", hint=way.strip())
        return VersionPathError(f"{message}: no hop of this guide fits {self._start}", hint=self._advice(self._start))

    def _reachable(self) -> set[Version]:
        found: set[Version] = set()
        edge = [self._start]
        while edge:
            here = edge.pop()
            more = [there for there in self.nodes if there not in found and self._can(here, there)]
            found.update(more)
            edge += more
        return found

    def _blocking(self, here: Version) -> BlockedPath | None:
        """What forbids the way on from `here`: of the whole jump first, then of the nearest hop."""
        onwards = [self._end, *(there for there in self.nodes if here < there)]
        return next((found for there in onwards if (found := self.block(here, there)) is not None), None)

    def _advice(self, here: Version) -> str:
        """What to do instead: the next stop, the next version that must be taken, or where hops begin."""
        if (stop := self._next_stop(here)) is not None:
            return f"The next stop is {stop}: get there first, with the guide of that version."
        if self._skips(here, self._end):
            step = self._versions.one_at_a_time
            if self._releases and here < self._releases[0]:
                between = f"one {step} version at a time, with the guides of the versions in between"
                return f"This guide begins at {self._releases[0]}: get there first, {between}."
            return f"One {step} version at a time: go to {self._next(here)} first, with the guide of that version."
        starts = dict.fromkeys(hop.from_ for hop in self._versions.hops if hop.from_ is not None)
        if not starts:
            return ""
        floor = next((release for release in self.nodes if release > here and self._begins(release)), None)
        first = f" Get to {floor} first, with the guide of that version." if floor not in (None, self._end) else ""
        return f"The hops of this guide begin at: {', '.join(starts)}.{first}"

    def _next_stop(self, here: Version) -> Version | None:
        """The first stop that lies between a version and the end."""
        return min(self._jumped(here, self._end), default=None)

    def _begins(self, version: Version) -> bool:
        """Whether any hop begins at a version."""
        return any(hop.from_ is None or self._within(version, hop.from_) for hop in self._versions.hops)

    def _next(self, here: Version) -> str:
        numbers = 2 if self._versions.one_at_a_time == "minor" else 1
        later = sorted(release for release in self._releases if _head(release, numbers) > _head(here, numbers))
        if later:
            return str(later[0])
        return f"{here.major}.{here.minor + 1}" if numbers == 2 else f"{here.major + 1}.0"


def _head(version: Version, numbers: int) -> tuple[int, ...]:
    """Major (1), or major and minor (2)."""
    return (version.major, version.minor)[:numbers]


def _first_numbers(version: Version, count: int) -> str:
    """The first numbers of a version as they are written (`2024.07` of `2024.07.1`)."""
    written = re.match(r"[0-9.]+", str(version))
    assert written is not None  # noqa: S101 - every version begins with a number
    return ".".join(written[0].split(".")[:count])


def _chosen_releases(versions: Versions, env: Environment) -> Iterator[tuple[Series, Version]]:
    """The releases that were chosen for stops, among the answers of `env`."""
    if versions.stop_release != "ask":
        return
    for key, value in (env.names.get("answers") or {}).items():
        question, series = split_key(key)
        if question == STOP_RELEASE and series and value is not None:
            yield Series(guide_version(series, None).release), guide_version(str(value), versions.pattern)
