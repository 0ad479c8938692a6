"""Versions as vendors write them: order, ranges (`>=1.3,<1.4`, `1.4.*`) and ladders (`7.5 .. 7.24`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION: Final = re.compile(
    r"[vV]?(?P<release>[0-9]{1,18}(?:\.[0-9]{1,18}){0,5})"
    r"(?P<suffix>(?:(?:[-+_~][0-9A-Za-z]|\.?[A-Za-z])(?:[0-9A-Za-z]|[-+_.~](?=[0-9A-Za-z]))*)?)"
)
_TOKEN: Final = re.compile(r"[0-9]+|[a-z]+")
_PRE_RELEASES: Final = {
    name: place
    for place, names in enumerate(
        (("dev",), ("nightly",), ("canary",), ("alpha",), ("beta",), ("m", "milestone"), ("sm",), ("ea",),
         ("pre", "preview"), ("rc", "cr"), ("snapshot",))
    )
    for name in names
}  # fmt: skip
_NO_MARKS: Final = frozenset({"final", "ga", "release"})
"""Words that only say that it is the release itself (`1.4.0.Final`)."""

_SuffixKey: TypeAlias = tuple[tuple[int, int, str], ...]
_END: Final = (1, 0, "")
_CLAUSE: Final = re.compile(r"(?P<operator>>=|<=|!=|==|>|<|=|)\s*(?P<version>\S+)")
_OPPOSITES: Final = {"": "=", "==": "="}


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One version; `1.4` and `1.4.0` are equal, `1.4-RC1` and `1.4-SM2` are before `1.4`, `1.4-ce.0` is after it.

    `release` holds the numbers as written, `text` the version without a leading `v`.
    """

    key: tuple[tuple[int, ...], _SuffixKey] = field(repr=False)
    text: str = field(compare=False)
    release: tuple[int, ...] = field(compare=False, repr=False)

    @property
    def major(self) -> int:
        """The first number."""
        return self.release[0]

    @property
    def minor(self) -> int:
        """The second number; 0 where there is none."""
        return self.release[1] if len(self.release) > 1 else 0

    @property
    def patch(self) -> int:
        """The third number; 0 where there is none."""
        return self.release[2] if len(self.release) > 2 else 0

    @property
    def pre_release(self) -> bool:
        """Whether a marker (`-RC1`, `-beta`, `~dev`) says that it came before its release."""
        return any(place == 0 for place, _, _ in self.key[1])

    def __str__(self) -> str:
        """Give the normal text: as written, without a leading `v`."""
        return self.text


def parse_version(text: str, pattern: str | None = None) -> Version:
    """Read `text`, by the guide's `pattern` (its group `version`) where there is one. ValueError where it is none."""
    if pattern is not None:
        text = _by_pattern(text, pattern)
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        msg = f"{text!r} is not a version: write numbers with dots, such as 1.4 or 2.10.3"
        raise ValueError(msg)
    if found["suffix"].lower() == ".x":
        msg = f"{text!r} is not a version: .x stands for several, write one of them"
        raise ValueError(msg)
    release = tuple(int(number) for number in found["release"].split("."))
    return Version(
        key=(_without_zeros(release), _suffix_key(found["suffix"])),
        text=found["release"] + found["suffix"],
        release=release,
    )


def as_version(value: Version | str) -> Version:
    """Give `value` as a Version. ValueError where it is none."""
    return value if isinstance(value, Version) else parse_version(value)


def _by_pattern(text: str, pattern: str) -> str:
    try:
        found = re.fullmatch(pattern, text.strip())
    except re.error as error:
        msg = f"the version pattern {pattern!r} is not a regular expression: {error}"
        raise ValueError(msg) from None
    if found is None:
        msg = f"{text!r} is not a version as this product writes them ({pattern})"
        raise ValueError(msg)
    if found.groupdict().get("version") is None:
        msg = f"the version pattern {pattern!r} needs a group named version: (?P<version>…)"
        raise ValueError(msg)
    return found["version"]


def _without_zeros(release: tuple[int, ...]) -> tuple[int, ...]:
    end = len(release)
    while end > 1 and release[end - 1] == 0:
        end -= 1
    return release[:end]


def _suffix_key(suffix: str) -> _SuffixKey:
    """Sort key of a suffix: a marker of a pre-release < the end of the text < a number < any other word."""
    parts: list[tuple[int, int, str]] = [(0, -1, "")] if suffix.startswith("~") else []
    for token in _TOKEN.findall(suffix.lower()):
        if token in _PRE_RELEASES:
            parts.append((0, _PRE_RELEASES[token], ""))
        elif token.isdigit():
            parts.append((2, int(token), ""))
        elif token not in _NO_MARKS:
            parts.append((3, 0, token))
    return (*parts, _END)


@dataclass(frozen=True, slots=True)
class _Clause:
    operator: str
    version: Version
    wildcard: bool

    def holds(self, version: Version) -> bool:
        if self.wildcard:
            wanted = self.version.release
            padded = version.release + (0,) * len(wanted)
            return (padded[: len(wanted)] == wanted) is (self.operator == "=")
        match self.operator:
            case ">=":
                return version >= self.version
            case "<=":
                return version <= self.version
            case ">":
                return version > self.version
            case "<":
                return version < self.version
            case "!=":
                return version != self.version
            case _:
                return version == self.version


@dataclass(frozen=True, slots=True)
class VersionRange:
    """What `>=1.3,<1.4` stands for: all clauses must hold. `*` holds for every version."""

    text: str
    clauses: tuple[_Clause, ...]

    def __contains__(self, version: Version | str) -> bool:
        """Say whether every clause holds. ValueError where `version` is none."""
        known = as_version(version)
        return all(clause.holds(known) for clause in self.clauses)


def parse_range(text: str) -> VersionRange:
    """Read a range: `>=1.3,<1.4`, `1.4.*`, `!=1.4.2`, `1.4` (also 1.4.0), `*`. ValueError where it is none."""
    if text.strip() == "*":
        return VersionRange(text, ())
    return VersionRange(text, tuple(_parse_clause(part.strip(), text) for part in text.split(",")))


def _parse_clause(part: str, whole: str) -> _Clause:
    found = _CLAUSE.fullmatch(part)
    if found is None:
        msg = f"{whole!r} is not a range of versions: write it like >=1.3,<1.4 or 1.4.* or =1.4.2"
        raise ValueError(msg)
    operator = _OPPOSITES.get(found["operator"], found["operator"])
    wildcard = found["version"].endswith(".*")
    if wildcard and operator not in ("=", "!="):
        msg = f"{part!r} mixes {operator} with .*: write {part[:-2]!r}"
        raise ValueError(msg)
    version = parse_version(found["version"].removesuffix(".*"))
    return _Clause(operator, version, wildcard)


def in_range(version: Version | str, text: str) -> bool:
    """Say whether `version` is in the range `text`. ValueError where either is none."""
    return version in parse_range(text)


def ladder(text: str) -> tuple[Version, ...]:
    """Give every rung of `7.5 .. 7.24`; only the last number grows. ValueError where it is no ladder.

    Where the first is written with a nought in front (`2024.01 .. 2024.12`), the others are as wide.
    """
    ends = [part.strip() for part in text.split("..")]
    if len(ends) != 2 or not all(re.fullmatch(r"[vV]?[0-9]+(\.[0-9]+)*", end) for end in ends):
        # Splitting at the first `..` would take `7.5...7.24` for a ladder.
        msg = f"{text!r} is not a ladder: write the first and the last release, such as 7.5 .. 7.24"
        raise ValueError(msg)
    first, last = (parse_version(end).release for end in ends)
    if len(first) != len(last) or first[:-1] != last[:-1]:
        msg = f"the ladder {text!r} may only grow in its last number: list the releases one by one instead"
        raise ValueError(msg)
    if first[-1] > last[-1]:
        msg = f"the ladder {text!r} runs downwards: write the oldest release first"
        raise ValueError(msg)
    if last[-1] - first[-1] > 1000:
        msg = f"the ladder {text!r} has more than 1000 rungs"
        raise ValueError(msg)
    head, _, rung = ends[0].rpartition(".")
    width = len(rung) if rung.startswith("0") else 1
    head = f"{head}." if head else ""
    return tuple(parse_version(f"{head}{number:0{width}}") for number in range(first[-1], last[-1] + 1))


_V = TypeVar("_V", Version, str)


def sort_versions(versions: Iterable[_V]) -> list[_V]:
    """Give the versions oldest first, each as it was written. ValueError where one is none."""
    return sorted(versions, key=as_version)


def hop_names(from_version: str, to_version: str, number: int, *, last: bool) -> dict[str, Any]:
    """What `hop` means in the hop of that number (from 1)."""
    return {"from": from_version, "to": to_version, "number": number, "first": number == 1, "last": last}
