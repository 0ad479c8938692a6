"""What each type of question takes, keeps and refuses."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.guide.models.questions import QuestionType
from wizard.questions.validation import RefusedError, example_of, is_empty, quoted, read_value
from wizard.secrets import MASK, Secret
from wizard.versions import parse_version

CHOICES = (("small", "Small shop"), ("large", "Large shop"), ("8", "Eight"))

TAKEN: list[tuple[QuestionType, Any, Any]] = [
    (QuestionType.TEXT, "  Jörg's shop ", "Jörg's shop"),
    (QuestionType.TEXT, 7, "7"),
    (QuestionType.TEXT, "$(reboot)", "$(reboot)"),
    (QuestionType.YES_NO, True, True),
    (QuestionType.YES_NO, "Yes", True),
    (QuestionType.YES_NO, "n", False),
    (QuestionType.NUMBER, "8", 8),
    (QuestionType.NUMBER, " -1.5 ", -1.5),
    (QuestionType.NUMBER, 3, 3),
    (QuestionType.NUMBER, 0.1, 0.1),
    (QuestionType.PERCENTAGE, "33%", 33),
    (QuestionType.PERCENTAGE, "12.5 %", 12.5),
    (QuestionType.PERCENTAGE, 100, 100),
    (QuestionType.DURATION, "1h30m", "1h30m"),
    (QuestionType.TIME_WINDOW, "9:00 - 17:30", "09:00-17:30"),
    (QuestionType.TIME_WINDOW, "22:00-02:00", "22:00-02:00"),
    (QuestionType.PATH, "/opt//shop/./data/", "/opt/shop/data"),
    (QuestionType.PATH, "/", "/"),
    (QuestionType.PATH, "/opt/my shop", "/opt/my shop"),
    (QuestionType.HOST, "db.example.org", "db.example.org"),
    (QuestionType.HOST, "my_container", "my_container"),
    (QuestionType.HOST, "10.0.0.5", "10.0.0.5"),
    (QuestionType.HOST, "[::1]", "::1"),
    (QuestionType.HOST, "fe80::1%eth0", "fe80::1%eth0"),
    (QuestionType.HOST_PORT, "db:05432", "db:5432"),
    (QuestionType.HOST_PORT, "[2001:db8::1]:443", "[2001:db8::1]:443"),
    (QuestionType.COMMAND, "systemctl restart 'my shop'", "systemctl restart 'my shop'"),
    (QuestionType.CHOICE, "large", "large"),
    (QuestionType.CHOICE, "LARGE SHOP", "large"),
    (QuestionType.CHOICE, 8, "8"),
    (QuestionType.CHOICES, "large, small", ["small", "large"]),
    (QuestionType.CHOICES, ["8", "8"], ["8"]),
    (QuestionType.CHOICES, [], []),
    (QuestionType.VERSION, "v1.4.2", "1.4.2"),
    (QuestionType.VERSION, "1.10", "1.10"),
    (QuestionType.VERSION, parse_version("1.4"), "1.4"),
]

REFUSED: list[tuple[QuestionType, Any, str]] = [
    (QuestionType.TEXT, "two\nlines", "several lines"),
    (QuestionType.TEXT, "line\u2028end", "several lines"),
    (QuestionType.TEXT, "nul\0", "U+0000"),
    (QuestionType.TEXT, "bell\a", "U+0007"),
    (QuestionType.TEXT, "user\u202egnp.exe", "U+202E"),
    (QuestionType.TEXT, "a\tb", "tab"),
    (QuestionType.TEXT, True, "switch"),
    (QuestionType.TEXT, ["a"], "a list"),
    (QuestionType.TEXT, "x" * 40_000, "too long"),
    (QuestionType.TEXT, Secret("hush-hush"), "secret"),
    (QuestionType.YES_NO, "maybe", "neither yes nor no"),
    (QuestionType.YES_NO, 1, "neither yes nor no"),
    (QuestionType.NUMBER, "eight", "not a number"),
    (QuestionType.NUMBER, "1e9", "not a number"),
    (QuestionType.NUMBER, "\u0663", "not a number"),
    (QuestionType.NUMBER, "9" * 30, "not a number"),
    (QuestionType.NUMBER, float("nan"), "cannot be counted"),
    (QuestionType.NUMBER, True, "switch"),
    (QuestionType.PERCENTAGE, "101%", "0% to 100%"),
    (QuestionType.PERCENTAGE, "a third", "not a percentage"),
    (QuestionType.DURATION, "5 minutes", "30s, 5m, 2h or 3d"),
    (QuestionType.DURATION, 30, "30s, 5m, 2h or 3d"),
    (QuestionType.TIME_WINDOW, "22:00", "not a time window"),
    (QuestionType.TIME_WINDOW, "22:00-25:00", "no clock"),
    (QuestionType.TIME_WINDOW, "22:00-22:00", "begins when it ends"),
    (QuestionType.PATH, "opt/shop", "does not begin"),
    (QuestionType.PATH, "~/shop", "another folder for every user"),
    (QuestionType.PATH, "-rf /", "option"),
    (QuestionType.PATH, "/opt/../etc", "`..`"),
    (QuestionType.HOST, "-oProxyCommand=reboot", "option"),
    (QuestionType.HOST, "a b", "not a host"),
    (QuestionType.HOST, "999.1.1.1", "not a host"),
    (QuestionType.HOST, "1.2.3", "not a host"),
    (QuestionType.HOST, "a..b", "not a host"),
    (QuestionType.HOST, "fe80::1%$(reboot)", "not a host"),
    (QuestionType.HOST, "bücher.example", "not a host"),
    (QuestionType.HOST_PORT, "db", "no host and port"),
    (QuestionType.HOST_PORT, "db:0", "not a port"),
    (QuestionType.HOST_PORT, "db:65536", "not a port"),
    (QuestionType.HOST_PORT, "::1:5432", "no host and port"),
    (QuestionType.HOST_PORT, "-x:22", "option"),
    (QuestionType.COMMAND, "a\nb", "several lines"),
    (QuestionType.COMMAND, "  ", "needed"),
    (QuestionType.CHOICE, "medium", "small, large, 8"),
    (QuestionType.CHOICES, ["small", "medium"], "'medium' is not one of"),
    (QuestionType.CHOICES, 3, "a list is wanted"),
    (QuestionType.VERSION, "--help", "option"),
    (QuestionType.VERSION, "newest", "not a version"),
    (QuestionType.SECRET, "a\nb", "U+000A"),
    (QuestionType.SECRET, ["x"], "env:NAME"),
]


@pytest.mark.parametrize(("kind", "raw", "value"), TAKEN, ids=lambda one: str(one)[:30])
def test_an_answer_of_the_type_is_taken_in_its_normal_form(kind: QuestionType, raw: Any, value: Any) -> None:
    """Answers as people and files write them become the one value that expressions see."""
    choices = CHOICES if kind in (QuestionType.CHOICE, QuestionType.CHOICES) else ()
    found = read_value(kind, raw, choices=choices)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("kind", "raw", "why"), REFUSED, ids=lambda one: repr(one)[:30])
def test_what_is_not_of_the_type_is_refused_with_the_reason(kind: QuestionType, raw: Any, why: str) -> None:
    """A refusal names what is wrong, or what would have been right."""
    choices = CHOICES if kind in (QuestionType.CHOICE, QuestionType.CHOICES) else ()
    with pytest.raises(RefusedError) as caught:
        read_value(kind, raw, choices=choices)
    assert why in str(caught.value)


def test_a_choice_with_other_takes_any_line() -> None:
    """`other: true` lets a value in that is not among the choices, still as one clean line."""
    assert read_value(QuestionType.CHOICE, "medium", choices=CHOICES, other=True) == "medium"
    assert read_value(QuestionType.CHOICES, "medium,large", choices=CHOICES, other=True) == ["large", "medium"]
    with pytest.raises(RefusedError, match="several lines"):
        read_value(QuestionType.CHOICE, "a\nb", choices=CHOICES, other=True)


def test_a_label_that_two_choices_share_means_neither() -> None:
    """An ambiguous label is refused instead of guessed."""
    with pytest.raises(RefusedError, match="not one of the choices"):
        read_value(QuestionType.CHOICE, "same", choices=(("a", "Same"), ("b", "Same")))


def test_a_version_is_read_by_the_products_pattern() -> None:
    """The pattern's group is what is kept; plain numbers count only where the pattern has none of its own."""
    decorated = r"release-(?P<version>\d+\.\d+)"
    assert read_value(QuestionType.VERSION, "release-1.4", pattern=decorated) == "1.4"
    assert read_value(QuestionType.VERSION, "1.4", pattern=decorated) == "1.4"
    two_numbers = r"v?(?P<version>\d+\.\d+)"
    assert read_value(QuestionType.VERSION, "v1.4", pattern=two_numbers) == "1.4"
    with pytest.raises(RefusedError, match=r"1\.4\.2"):
        read_value(QuestionType.VERSION, "1.4.2", pattern=two_numbers)


def test_a_version_among_choices_becomes_the_choice() -> None:
    """1.4.0 and 1.4 are the same release, so the choice as the guide writes it is kept."""
    choices = (("1.4", "1.4"), ("2.0", "2.0"))
    assert read_value(QuestionType.VERSION, "v1.4.0", choices=choices) == "1.4"
    with pytest.raises(RefusedError, match=r"choose from 1\.4, 2\.0"):
        read_value(QuestionType.VERSION, "1.5", choices=choices)


def test_a_secret_is_kept_whole_and_never_repeated() -> None:
    """Blanks belong to a secret; a refusal shows nothing of it."""
    taken = read_value(QuestionType.SECRET, "  correct horse ")
    assert isinstance(taken, Secret)
    assert taken.reveal() == "  correct horse "
    with pytest.raises(RefusedError) as caught:
        read_value(QuestionType.SECRET, "correct\0horse")
    assert "horse" not in str(caught.value)
    assert quoted(Secret("correct horse")) == MASK


@pytest.mark.parametrize("kind", [kind for kind in QuestionType if kind is not QuestionType.TABLE])
def test_the_example_of_a_type_is_an_answer_of_it(kind: QuestionType) -> None:
    """What refusals and templates give as an example is taken as it stands."""
    choices = CHOICES if kind in (QuestionType.CHOICE, QuestionType.CHOICES) else ()
    assert read_value(kind, example_of(kind, choices), choices=choices) is not None


@pytest.mark.parametrize(("raw", "empty"), [(None, True), (" ", True), (Secret(""), True), (False, False), (0, False)])
def test_only_nothing_is_empty(raw: Any, empty: bool) -> None:
    """No and zero are answers."""
    assert is_empty(raw) is empty


_WORDS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="abz019-_.:/%[]~ \t\n\0\x1b\u202e", max_size=24),
    st.from_regex(r"-?[a-z0-9./:%-]{1,20}", fullmatch=True),
)
_SINGLE = [kind for kind in QuestionType if kind not in (QuestionType.TABLE, QuestionType.SECRET)]


@settings(deadline=None, max_examples=400)
@given(kind=st.sampled_from(_SINGLE), raw=_WORDS)
def test_whatever_is_taken_is_clean_and_stays_the_same(kind: QuestionType, raw: str) -> None:
    """No answer holds a control character, no host, path or version begins with `-`; taken again, it stays."""
    try:
        value = read_value(kind, raw, choices=CHOICES, other=True)
    except RefusedError:
        return
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str):
            assert not any(unicodedata.category(one) == "Cc" for one in text)
            if kind in (QuestionType.HOST, QuestionType.PATH, QuestionType.VERSION, QuestionType.HOST_PORT):
                assert not text.startswith("-")
            if kind is QuestionType.PATH:
                assert text.startswith("/")
                assert ".." not in text.split("/")
    assert read_value(kind, value, choices=CHOICES, other=True) == value
