"""The words of a CEL expression: names, numbers, texts, operators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.errors import ExpressionError


class TokenKind(StrEnum):
    """What a token is."""

    NAME = "name"
    WHOLE = "whole number"
    DECIMAL = "decimal number"
    TEXT = "text"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is as written, `value` what a text stands for, offsets count from 0."""

    kind: TokenKind
    text: str
    start: int
    end: int
    value: str = ""


_BLANK: Final = re.compile(r"(?:[ \t\r\n\f]+|//[^\n]*)*")
_DECIMAL: Final = re.compile(r"(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+")
_WHOLE: Final = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR: Final = re.compile(r"\|\||&&|<=|>=|==|!=|[-+*/%<>!?:.,()\[\]{}=&|]")
_QUOTE: Final = re.compile(r"(?P<raw>[rR]?)(?P<quote>'''|\"\"\"|'|\")")
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\?\"'`])|[xX](?P<hex>[0-9a-fA-F]{2})|u(?P<four>[0-9a-fA-F]{4})"
    r"|U(?P<eight>[0-9a-fA-F]{8})|(?P<octal>[0-3][0-7]{2}))"
)
_SIMPLE: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_DIGITS_OF_A_NUMBER: Final = 400


def tokenize(source: str) -> list[Token]:
    """Split `source`; the last token is the END. ExpressionError where something is no token."""
    tokens: list[Token] = []
    at = _blank_end(source, 0)
    while at < len(source):
        token = _text(source, at) or _word(source, at)
        tokens.append(token)
        at = _blank_end(source, token.end)
    tokens.append(Token(TokenKind.END, "", len(source), len(source)))
    return tokens


def text_end(source: str, start: int) -> int | None:
    """Say where the quoted text that begins at `start` ends: None where none begins, -1 where it is not closed."""
    opening = _QUOTE.match(source, start)
    if opening is None:
        return None
    quote, raw, at = opening["quote"], opening["raw"], opening.end()
    while at < len(source):
        if source.startswith(quote, at):
            return at + len(quote)
        if source[at] == "\n" and len(quote) == 1:
            return -1
        at += 2 if source[at] == "\\" and not raw else 1
    return -1


def _blank_end(source: str, at: int) -> int:
    blank = _BLANK.match(source, at)
    return at if blank is None else blank.end()


def _word(source: str, at: int) -> Token:
    for kind, pattern in (
        (TokenKind.DECIMAL, _DECIMAL),
        (TokenKind.WHOLE, _WHOLE),
        (TokenKind.NAME, _NAME),
        (TokenKind.OPERATOR, _OPERATOR),
    ):
        found = pattern.match(source, at)
        if found is None:
            continue
        text = found[0]
        if kind in (TokenKind.DECIMAL, TokenKind.WHOLE):
            _check_number(kind, text, source, at)
        return Token(kind, text, at, found.end())
    hint = "use plain quotes: ' or \"" if source[at] in "‘’“”„" else ""
    raise ExpressionError(f"{source[at]!r} has no meaning in an expression", hint=hint, column=at + 1)


def _check_number(kind: TokenKind, text: str, source: str, at: int) -> None:
    following = source[at + len(text) : at + len(text) + 1]
    if following in ("u", "U"):
        raise ExpressionError(f"unsigned numbers are not used here: write {text}", column=at + 1)
    if following.isalnum() or following == "_":
        raise ExpressionError(
            f"{text + following!r} is neither a number nor a name",
            hint="put a text, a version or a size in quotes",
            column=at + 1,
        )
    if len(text) > _DIGITS_OF_A_NUMBER or (kind is TokenKind.DECIMAL and float(text) == float("inf")):
        raise ExpressionError("the number is too large", column=at + 1)
    if re.match(r"\.[0-9]", source[at + len(text) :]) and kind is TokenKind.DECIMAL:
        raise ExpressionError(
            f"{text}… has two dots and is no number", hint='put a version in quotes: "1.4.2"', column=at + 1
        )


def _text(source: str, at: int) -> Token | None:
    if source[at] in "bB" and re.match(r"[bB][rR]?['\"]", source[at:]):
        raise ExpressionError("texts of bytes are not used here", hint="leave out the b", column=at + 1)
    end = text_end(source, at)
    if end is None:
        return None
    if end == -1:
        raise ExpressionError("the text is not closed", hint="its closing quote is missing", column=at + 1)
    opening = _QUOTE.match(source, at)
    assert opening is not None  # noqa: S101 - text_end saw it
    inside = source[opening.end() : end - len(opening["quote"])]
    value = inside if opening["raw"] else _unescape(inside, opening.end())
    return Token(TokenKind.TEXT, source[at:end], at, end, value)


def _unescape(inside: str, start: int) -> str:
    parts: list[str] = []
    at = 0
    while (backslash := inside.find("\\", at)) != -1:
        parts.append(inside[at:backslash])
        found = _ESCAPE.match(inside, backslash)
        column = start + backslash + 1
        if found is None:
            raise ExpressionError(
                f"{inside[backslash : backslash + 2]!r} is no escape in a text".replace("\\\\", "\\"),
                hint="write \\\\ for a backslash, or begin the text with r: r'…'",
                column=column,
            )
        parts.append(_escaped(found, column))
        at = found.end()
    return "".join([*parts, inside[at:]])


def _escaped(found: re.Match[str], column: int) -> str:
    if found["simple"]:
        return _SIMPLE.get(found["simple"], found["simple"])
    digits = found["hex"] or found["four"] or found["eight"]
    code = int(digits, 16) if digits else int(found["octal"], 8)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ExpressionError(f"{found[0]} is not a character", column=column)
    return chr(code)
