"""Settings files as plain data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.expressions import ABSENT
from wizard.facts.documents import DOCUMENT_KINDS, NODE_LIMIT, at, plain, read_document
from wizard.facts.errors import DocumentError


@pytest.mark.parametrize(
    ("kind", "text", "data"),
    [
        ("dotenv", "export A='1' # x\n", {"A": "1"}),
        ("properties", "server.port: 80\n", {"server.port": "80"}),
        ("ini", "top = 1\n[DEFAULT]\na = %(x)s\n[Web]\nPort: 80\nflag\n",
         {"top": "1", "DEFAULT": {"a": "%(x)s"}, "Web": {"Port": "80", "flag": ""}}),
        ("json", '{"a": [1, 2.5, true, null], "v": 1.10, "big": 99999999999999999999}',
         {"a": [1, 2.5, True, None], "v": "1.10", "big": "99999999999999999999"}),
        ("yaml", "v: 1.10\nn: 3\nf: 0.5\nt: 22:22\nm: 0644\nd: 2026-01-02\non: yes\n8080: x\ne:\n",
         {"v": "1.10", "n": 3, "f": 0.5, "t": "22:22", "m": "0644", "d": "2026-01-02", "true": True, "8080": "x",
          "e": None}),
        ("toml", 'v = 1.10\n[a]\nb = [1, "x"]\nd = 2026-01-02\n',
         {"v": "1.10", "a": {"b": [1, "x"], "d": "2026-01-02"}}),
    ],
)  # fmt: skip
def test_each_kind_becomes_plain_data_that_lost_nothing(kind: str, text: str, data: Any) -> None:
    """Versions, modes, times and dates are not changed by being read; flat keys keep their dots."""
    assert read_document(kind, text.encode()) == data


@pytest.mark.parametrize(
    ("kind", "data", "where"),
    [
        ("json", b'{"a": 1,\n}', "line 2"),
        ("yaml", b"a: [1\nb: 2\n", "line 2"),
        ("yaml", b"a: !!python/object:os.system x\n", "line 1"),
        ("yaml", b"a: 1\n---\nb: 2\n", "document"),
        ("toml", b"a = \n", "line 1"),
        ("ini", b"[a]\n=x\n", "line 2"),
        ("json", b'{"a": "\xff"}', "not UTF-8"),
        ("json", b"[" * 100_000, "nested too deeply"),
        ("dotenv", b"A='x\n", "line 1"),
        ("xml", b"<a/>", "no kind of settings file"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where(kind: str, data: bytes, where: str) -> None:
    """Broken files are refused with a place, and never run anything."""
    with pytest.raises(DocumentError, match=where):
        read_document(kind, data)


def test_yaml_aliases_cannot_fill_the_memory() -> None:
    """A small file that multiplies itself, or holds itself, is refused."""
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{level}: &a{level} [{','.join(f'*a{level - 1}' for _ in range(9))}]\n" for level in range(1, 9)
    )
    with pytest.raises(DocumentError, match=f"more than {NODE_LIMIT} values"):
        read_document("yaml", bomb.encode())
    with pytest.raises(DocumentError, match="nested too deeply"):
        read_document("yaml", b"a: &a [*a]\n")


def test_settings_in_an_old_encoding_are_still_read() -> None:
    """Formats that name no encoding may be Latin-1."""
    assert read_document("dotenv", b"NAME=M\xfcller\n") == {"NAME": "Müller"}


DATA = {
    "services": {"web": {"ports": ["80", {"host": 1}], "a.b": {"c": 2}}},
    "server.port": "80",
    "n": None,
    "0": "zero",
}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("services.web.ports[0]", "80"),
        ("services.web.ports[-1].host", 1),
        ("services.web.a.b.c", 2),
        ('services.web["a.b"].c', 2),
        ("services['web'].ports[1].host", 1),
        ("server.port", "80"),
        ("n", None),
        ("", DATA),
        ("services.web.ports[2]", ABSENT),
        ("services.web.ports.host", ABSENT),
        ("services.db", ABSENT),
        ("n.x", ABSENT),
        ("server", ABSENT),
    ],
)
def test_a_place_is_found_or_absent(place: str, value: Any) -> None:
    """Dotted names, indexes, quoted keys and keys that hold dots themselves."""
    found = at(DATA, place)
    assert found is value or found == value


@pytest.mark.parametrize("place", ["a[", "a[x]", "a..b", "[]"])
def test_a_place_that_is_not_written_like_one_is_an_error(place: str) -> None:
    """A typo is not mistaken for something absent."""
    with pytest.raises(DocumentError, match="is not a place"):
        at(DATA, place)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(DOCUMENT_KINDS), st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_give_data_or_an_error_of_ours(kind: str, data: bytes) -> None:
    """Foreign files never crash the reading, and what they give is plain data."""
    try:
        document = read_document(kind, data)
    except DocumentError:
        return
    assert plain(document) == document
