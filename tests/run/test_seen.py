"""Whom a name means inside and outside of loops, held against a way of finding it that goes through everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wizard.run.seen import Found, Seen, in_order, innermost, item_keys, levels

PLACES = st.sampled_from(
    [
        "1/work/x",
        "1/work/roll",
        "1/work/after/x",
        *(f"1/work/roll/#{batch}/={item}/x" for batch, item in ((1, "a"), (1, "b"), (2, "c"))),
        *(f"1/work/roll/#1/={item}/ports/#{n}/={n}/x" for item in "ab" for n in (1, 2)),
        *(f"1/work/other/#1/={item}/x" for item in "ab"),
    ]
)


def naive(given: list[str], place: str) -> tuple[str, set[str]]:
    """The loop and the addresses that are meant; the latest of those that can be seen counts."""
    inside = {level.item for level in levels(place)}
    loops = {level.loop for level in levels(place)}
    for key in reversed(given):
        unshared = [level for level in levels(key) if level.item not in inside]
        if not unshared:
            return "", {key}
        if unshared[0].loop not in loops:
            loop = unshared[0].loop
            latest = {innermost(one): one for one in given if loop in {level.loop for level in levels(one)}}
            return loop, set(latest.values())
    return "", set()


@given(st.lists(st.tuples(st.booleans(), PLACES), max_size=30), PLACES)
def test_what_is_found_is_what_going_through_everything_finds(moves: list[tuple[bool, str]], place: str) -> None:
    """After any row of giving and taking back, from any place."""
    seen, there = Seen(), list[str]()
    for gives, key in moves:
        there = [one for one in there if one != key]
        if gives:
            seen.add("x", key)
            there.append(key)
        else:
            seen.drop("x", key)
        assert seen.has("x", key) is gives
    loop, keys = naive(there, place)
    found = seen.find("x", place)
    if found is None:
        assert not keys
    elif not any(key for gives, key in moves if not gives):
        # A loop of which something was taken back may count as later than it was given, and never as another one.
        assert (found.loop, set(seen.in_items(found))) == (loop, keys)
    assert seen.names == (("x",) if there else ())


def test_items_come_in_the_order_of_their_loops() -> None:
    """Whatever the order in which they were given: by the list of each loop, the outer one first."""
    seen = Seen()
    positions = {"1/w/roll": {"b/1": 0, "a": 1}, "1/w/roll/#1/=b%2F1/in": {"2": 0, "1": 1}}
    keys = ["1/w/roll/#2/=a/in/#1/=1/x", "1/w/roll/#1/=b%2F1/in/#2/=1/x", "1/w/roll/#1/=b%2F1/in/#1/=2/x"]
    for key in keys:
        seen.add("x", key)
    found = seen.find("x", "1/w/sum")
    assert found == Found("x", loop="1/w/roll")
    ordered = in_order("1/w/roll", seen.in_items(found), lambda loop: positions.get(loop, {}))
    assert ordered == [keys[2], keys[1], keys[0]]
    assert [item_keys(key) for key in ordered] == [("b/1", "2"), ("b/1", "1"), ("a", "1")]
