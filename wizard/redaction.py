"""Takes known secrets out of text that is whole: reports, journal entries, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable


def redact_text(text: str, secrets: Iterable[Secret | str]) -> str:
    """Replace every value of `secrets`, however it is written (raw, JSON, URL, XML, shell, base64), by the mask.

    Values of fewer than 6 bytes are left, as in the output of commands.
    """
    from wizard.host.supervisor.redact import redact

    values = [secret.reveal() if isinstance(secret, Secret) else secret for secret in secrets]
    if not values:
        return text
    hidden = redact(_bytes(text), [_bytes(value) for value in values], mask=MASK.encode())
    return hidden.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
