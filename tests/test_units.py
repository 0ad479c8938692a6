"""Durations and sizes: the only spellings of either."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.units import parse_duration, parse_size, show_duration, show_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("2h", 7200), ("3d", 259200), ("1h30m", 5400), ("250ms", 0.25), ("1.5s", 1.5)],
)
def test_durations(text: str, seconds: float) -> None:
    """Every unit, parts after each other and fractions are read."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "5 minutes", "s", "-5s", "5m ago", "1h 30m"])
def test_no_duration(text: str) -> None:
    """What is no duration is refused, with the spelling."""
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [("20 GiB", 20 * 2**30), ("1.5 GB", 1_500_000_000), ("4096", 4096), ("1kB", 1000), ("512 B", 512), (7, 7)],
)
def test_sizes(text: str | int, count: int) -> None:
    """Powers of two and of ten, fractions and plain bytes are read."""
    assert parse_size(text) == count


@pytest.mark.parametrize("text", ["", "GiB", "20 gigs", "20 gib", "-1 GB", "1,5 GB"])
def test_no_size(text: str) -> None:
    """What is no size is refused, with the spelling."""
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (45.4, "45 s"), (59.6, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (273600, "3 d 4 h")],
)
def test_shown_durations(seconds: float, shown: str) -> None:
    """Seconds are written in the two largest units."""
    assert show_duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (512, "512 B"), (1536, "1.5 KiB"), (1.5 * 2**30, "1.5 GiB"), (2**50, "1024.0 TiB")]
)
def test_shown_sizes(count: float, shown: str) -> None:
    """Bytes are written with one decimal in the largest unit that fits."""
    assert show_size(count) == shown


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_unit_or_a_value_error(text: str) -> None:
    """Nothing else than ValueError comes out of a text, and nothing negative."""
    for read in (parse_duration, parse_size):
        with suppress(ValueError):
            assert read(text) >= 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(["d", "h", "m", "s", "ms"])), min_size=1, max_size=4))
def test_parts_of_a_duration_add_up(parts: list[tuple[int, str]]) -> None:
    """A duration of several parts is the sum of its parts."""
    texts = [f"{number}{unit}" for number, unit in parts]
    assert parse_duration("".join(texts)) == pytest.approx(sum(parse_duration(text) for text in texts))
