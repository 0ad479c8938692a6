"""Places in settings files: dotenv, YAML, JSON and TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wizard.checks.comparing import same, shown
from wizard.checks.context import Verdict
from wizard.expressions import ABSENT
from wizard.facts.documents import at, read_document
from wizard.facts.errors import DocumentError
from wizard.facts.files import as_text, read_whole

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import DocumentCheck


def ask_document(inquiry: Inquiry) -> Verdict:
    """Pass where the places of `has` are there and the place `at` is as wanted (or, with `is: absent`, is not there).

    Without `at`, `match` is held against the text of the file. A file that is not of its kind tells nothing.
    """
    model: DocumentCheck = inquiry.model
    path = inquiry.path(model.file)
    data = read_whole(inquiry.machine, path)
    if data is None:
        return Verdict.of(model.is_ == "absent", f"there is no file {path}", path)
    try:
        return _judged(inquiry, model, read_document(inquiry.kind, data), as_text(data), path)
    except DocumentError as error:
        return Verdict.unknown(f"it cannot be read as {inquiry.kind}: {error.message}", path)


def _judged(inquiry: Inquiry, model: DocumentCheck, document: Any, text: str, path: str) -> Verdict:
    missing = [place for place in map(inquiry.text, model.has) if at(document, place) is ABSENT]
    if missing:
        return Verdict.fail(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not there", path)
    if model.at is None:
        return _whole(inquiry, model, text, path)
    place = inquiry.text(model.at)
    value = at(document, place)
    if model.is_ == "absent":
        seen = f"{place} is not there" if value is ABSENT else f"{place} is {shown(value, key=place)}"
        return Verdict.of(value is ABSENT, seen, path)
    if value is ABSENT:
        return Verdict.fail(f"{place} is not there", path)
    seen = f"{place} is {shown(value, key=place)}"
    if model.equals is not None:
        expected = inquiry.value(model.equals)
        if not same(value, expected):
            return Verdict.fail(f"{seen}, not {shown(expected, key=place)}", path)
    if model.match is not None:
        pattern = inquiry.regex(model.match)
        if isinstance(value, dict | list) or not re.search(pattern, _text(value), re.MULTILINE):
            return Verdict.fail(f"{seen}, which does not match `{pattern}`", path)
    return Verdict.ok(seen, path)


def _whole(inquiry: Inquiry, model: DocumentCheck, text: str, path: str) -> Verdict:
    if model.equals is not None:
        return Verdict.unknown("the check says `equals` without `at`", path)
    if model.is_ == "absent":
        return Verdict.fail(f"the file {path} is there", path)
    if model.match is not None:
        pattern = inquiry.regex(model.match)
        found = re.search(pattern, text, re.MULTILINE)
        return Verdict.of(found is not None, f"{'a' if found else 'no'} line matches `{pattern}`", path)
    return Verdict.ok(f"it has {', '.join(map(inquiry.text, model.has))}" if model.has else "it can be read", path)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
