"""What is pasted is told apart from what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from screens.driver.pastes import Pasted, Pastes

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEXT = st.text(alphabet="ab\x1b[21~;\r", max_size=30)
_CUTS = st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=9)


def _joined(came: Iterable[str | Pasted]) -> list[str | Pasted]:
    """What came, with keys that came one after the other in one piece."""
    joined: list[str | Pasted] = []
    for one in came:
        if isinstance(one, str) and joined and isinstance(joined[-1], str):
            joined[-1] += one
        elif one:
            joined.append(one)
    return joined


@given(before=_TEXT, pasted=_TEXT.filter(bool), after=_TEXT, cuts=_CUTS)
@example(before="\x1b", pasted="\x1b[31mred\x1b[0m \x1b", after="\x1b[A", cuts=[1])
def test_keys_and_pastes_come_apart_however_they_are_cut(before: str, pasted: str, after: str, cuts: list[int]) -> None:
    """Every way to cut the input into reads gives the keys before, the paste as a whole, and the keys behind it."""
    left, reads = f"{before}\x1b[200~{pasted}\x1b[201~{after}", list[str]()
    while left:
        size = cuts[len(reads) % len(cuts)]
        reads.append(left[:size])
        left = left[size:]
    pastes = Pastes()
    came = [one for read in reads for one in pastes.take(read)]
    assert _joined([*came, pastes.let_go()]) == _joined([before, Pasted(pasted), after])


def test_what_could_begin_a_paste_is_let_go_as_keys() -> None:
    """A lone escape is held for a moment only, and is a key then."""
    pastes = Pastes()
    assert [*pastes.take("a\x1b")] == ["a"]
    assert (pastes.held, pastes.let_go(), pastes.held) == ("\x1b", "\x1b", "")
