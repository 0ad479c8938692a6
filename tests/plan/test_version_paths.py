"""The path from one version to another: shortest, never over a stop, and words where there is none."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wizard.errors import ExpressionError, VersionPathError
from wizard.expressions import Environment
from wizard.guide.models import Versions
from wizard.plan.hops import find_hops, find_path
from wizard.versions import Version, in_range, parse_version

NOTHING = Environment()


def versions_of(**parts: Any) -> Versions:
    """The `versions` of a guide; without hops, any hop is one."""
    return Versions.model_validate({"hops": [{"phases": ["work"]}], **parts})


def path(versions: Versions, current: str, target: str, env: Environment = NOTHING) -> list[str]:
    """The versions a path touches."""
    hops = find_path(versions, current, target, env)
    return [hops[0].from_version, *(hop.to_version for hop in hops)]


CAWEMO = versions_of(
    releases=["1.3", "1.4", "1.5"],
    hops=[
        {"from": "<1.4", "to": "1.4", "phases": ["old"], "title": "To ${{ hop.to }}"},
        {"from": "1.4.*", "to": "target", "phases": ["new"]},
    ],
)


def test_a_chain_of_hops_is_numbered_and_titled() -> None:
    """Each hop knows its versions, its place and the rule whose phases it takes."""
    hops = find_hops(CAWEMO, "1.3", "1.5", NOTHING)
    assert [(hop.number, hop.from_version, hop.to_version, hop.first, hop.last, hop.title) for hop, _ in hops] == [
        (1, "1.3", "1.4", True, False, "To 1.4"),
        (2, "1.4", "1.5", False, True, ""),
    ]
    assert [rule.phases for _, rule in hops] == [["old"], ["new"]]


@pytest.mark.parametrize(
    ("current", "target", "wanted"),
    [
        ("1.3.2", "1.4", ["1.3.2", "1.4"]),
        ("1.4.1", "1.5", ["1.4.1", "1.5"]),
        ("1.4", "1.5.1", ["1.4", "1.5.1"]),
        ("0.9", "1.5", ["0.9", "1.4", "1.5"]),
    ],
)
def test_patch_levels_are_free(current: str, target: str, wanted: list[str]) -> None:
    """The current version and the target may be patch levels of what the guide names."""
    assert path(CAWEMO, current, target) == wanted


def test_the_shortest_path_wins_and_among_equals_the_latest_jump() -> None:
    """Two hops beat three, and the first hop goes as far as it can."""
    versions = versions_of(releases=["1.0", "1.1", "1.2", "2.0"], blocked=[{"from": "1.0", "to": "2.0", "why": "No."}])
    assert path(versions, "1.0", "2.0") == ["1.0", "1.2", "2.0"]


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ({"releases": {"ladder": "7.5 .. 7.8"}, "one_at_a_time": "minor"}, ["7.5", "7.6", "7.7", "7.8"]),
        ({"releases": {"ladder": "7.5 .. 7.8"}, "stops": ["7.7"]}, ["7.5", "7.7", "7.8"]),
        ({"releases": {"from": "facts.tags"}, "one_at_a_time": "minor"}, ["7.5", "7.7.2", "7.8"]),
        ({"stops": ["7.6.3", "7.7"]}, ["7.5", "7.6.3", "7.7", "7.8"]),
        (
            {"hops": [{"to": "7.6", "phases": ["a"]}, {"from": "7.6", "phases": ["b"]}], "stops": ["7.6"]},
            ["7.5", "7.6", "7.8"],
        ),
        ({"releases": ["7.5", "7.6.0", "7.6.4", "7.8"], "stops": ["7.6"]}, ["7.5", "7.6.4", "7.8"]),
        (
            {"releases": ["7.5", "7.6", "7.8"], "hops": [{"to": "next_minor", "phases": ["a"]}]},
            ["7.5", "7.6", "7.8"],
        ),
    ],
    ids=["ladder", "stop", "tags", "open-stops", "open-hop-end", "stop-is-a-series", "next-minor"],
)
def test_what_lies_between_comes_from_releases_stops_and_hops(parts: dict[str, Any], wanted: list[str]) -> None:
    """Where releases are open only stops and the ends of hops lie between; a stop is kept by its newest release."""
    env = Environment(names={"facts": {"tags": ["7.5", "junk", "7.7.1", "7.7.2", "7.8"]}})
    assert path(versions_of(**parts), "7.5", "7.8", env) == wanted


def test_the_next_major_is_the_next_there_is() -> None:
    """Majors that were never released are no step to be taken."""
    versions = versions_of(
        releases=["1.0", "1.9", "3.0", "3.1"],
        hops=[{"to": "next_major", "phases": ["a"]}, {"from": "3.*", "phases": ["b"]}],
        one_at_a_time="major",
    )
    assert path(versions, "1.0", "3.1") == ["1.0", "3.1"]
    assert path(versions_of(one_at_a_time="major", stops=["2.0"]), "1.0", "3.0") == ["1.0", "2.0", "3.0"]


def test_a_hop_may_depend_on_the_machine() -> None:
    """`when` of a hop sees answers, facts and the versions of the hop itself."""
    versions = versions_of(
        hops=[
            {"to": "target", "when": 'answers.fast && in_range(hop.from, "1.*")', "phases": ["a"]},
            {"to": "1.5", "phases": ["b"]},
            {"from": "1.5", "phases": ["c"]},
        ]
    )
    fast = Environment(names={"answers": {"fast": True}})
    assert path(versions, "1.0", "2.0", fast) == ["1.0", "2.0"]
    assert path(versions, "1.0", "2.0") == ["1.0", "1.5", "2.0"]


def test_versions_are_read_as_the_product_writes_them() -> None:
    """The pattern takes the decoration away; plain numbers are understood too."""
    versions = versions_of(pattern=r"v(?P<version>\d+(\.\d+)+)-ee", releases=["v1.0-ee", "v1.1-ee"])
    assert path(versions, "v1.0-ee", "1.1") == ["1.0", "1.1"]


REFUSED: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({}, "1.0", "1.0.0", "1.0 runs already", "newer version"),
    ({}, "2.0", "1.0", "would be a downgrade", "restore the backup"),
    ({}, "unknown", "1.0", "the version that runs now is not known", ""),
    ({"releases": ["1.0", "1.1"]}, "1.0", "3.0", "does not lead to 3.0", "It leads to: 1.0, 1.1."),
    ({"hops": [{"from": ">=1.5", "phases": ["a"]}]}, "1.0", "2.0", "no hop of this guide fits 1.0", "begin at: >=1.5"),
    (
        {"stops": ["1.5"], "hops": [{"to": "target", "phases": ["a"]}]},
        "1.0",
        "2.0",
        "no hop of this guide fits 1.0",
        "The next stop is 1.5: get there first",
    ),
    ({"one_at_a_time": "minor"}, "1.2", "1.5", "no hop of this guide fits 1.2", "go to 1.3 first"),
    ({"one_at_a_time": "major"}, "1.2", "4.0", "no hop of this guide fits 1.2", "go to 2.0 first"),
    (
        {"blocked": [{"from": "<1.5", "to": ">=2.0", "why": "The schema jumps.", "instead": "Use the guide for 1.5."}]},
        "1.0",
        "2.0",
        "The schema jumps.",
        "Use the guide for 1.5.",
    ),
    (
        {"releases": ["1.0", "1.1", "2.0"], "hops": [{"to": "1.1", "phases": ["a"]}]},
        "1.0",
        "2.0",
        "from 1.1 on no hop of this guide fits",
        "Upgrade to 1.1 first",
    ),
    (
        {
            "releases": ["1.0", "1.1", "2.0"],
            "blocked": [{"from": "1.*", "to": "2.*", "why": "Rewritten.", "instead": "Move the data by hand."}],
        },
        "1.0",
        "2.0",
        "Rewritten.",
        "From 1.0 this guide leads as far as 1.1. Move the data by hand.",
    ),
]


@pytest.mark.parametrize(("parts", "current", "target", "why", "way"), REFUSED, ids=lambda one: str(one)[:24])
def test_an_impossible_path_says_why_and_what_to_do(
    parts: dict[str, Any], current: str, target: str, why: str, way: str
) -> None:
    """Nothing begins; the next stop, the next version or the guide to use is named."""
    with pytest.raises(VersionPathError) as caught:
        find_path(versions_of(**parts), current, target, NOTHING)
    assert why in caught.value.message
    assert way in caught.value.hint


def test_a_range_that_is_none_is_the_guides_mistake() -> None:
    """A range nobody can read ends with words, not with a traceback."""
    with pytest.raises(ExpressionError, match="versions:"):
        find_path(versions_of(hops=[{"from": ">>1", "phases": ["a"]}]), "1.0", "2.0", NOTHING)


# -- what holds for every guide ------------------------------------------------------------------

_VERSIONS = st.builds(
    lambda numbers: ".".join(map(str, numbers)),
    st.lists(st.integers(0, 3), min_size=2, max_size=3).filter(any),
)


@st.composite
def _guides(draw: st.DrawFn) -> tuple[dict[str, Any], str, str]:
    """The `versions` of a guide, and the two ends of a path among its releases, mostly the outermost."""
    releases = sorted(draw(st.lists(_VERSIONS, min_size=2, max_size=8, unique_by=parse_version)), key=parse_version)
    some = st.sampled_from(releases)
    stops = draw(st.lists(st.one_of(some, _VERSIONS), max_size=2))
    start = st.one_of(st.none(), some.map(lambda one: f">={one}"), some.map(lambda one: f"<{one}"))
    end = st.one_of(st.none(), st.sampled_from(["target", "next_minor", "next_major"]), some)
    hops: list[dict[str, Any]] = [
        {"phases": ["a"], **{key: value for key, value in (("from", one), ("to", other)) if value is not None}}
        for one, other in draw(st.lists(st.tuples(start, end), min_size=1, max_size=3))
    ]
    if draw(st.booleans()):
        hops.append({"phases": ["b"]})
    versions = {
        "releases": draw(st.sampled_from([releases, releases, "open"])),
        "stops": stops,
        "hops": hops,
        "one_at_a_time": draw(st.sampled_from([None, "minor", "major"])),
    }
    return versions, draw(st.sampled_from([releases[0], draw(some)])), draw(st.sampled_from([releases[-1], draw(some)]))


def _in_series(version: Version, series: Version) -> bool:
    """Whether the numbers of one version begin with those of the other."""
    padded = version.release + (0,) * len(series.release)
    return padded[: len(series.release)] == series.release


@settings(deadline=None, max_examples=400)
@given(guide=_guides())
def test_every_path_keeps_the_rules(guide: tuple[dict[str, Any], str, str]) -> None:
    """It begins at current, ends at target, only goes up, jumps over no stop and over nothing one_at_a_time wants."""
    parts, *ends = guide
    releases, stops, hops, step = (parts[key] for key in ("releases", "stops", "hops", "one_at_a_time"))
    versions = versions_of(**parts)
    try:
        found = find_path(versions, ends[0], ends[1], NOTHING)
    except VersionPathError:
        return
    touched = [parse_version(one) for one in (found[0].from_version, *(hop.to_version for hop in found))]
    assert (touched[0], touched[-1]) == (parse_version(ends[0]), parse_version(ends[1]))
    assert [hop.number for hop in found] == list(range(1, len(found) + 1))
    assert [hop.first for hop in found] == [True] + [False] * (len(found) - 1)
    assert [hop.last for hop in found] == [False] * (len(found) - 1) + [True]
    known = [parse_version(one) for one in (releases if isinstance(releases, list) else [])]
    for here, there in pairwise(touched):
        assert here < there
        for stop in map(parse_version, stops):
            assert not here < stop < there or _in_series(here, stop) or _in_series(there, stop)
        numbers = {"minor": 2, "major": 1}.get(str(step), 0)
        before, after = (here.major, here.minor)[:numbers], (there.major, there.minor)[:numbers]
        assert not any(before < (one.major, one.minor)[:numbers] < after for one in known)
        if not known and numbers:
            assert after[0] - before[0] <= 1
        assert any(hop.get("from") is None or in_range(here, hop["from"]) for hop in hops)


@settings(deadline=None, max_examples=200)
@given(
    releases=st.lists(_VERSIONS, min_size=2, max_size=8, unique=True), step=st.sampled_from([None, "minor", "major"])
)
def test_a_guide_whose_hops_lead_everywhere_always_has_a_path(releases: list[str], step: Any) -> None:
    """From the oldest to the newest release there is one, and without other rules it is a single hop."""
    known = sorted(set(map(parse_version, releases)))
    assume(len(known) > 1)
    found = find_path(versions_of(releases=releases, one_at_a_time=step), str(known[0]), str(known[-1]), NOTHING)
    assert len(found) == 1 or step is not None


@settings(deadline=None, max_examples=100)
@given(
    releases=st.lists(_VERSIONS, min_size=3, max_size=7, unique=True),
    stops=st.lists(_VERSIONS, max_size=3),
    data=st.data(),
)
def test_no_other_chain_is_shorter(releases: list[str], stops: list[str], data: st.DataObject) -> None:
    """Compared with every chain there is between releases, the path has as few hops as the best."""
    known = sorted(set(map(parse_version, releases)))
    assume(len(known) > 2)
    stops = [str(one) for one in data.draw(st.lists(st.sampled_from(known), max_size=3))]
    versions = versions_of(releases=releases, stops=stops)

    def fewest(here: Version) -> int:
        if here == known[-1]:
            return 0
        fits = (
            there
            for there in known
            if here < there
            and all(
                not here < parse_version(stop) < there
                or _in_series(here, parse_version(stop))
                or _in_series(there, parse_version(stop))
                for stop in stops
            )
        )
        return 1 + min(map(fewest, fits))

    assert len(find_path(versions, str(known[0]), str(known[-1]), NOTHING)) == fewest(known[0])


def test_a_long_ladder_is_climbed_rung_by_rung() -> None:
    """Hundreds of releases with one hop each are planned at once, without one left out."""
    versions = versions_of(releases={"ladder": "3.0 .. 3.300"}, one_at_a_time="minor")
    assert path(versions, "3.0", "3.300") == [f"3.{number}" for number in range(301)]
