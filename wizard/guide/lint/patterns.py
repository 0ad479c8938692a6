"""Regular expressions: that they compile, and have the groups that are asked of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.guide.lint.backtracking import explodes
from wizard.guide.models.base import Kind
from wizard.guide.models.facts import Fact
from wizard.guide.models.steps import Expect

if TYPE_CHECKING:
    from wizard.guide.document import DataPath
    from wizard.guide.lint.page import Page

_PLACEHOLDER: Final = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)


def look(page: Page) -> None:
    """Compile every pattern, a letter in the place of each value."""
    for text in page.texts:
        if text.kind is Kind.REGEX:
            _compile(page, text.place, text.text)
    for placed in page.models:
        match placed.model:
            case Expect(count=count):
                for pattern in count:
                    _compile(page, (*placed.place, "count", pattern), pattern, at_key=True)
            case Fact(as_=types) if types:
                _groups(page, placed.model, placed.place)
            case _:
                pass
    versions = page.guide.versions
    if versions.pattern is not None:
        compiled = _compile(page, ("versions", "pattern"), versions.pattern)
        if compiled is not None and "version" not in compiled.groupindex:
            page.add(
                ("versions", "pattern"),
                "the pattern of versions has no group `version`",
                hint="name the part that is the version: (?P<version>…)",
                rule="pattern-groups",
            )


def _compile(page: Page, place: DataPath, pattern: str, *, at_key: bool = False) -> re.Pattern[str] | None:
    plain = _PLACEHOLDER.sub("x", pattern)
    try:
        compiled = re.compile(plain)
        if explodes(plain):
            page.add(
                place,
                "this regular expression may search for ever: a repetition inside a repetition fits in too many ways",
                hint="let each sign fit in one way only: `a+` for `(a+)+`, `(\\w+ )+` for `(\\w+ ?)+`",
                rule="pattern-explodes",
                at_key=at_key,
            )
    except re.error as error:
        offset = None if at_key or "${{" in pattern or error.pos is None else error.pos
        message = f"this is not a regular expression: {error.msg}"
        hint = "a sign that means itself needs a backslash in front"
        page.add(place, message, hint=hint, rule="pattern", offset=offset, at_key=at_key)
    except (RecursionError, OverflowError):
        page.add(place, "this regular expression is too large", rule="pattern", at_key=at_key)
    else:
        return compiled
    return None


def _groups(page: Page, fact: Fact, place: DataPath) -> None:
    if fact.match is None:
        message = "`as` gives types to the groups of `match`, and there is no `match`"
        page.add((*place, "as"), message, hint="add `match`", rule="pattern-groups", at_key=True)
        return
    try:
        groups = re.compile(_PLACEHOLDER.sub("x", fact.match)).groupindex
    except (re.error, RecursionError, OverflowError):
        return
    for name in fact.as_:
        if name not in groups:
            hint = f"the groups are: {', '.join(groups)}" if groups else f"name it: (?P<{name}>…)"
            page.add(
                (*place, "as", name), f"`match` has no group `{name}`", hint=hint, rule="pattern-groups", at_key=True
            )
