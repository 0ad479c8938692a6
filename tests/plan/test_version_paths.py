"""The path from one version to another: shortest, never over a stop, and words where there is none."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.plan.writing import find_path
from wizard.errors import ExpressionError, VersionPathError
from wizard.expressions import Environment
from wizard.guide.models import Versions
from wizard.plan.hops import find_hops
from wizard.questions.path import find_way
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


@pytest.mark.parametrize(
    ("target", "end", "reached"),
    [("1.4.2", "1.4", True), ("1.4.2-ce.0", "1.4", True), ("1.4.2-RC1", "1.4", False), ("1.5", "1.4", False),
     ("1.4.3.1", "1.4.3", False), ("1.4.2", "1.4.*", True)],
)  # fmt: skip
def test_a_hop_that_ends_at_a_series_leads_to_its_patch_levels(target: str, end: str, reached: bool) -> None:
    """`to: "1.4"` leads to 1.4.2 too, but to no pre-release, no other series, and from three numbers on to that one."""
    versions = versions_of(hops=[{"to": end, "phases": ["a"]}])
    if reached:
        assert path(versions, "1.3", target) == ["1.3", target]
    else:
        with pytest.raises(VersionPathError):
            path(versions, "1.3", target)


def test_a_series_whose_patch_levels_are_named_is_not_free() -> None:
    """Where the guide tells 1.4.0 from 1.4.3, `to: "1.4"` means the first of them."""
    versions = versions_of(releases=["1.3", "1.4.0", "1.4.3"], hops=[{"to": "1.4", "phases": ["a"]}])
    assert path(versions, "1.3", "1.4.0") == ["1.3", "1.4.0"]
    with pytest.raises(VersionPathError):
        path(versions, "1.3", "1.4.3")


def test_no_path_stops_at_a_pre_release() -> None:
    """A pre-release among the releases is no place to stop at, but may be where it starts and ends."""
    versions = versions_of(
        releases=["1.0-RC1", "1.0", "1.1", "1.2-RC1", "2.0-RC1"],
        blocked=[{"from": "<1.1", "to": ">=2.0-RC1", "why": "No."}],
    )
    assert path(versions, "1.0-RC1", "2.0-RC1") == ["1.0-RC1", "1.1", "2.0-RC1"]


def asked_stops(versions: Versions, current: str, target: str, **chosen: str) -> list[tuple[str, tuple[str, ...]]]:
    """The stops whose release the operator chooses: series and releases."""
    answers = {f"stop_release@{series.replace('_', '.')}": value for series, value in chosen.items()}
    found = find_way(versions, current, target, Environment(names={"answers": answers}))
    return [(stop.series, stop.releases) for stop in found.stops]


def test_the_release_at_a_stop_may_be_asked_for() -> None:
    """A stop with several releases, or one whose patch levels nobody names, is asked for; the end never is."""
    ladder = versions_of(releases={"ladder": "7.5 .. 7.8"}, one_at_a_time="minor", stop_release="ask")
    assert asked_stops(ladder, "7.5.3", "7.7.2") == [("7.6", ())]
    assert asked_stops(ladder, "7.5.3", "7.6.2") == []
    named = versions_of(
        releases=["7.5.0", "7.6.0", "7.6.4", "7.6.5-RC1", "7.7.0"], one_at_a_time="minor", stop_release="ask"
    )
    assert asked_stops(named, "7.5.0", "7.7.0") == [("7.6", ("7.6.4", "7.6.0"))]
    exact = versions_of(stops=["12.0.12", "13.0"], stop_release="ask")
    assert asked_stops(exact, "11.0", "14.0") == [("13.0", ())]
    assert asked_stops(versions_of(stops=["13.0"]), "11.0", "14.0") == []


def test_the_release_chosen_for_a_stop_is_on_the_way() -> None:
    """The path stops at it instead of the newest, and the rules of the guide hold for it as for any other."""
    versions = versions_of(
        releases=["7.5.0", "7.6.0", "7.6.4", "7.7.0"],
        one_at_a_time="minor",
        stop_release="ask",
        blocked=[{"from": "7.6.0", "why": "7.6.0 is broken."}],
    )
    chosen = Environment(names={"answers": {"stop_release@7.6": "7.6.4"}})
    assert path(versions, "7.5.0", "7.7.0", chosen) == ["7.5.0", "7.6.4", "7.7.0"]
    broken = Environment(names={"answers": {"stop_release@7.6": "7.6.0"}})
    with pytest.raises(VersionPathError, match=r"7\.6\.0 is broken"):
        path(versions, "7.5.0", "7.7.0", broken)


def test_calendar_versions_keep_their_noughts() -> None:
    """`2024.07` is written as it is, also as a rung and as the name of a stop."""
    versions = versions_of(releases={"ladder": "2024.07 .. 2024.10"}, one_at_a_time="minor", stop_release="ask")
    assert path(versions, "2024.07", "2024.09.1") == ["2024.07", "2024.08", "2024.09.1"]
    assert asked_stops(versions, "2024.07", "2024.09.1") == [("2024.08", ())]


def test_a_hop_to_the_target_stops_on_the_way() -> None:
    """`to: target` alone leads from stop to stop; a hop that ends at the stop by its own words goes first."""
    ways: list[dict[str, Any]] = [{"to": "target", "phases": ["any"]}]
    assert path(versions_of(stops=["1.2", "1.5"], hops=ways), "1.0", "2.0") == ["1.0", "1.2", "1.5", "2.0"]
    assert path(versions_of(stops=["1.2", "1.5"], hops=ways), "1.2.4", "1.5.1") == ["1.2.4", "1.5.1"]
    own = [*ways, {"from": "<1.2", "to": "1.2", "phases": ["own"]}]
    hops = find_hops(versions_of(stops=["1.2"], hops=own), "1.0", "2.0", NOTHING)
    assert [(hop.to_version, rule.phases) for hop, rule in hops] == [("1.2", ["own"]), ("2.0", ["any"])]


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
        {"releases": ["1.0", "1.5", "2.0"], "hops": [{"from": ">=1.5", "phases": ["a"]}]},
        "1.0",
        "2.0",
        "no hop of this guide fits 1.0",
        "begin at: >=1.5. Get to 1.5 first, with the guide of that version.",
    ),
    (
        {"stops": ["1.5"], "hops": [{"from": ">=1.5", "to": "target", "phases": ["a"]}]},
        "1.0",
        "2.0",
        "it must not jump over 1.5, and no hop of this guide leads there from 1.0",
        'Get to 1.5 first, with the guide of that version. Or this guide needs a hop that ends there: `to: "1.5"`',
    ),
    (
        {"stops": ["1.2", "1.5"], "hops": [{"to": "1.2", "phases": ["a"]}, {"from": "1.2", "to": "2.0", "phases": []}]},
        "1.0",
        "2.0",
        "it must not jump over 1.5, and no hop of this guide leads there from 1.2",
        "From 1.0 this guide leads as far as 1.2. Get to 1.5 first",
    ),
    ({"one_at_a_time": "minor"}, "1.2", "1.5", "no hop of this guide fits 1.2", "go to 1.3 first"),
    (
        {"one_at_a_time": "minor", "releases": {"ladder": "7.5 .. 7.8"}, "hops": [{"to": "next_minor", "phases": []}]},
        "7.2.1",
        "7.8",
        "no hop of this guide fits 7.2.1",
        "This guide begins at 7.5: get there first, one minor version at a time",
    ),
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


@settings(deadline=None, max_examples=150)
@given(guide=_guides(), blocked=st.lists(st.tuples(_VERSIONS, _VERSIONS), max_size=2))
def test_the_path_is_the_shortest_of_all_chains(
    guide: tuple[dict[str, Any], str, str], blocked: list[tuple[str, str]]
) -> None:
    """With stops, ladders and blocked jumps: every chain of single hops is tried, and none has fewer hops."""
    parts, current, target = guide
    assume(parts["releases"] != "open" and parse_version(current) < parse_version(target))
    edges = [{"from": f"<={one}", "to": f">{other}", "why": "Blocked."} for one, other in blocked]
    versions = versions_of(**{**parts, "blocked": edges})
    start, end = parse_version(current), parse_version(target)
    ends = [hop["to"] for hop in parts["hops"] if hop.get("to", "next").partition("_")[0] not in ("target", "next")]
    known = {parse_version(one) for one in parts["releases"]}
    places = {parse_version(one) for one in (*parts["stops"], *ends)}
    known |= {place for place in places if not any(_in_series(one, place) for one in known)}
    between = sorted(one for one in known if start < one < end)

    def leads(here: Version, there: Version) -> bool:
        """Whether one hop leads from one to the other on the way to `end`."""
        for one, other in ((parse_version(pair[0]), parse_version(pair[1])) for pair in blocked):
            if here <= one and there > other:
                return False
        for stop in map(parse_version, parts["stops"]):
            if here < stop < there and not _in_series(here, stop) and not _in_series(there, stop):
                return False
        return any(_hop_leads(hop, here, there, end, parts) for hop in parts["hops"]) and not _skips(here, there, parts)

    def fewest(here: Version) -> int | None:
        if here == end:
            return 0
        ways = [fewest(there) for there in (*between, end) if here < there and leads(here, there)]
        return min((one + 1 for one in ways if one is not None), default=None)

    best = fewest(start)
    try:
        found = len(find_path(versions, current, target, NOTHING))
    except VersionPathError:
        found = None
    assert found == best


def _numbers(version: Version, count: int) -> tuple[int, ...]:
    return (version.major, version.minor)[:count]


def _is_next(here: Version, there: Version, count: int, parts: dict[str, Any]) -> bool:
    """Whether no release lies in a series between those of the two, and they differ; numbers where it has begun."""
    before, after = _numbers(here, count), _numbers(there, count)
    heads = {_numbers(parse_version(one), count) for one in parts["releases"]}
    if before < min(heads):
        same = before[:-1] == after[:-1] and after[-1] == before[-1] + 1
        return same or (count == 2 and after == (before[0] + 1, 0))
    return before < after and not any(before < head < after for head in heads)


def _skips(here: Version, there: Version, parts: dict[str, Any]) -> bool:
    count = {"minor": 2, "major": 1}.get(str(parts["one_at_a_time"]), 0)
    return _numbers(here, count) != _numbers(there, count) and not _is_next(here, there, count, parts)


def _hop_leads(hop: dict[str, Any], here: Version, there: Version, end: Version, parts: dict[str, Any]) -> bool:
    if hop.get("from") is not None and not in_range(here, hop["from"]):
        return False
    match hop.get("to"):
        case None:
            return True
        case "target":
            on_the_way = [parse_version(one) for one in parts["stops"] if here < parse_version(one) < end]
            return there == end or any(
                _in_series(there, stop) and not _in_series(here, stop) and not _in_series(end, stop)
                for stop in on_the_way
            )
        case "next_minor":
            return here.major == there.major and _is_next(here, there, 2, parts)
        case "next_major":
            return _is_next(here, there, 1, parts)
        case to:
            wanted = parse_version(to)
            if there == wanted:
                return True
            releases = [parse_version(one) for one in parts["releases"]]
            finer = any(_in_series(one, wanted) and len(one.release) > len(wanted.release) for one in releases)
            is_stop = any(parse_version(one).release == wanted.release for one in parts["stops"])
            apart = finer and wanted in releases
            return _in_series(there, wanted) and len(wanted.release) < 3 and (is_stop or not apart)


def test_a_long_ladder_is_climbed_rung_by_rung() -> None:
    """Hundreds of releases with one hop each are planned at once, without one left out."""
    versions = versions_of(releases={"ladder": "3.0 .. 3.300"}, one_at_a_time="minor")
    assert path(versions, "3.0", "3.300") == [f"3.{number}" for number in range(301)]
