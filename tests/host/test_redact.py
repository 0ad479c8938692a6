"""The redactor: no form of a secret survives, nothing else changes, and chunks make no difference."""

from __future__ import annotations

import base64
import html
import itertools
import json
import random
import re
import shlex
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wizard.host.supervisor import redact as module
from wizard.host.supervisor.redact import Redactor, redact
from wizard.redaction import redact_text
from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "S3cr\"et/'p ass+&<é\\x"
WAYS: dict[str, Callable[[str], str]] = {
    "raw": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "json in utf-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json in json": lambda text: json.dumps(json.dumps(text))[3:-3],
    "url": urllib.parse.quote,
    "url, no safe": lambda text: urllib.parse.quote(text, safe=""),
    "url plus": urllib.parse.quote_plus,
    "url in small hex": lambda text: re.sub("%..", lambda found: found[0].lower(), urllib.parse.quote(text)),
    "url as a browser does": lambda text: urllib.parse.quote(text, safe="~()*!'"),
    "xml": lambda text: html.escape(text, quote=False),
    "xml attribute": html.escape,
    "xml numbers": lambda text: re.sub(r"[^\w]", lambda c: f"&#{ord(c[0])};", text, flags=re.ASCII),
    "shlex": lambda text: shlex.quote(text).removeprefix("'").removesuffix("'"),
    "shell quotes": lambda text: text.replace("'", "'\\''"),
    "shell backslashes": lambda text: re.sub(r"([^\w])", r"\\\1", text, flags=re.ASCII),
    "shell double quotes": lambda text: re.sub(r'(["\\$`])', r"\\\1", text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, shifted by 1": lambda text: base64.b64encode(b"u" + text.encode() + b":x").decode(),
    "base64, shifted by 2": lambda text: base64.b64encode(b"u:" + text.encode() + b"tail").decode(),
    "base64, for URLs": lambda text: base64.urlsafe_b64encode(b"?>" + text.encode() + b"?>").decode(),
    "base64 in a URL": lambda text: urllib.parse.quote(base64.b64encode(text.encode()).decode(), safe=""),
}  # fmt: skip

text_secrets = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=6, max_size=24)
noise = st.text(st.sampled_from("ab1 \n\r\\%&+\"'/="), max_size=30).map(str.encode)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Cut `data` at `places`."""
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def stream(secrets: list[bytes], chunks: list[bytes]) -> bytes:
    """Redact chunk by chunk."""
    redactor = Redactor(secrets)
    return b"".join([*(redactor.feed(chunk) for chunk in chunks), redactor.flush()])


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_write_a_value_is_replaced_whole(way: str) -> None:
    """Every promised form of an awkward password gives one mask between its neighbours."""
    written = WAYS[way](PASSWORD).encode()
    seen = redact(b"<<" + written + b">>", [PASSWORD.encode()])
    assert re.fullmatch(rb"<<[A-Za-z0-9+/_-]{0,6}\*{6}[A-Za-z0-9+/_%-]{0,8}=*>>", seen), seen
    if "base64" not in way:
        assert seen == b"<<******>>"


@pytest.mark.parametrize("before", range(3))
def test_base64_leaves_no_bit_of_the_value(before: int) -> None:
    """What is left of base64 text is the same for two values that differ in all their bits."""
    values = [b"\x00" * 9, b"\xff" * 9]
    left = {redact(base64.b64encode(b"n" * before + value + b"\x55" * 5), [value]) for value in values}
    assert len(left) == 1
    assert b"******" in left.pop()


@settings(deadline=None, max_examples=150)
@given(text_secrets, st.sampled_from(sorted(WAYS)), noise, noise, st.lists(st.integers(0, 500), max_size=8))
def test_no_form_survives_any_chunks(secret: str, way: str, before: bytes, after: bytes, places: list[int]) -> None:
    """Any value in any form, cut anywhere, is replaced."""
    assume(len(secret.encode()) >= module.SHORTEST)
    written = WAYS[way](secret).encode()
    seen = stream([secret.encode()], cut(before + written + after, places))
    assert b"******" in seen
    assert written not in seen


@settings(deadline=None, max_examples=120)
@given(
    st.lists(st.text(st.sampled_from('ab"\\+ é'), min_size=6, max_size=12).map(str.encode), min_size=1, max_size=3),
    st.lists(
        st.one_of(
            st.sampled_from(
                [b"\r\n", b"\x1b[31m", b"\x1b[0;1m", b"\x1b", b"\n" * 130, b"%2B", b"\\", b"YWFi", b"\\u00"]
            ),
            st.text(st.sampled_from('ab"\\+ é'), max_size=9).map(str.encode),
            st.integers(0, 2),
        ),
        max_size=14,
    ),
    st.lists(st.integers(0, 500), max_size=20),
)
def test_chunks_make_no_difference(secrets: list[bytes], parts: list[bytes | int], places: list[int]) -> None:
    """Cut anywhere, also within escapes and codes, the output is that of the whole text."""
    data = b"".join(secrets[part % len(secrets)] if isinstance(part, int) else part for part in parts)
    whole = stream(secrets, [data])
    assert stream(secrets, cut(data, places)) == whole
    assert stream(secrets, [data[at : at + 1] for at in range(len(data))]) == whole
    assert not any(secret in whole for secret in secrets)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400), st.lists(st.integers(0, 500), max_size=8))
def test_other_text_passes_byte_for_byte(data: bytes, places: list[int]) -> None:
    """Bytes without the value come out as they went in."""
    secrets = [b"correct horse battery staple", b"0123456789abcdef-Z"]
    assert stream(secrets, cut(data, places)) == data


@settings(deadline=None, max_examples=150)
@given(
    st.text(st.sampled_from("abcXYZ019-_!$"), min_size=6, max_size=20),
    st.data(),
    st.sampled_from(sorted(WAYS)),
    st.lists(st.integers(0, 900), max_size=6),
)
def test_colour_codes_and_line_ends_inside_do_not_help(
    secret: str, data: st.DataObject, way: str, places: list[int]
) -> None:
    """A value that a terminal coloured or wrapped is replaced together with what stands inside."""
    between = st.sampled_from(["", "", "\r\n", "\n", "\x1b[31m", "\x1b[38;5;12m", "\x1b[0m\x1b(B", "\x1b[K\r\n"])
    written = WAYS[way](secret)
    coloured = "".join(char + data.draw(between) for char in written[:-1]) + written[-1]
    seen = stream([secret.encode()], cut(b"a:" + coloured.encode() + b":b", places))
    kept = seen.replace(b"******", b"")
    assert b"******" in seen
    if "base64" not in way:
        assert kept == b"a::b"


def test_a_value_of_several_lines_is_found_as_a_terminal_prints_it() -> None:
    """A key of several lines is replaced with the terminal's line ends, in JSON, and wrapped base64."""
    key = b"-----BEGIN KEY-----\n" + base64.encodebytes(random.Random(1).randbytes(600)) + b"-----END KEY-----\n"
    assert redact(b"a\r\n" + key.replace(b"\n", b"\r\n") + b"b", [key]) == b"a\r\n******\r\nb"
    assert redact(json.dumps({"key": key.decode()}).encode(), [key]) == b'{"key": "******\\n"}'
    wrapped = redact(base64.encodebytes(b"data:" + key), [key])
    assert len(wrapped) < 25
    assert b"******" in wrapped


def test_overlapping_values_leave_nothing_between() -> None:
    """Two values that share bytes are replaced together; one within the other leaves no rest."""
    assert redact(b"<abcdefghij>", [b"abcdef", b"defghij"]) == b"<******>"
    assert redact(b"<secret123>", [b"secret", b"secret123"]) == b"<******>"
    assert redact(b"<secretsecret>", [b"secret"]) == b"<************>"
    assert stream([b"aaaaaa"], [b"aaaa", b"aaaaaa", b"aaaaaaaaaa", b"b"]) == b"******b"


def test_short_values_are_left() -> None:
    """Five bytes are too few; six are replaced."""
    assert redact(b"admin, admins", [b"admin"]) == b"admin, admins"
    assert redact(b"admin, admins", [b"admins"]) == b"admin, ******"


def test_a_beginning_waits_and_is_given_later() -> None:
    """A tail that may begin a value waits, may be shown, and comes out when it turned out harmless."""
    redactor = Redactor([b"hunter2-long"])
    assert redactor.feed(b"prompt: hun") == b"prompt: "
    assert (redactor.held(), redactor.pending(), redactor.shows_at_once()) == (3, b"hun", False)
    assert redactor.feed(b"gry") == b"hungry"
    assert redactor.held() == 0
    assert redactor.feed(b"oh") == b"o"
    assert (redactor.pending(), redactor.shows_at_once()) == (b"h", True)
    assert redactor.flush() == b"h"


def test_what_is_shown_early_never_holds_a_whole_value() -> None:
    """A value that waits because a longer one could follow is masked for the screen too."""
    redactor = Redactor([b"secret", b"secret-and-more"])
    assert redactor.feed(b"the secret-an") == b"the "
    assert redactor.pending() == b"******-an"
    assert redactor.flush() == b"******-an"


def test_another_redactor_goes_on_where_one_was_left() -> None:
    """Held bytes and their mask can be handed to a new redactor without a gap or a double."""
    secrets = [b"aaaaaa", b"secret-token"]
    data = b"x aaaaaaaaa y secret-token z"
    for at in range(len(data)):
        first = Redactor(secrets)
        out = first.feed(data[:at])
        second = Redactor(secrets, held=first.held_bytes(), masked=first.masked)
        assert out + second.feed(data[at:]) + second.flush() == b"x ****** y ****** z"


def test_what_waits_is_bounded() -> None:
    """Endless codes after a beginning, and an endless value of one letter, are not held for ever."""
    redactor = Redactor([b"hunter2-long", b"aaaaaaaa"])
    most = 0
    for chunk in [b"hunt", *[b"\x1b[31m" * 20] * 200, *[b"a" * 1000] * 50, *[b"hunter2-" + b"\r\n" * 60] * 50]:
        redactor.feed(chunk)
        most = max(most, redactor.held())
    assert most < 4000


def test_escapes_that_can_be_read_in_many_ways_take_no_time() -> None:
    """A value of backslashes in a text of backslashes is not exponential."""
    started = time.monotonic()
    assert redact(b"\\" * 400 + b"y", [b"\\" * 30 + b"x"]).endswith(b"y")
    assert time.monotonic() - started < 10


def test_bytes_that_are_no_text_are_replaced() -> None:
    """A binary value is found raw, percent-encoded and in base64."""
    value = b"\xff\x00\x80key\xfe"
    assert redact(b"<" + value + b">", [value]) == b"<******>"
    assert redact(urllib.parse.quote(value).encode(), [value]) == b"******"
    assert b"******" in redact(base64.b64encode(value), [value])


def test_without_secrets_the_chunk_itself_comes_back() -> None:
    """With nothing to look for there is nothing to copy."""
    chunk = b"anything\x1b["
    assert Redactor([]).feed(chunk) is chunk


def test_it_runs_alone() -> None:
    """The pump loads the module by its path in an interpreter without site and without the package."""
    code = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('redact', sys.argv[1]);"
        "m = importlib.util.module_from_spec(spec); sys.modules['redact'] = m; spec.loader.exec_module(m);"
        "assert 'wizard' not in sys.modules; print(m.redact(b'a secret-1 b', [b'secret-1']).decode())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(Path(module.__file__))], capture_output=True, text=True, check=True
    )
    assert done.stdout == "a ****** b\n"


def test_text_for_reports_is_redacted_with_the_mask_of_the_screen() -> None:
    """The engine's side masks secrets and strings alike and keeps undecodable text."""
    text = "pg://u:s3cret%20x@h \udcff s3cret x"
    assert redact_text(text, [Secret("s3cret x")]) == f"pg://u:{MASK}@h \udcff {MASK}"
    assert redact_text(text, ["s3cret x"]) == f"pg://u:{MASK}@h \udcff {MASK}"
    assert redact_text(text, []) == text
