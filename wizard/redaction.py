"""Takes known secrets out of reports, journal entries and messages, and out of files as they are copied."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wizard.secrets import MASK, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.host.supervisor.redact import Patterns, Redactor


def redact_text(text: str, secrets: Iterable[Secret | str]) -> str:
    """Replace every value of `secrets`, however it is written (raw, JSON, URL, XML, shell, base64), by the mask.

    Values of fewer than 6 bytes are left, as in the output of commands.
    """
    known = frozenset(secret if isinstance(secret, Secret) else Secret(secret) for secret in secrets)
    if not known or not text:
        return text
    from wizard.host.supervisor.redact import redact

    return redact(_bytes(text), _patterns(known), mask=MASK.encode()).decode("utf-8", "surrogateescape")


def redact_values(value: Any, secrets: Iterable[Secret | str]) -> Any:
    """Replace them in every text of a value as JSON has it; the names in objects are left as they are."""
    known = tuple(secrets)
    match value:
        case str():
            return redact_text(value, known)
        case dict():
            return {name: redact_values(item, known) for name, item in value.items()}
        case list() | tuple():
            return [redact_values(item, known) for item in value]
        case _:
            return value


def stream_redactor(secrets: Iterable[Secret]) -> Redactor:
    """What takes every value of `secrets` out of bytes that come in pieces: `feed` each, then `flush`."""
    from wizard.host.supervisor.redact import Redactor

    return Redactor(_patterns(frozenset(secrets)))


@lru_cache(maxsize=8)
def _patterns(secrets: frozenset[Secret]) -> Patterns:
    """What is looked for; kept, as every text of a run is held against the same secrets."""
    from wizard.host.supervisor.redact import Patterns

    return Patterns(_bytes(secret.reveal()) for secret in secrets)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
