"""Text from guides, machines and commands made safe for a terminal; the one place where that is decided."""

from __future__ import annotations

import re
from typing import Final

_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"  # all other escapes
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Take out escape sequences, control characters and what turns the reading direction; line ends become newlines."""
    text = _SEQUENCES.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _CONTROLS.sub("", text).expandtabs(8)


def clean_line(text: str) -> str:
    """Clean text that must stay on one line."""
    if text.isprintable():
        return text.strip()  # nothing of what is taken out is printable
    return " ".join(clean(text).split("\n")).strip()


def clean_command(text: str) -> str:
    r"""Clean a command that is shown before it runs: what cannot be seen is spelled out (`\x1b`), never left out.

    Somebody decides by what is shown here, so it must not look shorter than what will run.
    """
    text = text.replace("\r\n", "\n")
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text).replace("\t", "    ")
