"""YAML's own traps, told as advice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.problems import Problem

if TYPE_CHECKING:
    import yaml

_EXPRESSION_KEYS: Final = frozenset({"when", "unless", "expr", "found_in", "choices_from", "value", "json", "restored"})
_LINE: Final = re.compile(r" *(?:- +)*(?P<key>[A-Za-z_][\w.-]*):(?: +(?P<rest>.*))?")
_COMMENT: Final = re.compile(r"(?P<blanks>[ \t]+)#(?P<after>[^\n]*)")


def is_cut_off(text: str, start: int, end: int) -> bool:
    """Whether the comment behind the plain text at `start:end` looks like a part of it.

    A comment that was meant has two blanks before `#` and one after it, or stands behind a text in
    which nothing is left open.
    """
    found = _COMMENT.match(text, end)
    if found is None:
        return False
    written, after = text[start:end], found["after"]
    meant = found["blanks"] != " " and (not after or after[0] in " \t#!")
    return not meant or written.count("${{") > written.count("}}")


def syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """Translate PyYAML's error into what is wrong on which line, and the way out."""
    mark = error.problem_mark or error.context_mark
    context = error.context_mark
    said, around = error.problem or "", error.context or ""
    at_context = context is not None and ("simple key" in around or "quoted scalar" in around)
    if context is not None and mark is not None and "flow" in around and context.line < mark.line:
        opened = text.split("\n")[context.line]
        if any(opened.count(quote) % 2 for quote in "'\""):
            message, hint, rule = _OPEN_QUOTE
            return Problem(message, file, context.line + 1, context.column + 1, hint=hint, rule=rule)
    if at_context and context is not None:
        mark = context
    if mark is None:
        return Problem(f"this cannot be read as YAML: {said}", file, rule="yaml-syntax")
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    if not line.strip() and context is not None:
        mark, line = context, lines[context.line] if context.line < len(lines) else ""
    message, hint, rule = _advice(said, around, line, lines[mark.line - 1] if mark.line else "")
    return Problem(message, file, mark.line + 1, mark.column + 1, hint=hint, rule=rule)


def _advice(said: str, around: str, line: str, before: str) -> tuple[str, str, str]:
    found = _LINE.match(line)
    key, rest = (found["key"], found["rest"] or "") if found is not None else ("", "")
    if "\t" in said or (line[: len(line) - len(line.lstrip())].count("\t")):
        return "a tab stands where YAML counts blanks", "indent with spaces only", "yaml-tab"
    if key in _EXPRESSION_KEYS and rest[:1] in ("!", '"', "'", "[", "{", "&", "*", "(", "%", "@", "|", ">"):
        return (
            f"YAML cannot read this expression: `{rest.strip()}`",
            f"put the whole expression in single quotes: {key}: '{rest.strip().replace(chr(39), chr(39) * 2)}'",
            "expression-needs-quotes",
        )
    for test, advice in (
        (_flow_text(around), _FLOW),
        ("mapping values are not allowed" in said, _COLON),
        ("quoted scalar" in around, _OPEN_QUOTE),
        (bool(re.search(r"\S\s#", before)) and ("find expected ':'" in said or "block" in around), _COMMENT_ABOVE),
        ("could not find expected ':'" in said, _NO_COLON),
        ("alias" in around or "anchor" in around or "tag" in around, _SPECIAL_START),
        ("cannot start any token" in said, _SPECIAL_START),
        ("directive" in around or "<document start>" in said, _DIRECTIVE),
        ("block scalar" in around, _BLOCK),
        ("block mapping" in around and rest[:1] in ('"', "'"), _AFTER_QUOTE),
        ("block mapping" in around or "block collection" in around, _INDENT),
    ):
        if test:
            return advice
    return f"this cannot be read as YAML: {said or around}", "", "yaml-syntax"


def _flow_text(around: str) -> bool:
    return "flow mapping" in around or "flow sequence" in around or "flow node" in around


_FLOW: Final = (
    "a text inside {…} or […] holds a sign that means something there",
    "quote the text (, ? { } [ ] cannot stand in it unquoted) or write it in block style; or a bracket is not closed",
    "flow-text-needs-quotes",
)
_COLON: Final = (
    "a second `: ` on this line makes YAML see a key inside the text",
    "put the whole text in quotes; or the line is indented too far",
    "colon-in-text",
)
_OPEN_QUOTE: Final = (
    "this quote does not end as it should",
    "close it, or double a quote inside it ('')",
    "open-quote",
)
_AFTER_QUOTE: Final = (
    "something stands behind the closing quote",
    "put the whole text in single quotes, and double a single quote inside it",
    "text-after-quote",
)
_COMMENT_ABOVE: Final = (
    "the text of the line above was cut off by ` #`, so this line does not belong to it",
    "put the whole text in quotes, or write it as a block (|)",
    "text-cut-off",
)
_NO_COLON: Final = (
    "this line is neither `key: value` nor part of the text above",
    "check its indent, or add `:`",
    "no-colon",
)
_SPECIAL_START: Final = (
    "a text cannot begin with this sign (YAML keeps * & ! % @ ` for itself)",
    "put the whole text in single quotes",
    "text-needs-quotes",
)
_DIRECTIVE: Final = ("directives (`%…`) cannot be used here", "remove the line, or quote the text", "yaml-directive")
_BLOCK: Final = (
    "behind | or > only a comment may stand",
    "put the text on the next lines, or the whole of it in single quotes",
    "block-text",
)
_INDENT: Final = (
    "this line does not fit to the ones above it",
    "check its indent: keys of one mapping begin in the same column",
    "yaml-indent",
)
