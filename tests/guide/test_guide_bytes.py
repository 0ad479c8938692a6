"""Guides with broken bytes, through the commands an author and an operator use: words, an exit code, no traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.guide.reference import examples, guide_with
from tests.guide.texts import MINI
from wizard.cli import main
from wizard.errors import ExitCode
from wizard.guide.catalog import guides_folder
from wizard.guide.yaml import SIZE_LIMIT


def _guides() -> list[bytes]:
    """The demo, the guide of the tests, the one with forty mistakes, and all examples of the reference."""
    here = Path(__file__).parent
    files = [guides_folder() / "demo" / "guide.yaml", here / "forty" / "guide.yaml"]
    parts = [yaml.safe_dump(guide_with(one), sort_keys=False).encode() for one in examples() if one.kind != "wrong"]
    return [*(file.read_bytes() for file in files), MINI.encode(), *parts]


GUIDES = _guides()
NASTY = [
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\t", b"'", b'"', b"{", b"]", b": ", b" #", b"&a ", b"*a", b"!x "),
    *(b"${{", b"}}", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xe2\x80\xa8", b"<<: x", b"- - - ", b"? ", b"|", b"---\n"),
]


def _ends_in_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> int:
    code = main(words)
    shown = capsys.readouterr()
    assert code in set(ExitCode) - {ExitCode.INTERNAL}, shown.err
    assert "Traceback" not in shown.out + shown.err
    assert code == 0 or shown.err.strip() or shown.out.strip()
    return code


def _all_commands(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _ends_in_words(["guides", "lint", str(path)], capsys)
    _ends_in_words(["guides", "show", str(path), "--commands"], capsys)
    _ends_in_words(["guides", "questions", str(path), "--template"], capsys)


def _mutated(data: bytes, luck: random.Random) -> bytes:
    for _ in range(luck.randrange(1, 5)):
        at = luck.randrange(len(data) + 1)
        match luck.randrange(5):
            case 0:
                data = data[:at] + luck.choice(NASTY) + data[at:]
            case 1:
                data = data[:at] + data[at + luck.randrange(1, 40) :]
            case 2 if at < len(data):
                data = data[:at] + bytes([luck.randrange(256)]) + data[at + 1 :]
            case 3:
                data = data[:at] + data[at : at + luck.randrange(200)] + data[at:]
            case _:
                other = luck.choice(GUIDES)
                cut = luck.randrange(len(other))
                data = data[:at] + other[cut : cut + luck.randrange(300)] + data[at:]
    return data


@given(st.integers(0, len(GUIDES) - 1), st.integers(0, 1 << 30))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_never_give_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int, seed: int
) -> None:
    """Guides of every kind with bytes put in, taken out, doubled or taken from another guide."""
    path = tmp_path / "guide.yaml"
    path.write_bytes(_mutated(GUIDES[number], random.Random(seed)))
    _all_commands(path, capsys)


WHOLE = {
    "empty": (b"", ExitCode.GUIDE_INVALID),
    "one NUL": (b"\0", ExitCode.GUIDE_INVALID),
    "no UTF-8": (b"\xff\xfe" + MINI.encode("utf-16-le"), ExitCode.GUIDE_INVALID),
    "a list": (b"- a\n- b\n", ExitCode.GUIDE_INVALID),
    "a text": (b"just words\n", ExitCode.GUIDE_INVALID),
    "nested": (b"a: " + b"[" * 5000, ExitCode.GUIDE_INVALID),
    "nested mappings": (b"".join(b"  " * depth + b"a:\n" for depth in range(3000)), ExitCode.GUIDE_INVALID),
    "one long line": (b"guide: " + b"x" * 3_000_000, ExitCode.GUIDE_INVALID),
    "too large": (MINI.encode() + b"# " + b"x" * (SIZE_LIMIT + 1), ExitCode.GUIDE_INVALID),
    "an open quote": (MINI.replace("title: Upgrade Mini", "title: 'Upgrade Mini").encode(), ExitCode.GUIDE_INVALID),
    "with a BOM": (b"\xef\xbb\xbf" + MINI.encode(), ExitCode.DONE),
    "with CRLF": (MINI.replace("\n", "\r\n").encode(), ExitCode.DONE),
    "with CR only": (MINI.replace("\n", "\r").encode(), ExitCode.GUIDE_INVALID),
    "no end of line": (MINI.rstrip().encode(), ExitCode.DONE),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_odd_as_a_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Empty, huge, deep, in another encoding or with other line ends: told, or read as if nothing were."""
    content, expected = WHOLE[name]
    path = tmp_path / "guide.yaml"
    path.write_bytes(content)
    assert _ends_in_words(["guides", "lint", str(path)], capsys) == expected
    _all_commands(path, capsys)


def test_what_is_no_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a guide, a file that may not be read, and a name no file can have."""
    assert _ends_in_words(["guides", "lint", str(tmp_path)], capsys) == ExitCode.GUIDE_INVALID
    assert _ends_in_words(["guides", "show", str(tmp_path)], capsys) == ExitCode.USAGE
    assert _ends_in_words(["guides", "lint", str(tmp_path / "none.yaml")], capsys) == ExitCode.USAGE
    assert _ends_in_words(["guides", "show", "x" * 5000], capsys) == ExitCode.USAGE
    assert _ends_in_words(["guides", "show", "a\0b"], capsys) == ExitCode.USAGE
