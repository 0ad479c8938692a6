"""Text from outside."""

from __future__ import annotations

import pytest

from wizard.errors import ExpressionError
from wizard.facts.foreign import clean, clean_text, secrets_in, without_secrets
from wizard.secrets import MASK, Secret
from wizard.versions import parse_version


def test_control_characters_and_escape_sequences_are_taken_out() -> None:
    """What a file holds cannot move the cursor, colour the screen or turn the writing direction."""
    assert clean_text("a\x1b[31mred\x1b[0m\x1b]0;title\x07\x00\x07b\u202ec\r\nd\te\rf") == "aredbc\nd\tef"


def test_values_are_cleaned_all_the_way_down() -> None:
    """Keys too; null in a map is nothing, versions become their text, endless numbers become text."""
    value = {"a\x00": ["x\x1b[2J", 1, None], "n": None, "v": parse_version("v1.2"), "i": float("inf"), "t": True}
    assert clean(value) == {"a": ["x", 1, None], "v": "1.2", "i": "inf", "t": True}


def test_a_secret_is_never_kept_as_a_fact() -> None:
    """Facts are written down, so a secret in one is an error and not a mask that looks like a value."""
    with pytest.raises(ExpressionError, match="secret cannot be kept"):
        clean({"password": [Secret("hunter22")]})


def test_known_secrets_are_masked_longest_first() -> None:
    """A secret that begins another does not leave the rest of it standing; tiny ones do not mask ordinary words."""
    secrets = secrets_in({"answers": {"a": Secret("swordfish"), "b": [Secret("swordfish-two"), Secret("no")]}})
    assert without_secrets("x swordfish-two swordfish no", secrets) == f"x {MASK} {MASK} no"
