"""Versions: what is one, which comes first, what a range holds."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.versions import (
    Version,
    in_range,
    ladder,
    parse_range,
    parse_version,
    sort_versions,
)

numbers = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=5)
suffixes = st.sampled_from(
    ["", "-RC1", "-rc2", "-alpha", "-beta.3", "-SNAPSHOT", "-M4", "-SM2", "-ce.0", "+build.7", "_p1", "~dev", "a", "-1"]
)
version_texts = st.builds(lambda parts, suffix: ".".join(str(part) for part in parts) + suffix, numbers, suffixes)
versions = version_texts.map(parse_version)
operators = st.sampled_from([">=", "<=", ">", "<", "=", "!=", ""])


@pytest.mark.parametrize(
    ("text", "major", "minor", "patch"),
    [
        ("1.4", 1, 4, 0),
        ("v2.10.3", 2, 10, 3),
        ("7.5.0.12", 7, 5, 0),
        ("2024.10.1", 2024, 10, 1),
        ("17", 17, 0, 0),
        ("1.5.0-RC1", 1, 5, 0),
        (" 12.0.12 ", 12, 0, 12),
    ],
)
def test_parts(text: str, major: int, minor: int, patch: int) -> None:
    """Two, three and four numbers, a leading v, blanks and suffixes are read."""
    version = parse_version(text)
    assert (version.major, version.minor, version.patch) == (major, minor, patch)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latest",
        "1..2",
        "1.4.x",
        "v1.X",
        "1.",
        ".1",
        "1.4 or so",
        "-1.4",
        "1.4;rm",
        "١.٢",
        "1.4\n1.5",
        "v",
        "1.4-é",
        "1.4-",
        "1" * 40,
        "1." * 9 + "1",
        "1" + "a" * 60 + "!",
    ],
)
def test_no_version(text: str) -> None:
    """What is no version is refused, with the text in the message."""
    with pytest.raises(ValueError, match="is not a version"):
        parse_version(text)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.9", "1.10"),
        ("1.4", "1.4.1"),
        ("1.4.0-RC1", "1.4.0"),
        ("1.4-RC2", "1.4-RC10"),
        ("1.4-alpha", "1.4-beta"),
        ("1.4-beta3", "1.4-M1"),
        ("1.4-M1", "1.4-rc1"),
        ("1.4-rc1", "1.4-SNAPSHOT"),
        ("1.4-SNAPSHOT", "1.4"),
        ("1.4-M1", "1.4-SM1"),
        ("1.4-SM2", "1.4-SM10"),
        ("1.4-SM10", "1.4-RC1"),
        ("1.4-SM2", "1.4"),
        ("1.4-SM2-SNAPSHOT", "1.4-SM2"),
        ("1.4-SM2", "1.4.1"),
        ("17.0.0", "17.0.0-ce.0"),
        ("17.0.0-ce.0", "17.0.0-ce.1"),
        ("17.0.9-ce.0", "17.0.10-ce.0"),
        ("17.0.0-ce.0", "17.0.1"),
        ("1.4.0.CR1", "1.4.0.Final"),
        ("1.4.0.Final", "1.4.0.1.Final"),
        ("1.4.3", "1.4.3.1"),
        ("1.4.3.1", "1.4.3.6"),
        ("1.4~dev", "1.4"),
        ("2023.12", "2024.1"),
        ("24.04.1", "24.10"),
        ("2024.07", "2024.07.1"),
        ("1.1.1a", "1.1.1k"),
    ],
)
def test_order(older: str, newer: str) -> None:
    """Markers of a pre-release come before the release, other suffixes after it, numbers by their value."""
    assert parse_version(older) < parse_version(newer)


def test_a_word_for_the_release_itself_says_nothing() -> None:
    """`.Final`, `.GA` and `-RELEASE` are the release, so both ways of writing it are one version."""
    assert {parse_version(text) for text in ("1.4.0.Final", "1.4-GA", "v1.4.0-RELEASE")} == {parse_version("1.4")}


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("1.4-RC1", True),
        ("1.4-SM2", True),
        ("1.4~dev", True),
        ("1.4-ce.0-rc2", True),
        ("1.4", False),
        ("1.4-ce.0", False),
    ],
)
def test_a_pre_release_is_known_as_one(text: str, before: bool) -> None:
    """Only a marker of a pre-release makes one; the edition behind the numbers does not."""
    assert parse_version(text).pre_release is before


def test_trailing_zeros_do_not_count() -> None:
    """`1.4` and `1.4.0` are one version, with one hash."""
    assert parse_version("1.4") == parse_version("v1.4.0")
    assert len({parse_version("1.4"), parse_version("1.4.0.0")}) == 1


def test_the_guides_pattern_is_followed() -> None:
    """A pattern's group `version` is the version, and what does not match is refused."""
    pattern = r"v?(?P<version>\d+(\.\d+){1,3})(-SM\d+)?"
    assert str(parse_version("v3.8.1-SM12", pattern)) == "3.8.1"
    with pytest.raises(ValueError, match="as this product writes them"):
        parse_version("3.8.1-RC1", pattern)


@pytest.mark.parametrize(("pattern", "said"), [(r"(\d+)", "group named version"), (r"(", "regular expression")])
def test_a_bad_pattern_says_so(pattern: str, said: str) -> None:
    """A pattern that cannot give a version is a mistake of the guide, and named."""
    with pytest.raises(ValueError, match=said):
        parse_version("1", pattern)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.3,<1.4", ["1.3", "1.3.9", "1.3.5-SM1"], ["1.2.9", "1.4", "1.3-RC1", "1.4.1"]),
        ("1.4.*", ["1.4", "1.4.0", "1.4.17", "1.4.2-ce.0"], ["1.3.9", "1.5", "1.40"]),
        ("!=1.4.*", ["1.5"], ["1.4.2"]),
        ("=1.4", ["1.4", "1.4.0"], ["1.4.1", "1.4-SM2"]),
        ("1.4", ["1.4", "1.4.0"], ["1.4.1"]),
        ("==1.4.2", ["1.4.2"], ["1.4"]),
        ("!=1.4.2", ["1.4.3"], ["1.4.2"]),
        ("<1.4", ["1.3.99", "1.4-RC1"], ["1.4"]),
        (" > 1.4 , <= 2 ", ["1.4.1", "2.0"], ["1.4", "2.0.1"]),
        ("1.*", ["1.0", "1.99.3"], ["2.0"]),
        ("*", ["0.1", "99"], []),
    ],
)
def test_ranges(text: str, inside: list[str], outside: list[str]) -> None:
    """Each form of range holds what it says and nothing else."""
    assert [version for version in inside if not in_range(version, text)] == []
    assert [version for version in outside if in_range(version, text)] == []


@pytest.mark.parametrize(
    "text", ["", ",", ">=1.3,", ">=", "about 1.3", ">=1.3 <1.4", ">=1.4.*", "^1.3", "1.*.2", "=>1"]
)
def test_no_range(text: str) -> None:
    """What is no range is refused instead of holding nothing."""
    with pytest.raises(ValueError, match=r"is not a (range|version)|mixes"):
        parse_range(text)


def test_ladder() -> None:
    """A ladder has every rung between its ends."""
    assert [str(rung) for rung in ladder("7.8 .. 7.11")] == ["7.8", "7.9", "7.10", "7.11"]
    assert [str(rung) for rung in ladder("12..14")] == ["12", "13", "14"]
    assert [str(rung) for rung in ladder("2024.09 .. 2024.11")] == ["2024.09", "2024.10", "2024.11"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7.5", "is not a ladder"),
        ("7.5 … 7.8", "is not a ladder"),
        ("7.5 .. 8.1", "last number"),
        ("7 .. 7.4", "last number"),
        ("7.9 .. 7.5", "downwards"),
        ("7.5-RC1 .. 7.6", "is not a ladder"),
        ("1 .. 999999", "1000 rungs"),
    ],
)
def test_no_ladder(text: str, said: str) -> None:
    """A ladder that cannot be climbed is refused with the reason."""
    with pytest.raises(ValueError, match=re.escape(said)):
        ladder(text)


def test_sorting_keeps_the_texts() -> None:
    """Versions are sorted by their order and stay as they were written."""
    assert sort_versions(["v1.10", "1.9", "1.10-rc1"]) == ["1.9", "1.10-rc1", "v1.10"]


@settings(deadline=None)
@given(versions, versions, versions)
def test_the_order_is_total(one: Version, two: Version, three: Version) -> None:
    """Exactly one of <, ==, > holds, and the order is transitive and agrees with equality and hash."""
    assert [one < two, one == two, one > two].count(True) == 1
    low, middle, high = sorted([one, two, three])
    assert low <= middle <= high
    assert low <= high
    if one == two:
        assert hash(one) == hash(two)
        assert (one < three) == (two < three)


@settings(deadline=None)
@given(version_texts)
def test_writing_and_reading_again(text: str) -> None:
    """A version's text gives the same version, and a leading v makes no difference."""
    version = parse_version(text)
    assert parse_version(str(version)) == version
    assert parse_version(f"v{text}") == version
    assert str(parse_version(str(version))) == str(version)


@settings(deadline=None)
@given(versions, versions)
def test_range_algebra(version: Version, edge: Version) -> None:
    """Opposite clauses exclude each other, and a comma is `and`."""
    assert in_range(version, f">={edge}") is not in_range(version, f"<{edge}")
    assert in_range(version, f">{edge}") is not in_range(version, f"<={edge}")
    assert in_range(version, f"={edge}") is not in_range(version, f"!={edge}")
    both = in_range(version, f">={edge},<={edge}")
    assert both is in_range(version, str(edge)) is (version == edge)


@settings(deadline=None)
@given(versions, st.lists(st.tuples(operators, versions), min_size=1, max_size=4))
def test_a_range_is_all_of_its_clauses(version: Version, clauses: list[tuple[str, Version]]) -> None:
    """A range holds exactly where each of its clauses does."""
    parts = [f"{operator}{edge}" for operator, edge in clauses]
    assert in_range(version, ",".join(parts)) is all(in_range(version, part) for part in parts)


@settings(deadline=None)
@given(numbers, st.integers(0, 10**6))
def test_a_wildcard_holds_every_patch(parts: list[int], patch: int) -> None:
    """`a.b.*` holds `a.b.<anything>` and not the next one."""
    head = ".".join(str(part) for part in parts)
    following = ".".join(str(part) for part in [*parts[:-1], parts[-1] + 1])
    assert in_range(f"{head}.{patch}", f"{head}.*")
    assert not in_range(f"{following}.{patch}", f"{head}.*")


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_version_or_a_value_error(text: str) -> None:
    """Nothing else than ValueError ever comes out of a text."""
    for read in (parse_range, ladder):
        with suppress(ValueError):
            assert read(text) is not None
    with suppress(ValueError):
        assert str(parse_version(text)) in text
