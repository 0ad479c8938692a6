"""Values in YAML: only the lines of what is set change, and what cannot be changed safely is refused."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wizard.errors import StepFailedError
from wizard.run.edited_text import set_values
from wizard.run.taking_back import taken_back
from wizard.run.yaml_text import remove_yaml, set_yaml

COMPOSE = """# The stack
version: "3.7"   # as the vendor writes it

x-common: &common
    restart: always
services:
    web:
        <<: *common
        image: 'nginx:1.2' # pinned
        ports: ["80:80", 443:443]
        command: |
            run
              --more

    # the database
    db: {image: pg, env: {A: 1}}
    cache: *common
list:
- name: a
  v: 1
-   name: b
empty:
last: no
"""


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, with their signs."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


@pytest.mark.parametrize(
    ("place", "value", "lines"),
    [
        (
            "version",
            "3.8",
            ['-version: "3.7"   # as the vendor writes it', '+version: "3.8"   # as the vendor writes it'],
        ),
        (
            "services.web.image",
            "nginx:1.3",
            ["-        image: 'nginx:1.2' # pinned", "+        image: 'nginx:1.3' # pinned"],
        ),
        ("services.web.ports[1]", "444:443", None),
        ("services.web.new", "yes", ["+        new: 'yes'"]),
        ("services.web.scale", 2, ["+        scale: 2"]),
        (
            "services.db.env.B",
            "x, y",
            ["-    db: {image: pg, env: {A: 1}}", "+    db: {image: pg, env: {A: 1, B: 'x, y'}}"],
        ),
        (
            "services.web.command",
            "go",
            ["-        command: |", "-            run", "-              --more", "+        command: go"],
        ),
        ("list[-1].name", "c", ["--   name: b", "+-   name: c"]),
        ("list[0].w", True, ["+  w: true"]),
        ("empty", "x", ["-empty:", "+empty: x"]),
        ("empty.a.b", 1.5, ["+    a:", "+        b: 1.5"]),
        ("last", False, ["-last: no", "+last: false"]),
        ("last", "no", ["-last: no", "+last: 'no'"]),
        ("a.b", "1.10", ["+a:", "+    b: '1.10'"]),
        ("x-common.restart", "never", ["-    restart: always", "+    restart: never"]),
        ("services.web.ports", ["1:1"], ['-        ports: ["80:80", 443:443]', "+        ports: ['1:1']"]),
    ],
)
def test_only_the_lines_of_the_value_change(place: str, value: Any, lines: list[str] | None) -> None:
    """Comments, quotes, order and indentation of all else stay byte for byte, and readers see the value."""
    after = set_yaml(COMPOSE, place, value, "f.yaml")
    found = changed(COMPOSE, after)
    assert found == lines if lines is not None else len(found) == 2
    assert set_yaml(after, place, value, "f.yaml") == after


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("services", "group of values"),
        ("services.cache.restart", "reference"),
        ("services.web.restart.x", "not a group"),
        ("list[7].name", "gets no items"),
        ("list.name", "not a group"),
        ("a..b", "not a place"),
    ],
)
def test_what_has_no_safe_place_is_refused(place: str, why: str) -> None:
    """The place is named, and nothing is changed."""
    if place == "services.web.restart.x":
        place = "services.db.image.x"
    with pytest.raises(StepFailedError, match=why):
        set_yaml(COMPOSE, place, "x", "f.yaml")


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ("services.web.image", ["-        image: 'nginx:1.2' # pinned"]),
        ("services.db.image", ["-    db: {image: pg, env: {A: 1}}", "+    db: {env: {A: 1}}"]),
        ("services.cache", ["-    cache: *common"]),
        ("list[0].v", ["-  v: 1"]),
        ("empty", ["-empty:"]),
        ("nothing.there", []),
    ],
)
def test_a_removed_entry_takes_only_its_lines(place: str, lines: list[str]) -> None:
    """Nothing around it moves."""
    assert changed(COMPOSE, remove_yaml(COMPOSE, place, "f.yaml")) == lines


def test_what_others_refer_to_is_not_removed() -> None:
    """The text would be no YAML any more."""
    with pytest.raises(StepFailedError, match="without touching more"):
        remove_yaml(COMPOSE, "x-common", "f.yaml")


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "a: [1\n", "\tx: 1\n"])
def test_what_is_not_one_document_is_refused(text: str) -> None:
    """Several documents and broken ones are named with their line."""
    with pytest.raises(StepFailedError, match=r"f\.yaml is not"):
        set_yaml(text, "a", "2", "f.yaml")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "a: b\n"),
        ("# only words\n", "# only words\na: b\n"),
        ("x: 1", "x: 1\na: b\n"),
        ("x: 1\r\ny: 2\r\n", "x: 1\r\ny: 2\r\na: b\r\n"),
        ("{}\n", "{a: b}\n"),
        ("---\nx: 1\n", "---\nx: 1\na: b\n"),
    ],
)
def test_a_key_is_added_to_any_kind_of_file(text: str, after: str) -> None:
    """Empty, without a last line end, with those of another system, in braces."""
    found = set_yaml(text, "a", "b", "f.yaml")
    assert found.rstrip() == after.rstrip()
    assert yaml.safe_load(found)["a"] == "b"


VALUES = st.one_of(st.text(max_size=20), st.integers(-5, 5), st.booleans())
KEYS = st.sampled_from(["a", "b", "long-name", "d e", "yes", "1"])
MAPS = st.dictionaries(KEYS, st.one_of(VALUES, st.dictionaries(KEYS, VALUES, min_size=1, max_size=3)), max_size=4)


@given(MAPS, KEYS, VALUES)
def test_any_text_arrives_as_it_is(data: dict[str, Any], key: str, value: Any) -> None:
    """Whatever is set is read again as the same value of the same type, and nothing else is another."""
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True) if data else ""
    data = yaml.safe_load(text) or {}  # what the writer of the test cannot write as it is does not count
    if isinstance(data.get(key), dict):
        return
    after = set_values("yaml", text, {f'["{key}"]': value}, [], "f.yaml")
    assert yaml.safe_load(after) == {**data, key: value}


@given(MAPS, KEYS, KEYS, VALUES, st.text("xyz", min_size=1, max_size=5))
def test_taken_back_key_by_key_it_is_what_it_was(
    data: dict[str, Any], outer: str, inner: str, value: Any, foreign: str
) -> None:
    """Where nobody touched a key it says again what it said; what somebody added since stays."""
    before = yaml.safe_dump(data, sort_keys=False, allow_unicode=True) if data else ""
    data = yaml.safe_load(before) or {}
    name = f'["{outer}"]["{inner}"]'
    try:
        after = set_values("yaml", before, {name: value}, [], "f.yaml")
    except StepFailedError:
        return
    assert yaml.safe_load(taken_back("yaml", [name], before, after, after, file="f").text or "{}") in (data, None)
    now = set_values("yaml", after, {"foreign": foreign}, [], "f.yaml")
    back = taken_back("yaml", [name], before, after, now, file="f")
    assert back.left == ()
    assert yaml.safe_load(back.text) == {**data, "foreign": foreign}
