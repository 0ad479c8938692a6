"""Facts from settings files: dotenv, YAML, JSON, TOML, properties and ini."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.expressions import ABSENT
from wizard.facts.documents import at, read_document
from wizard.facts.errors import DocumentError, ReadingError
from wizard.facts.files import as_text, read_whole
from wizard.facts.reading import Raw
from wizard.guide.models.facts import DocumentPart

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_settings(asking: Asking) -> Raw:
    """Give the whole document (a map, as a rule) or what stands at `at`; absent without the file or the place.

    `match` is held against the value at `at`, or against the text of the file. ReadingError where the
    file is not of its kind.
    """
    from wizard.templates import render_text

    kind = asking.fact.kind
    part = getattr(asking.fact, "json_" if kind == "json" else kind)
    file, place = (part.file, part.at) if isinstance(part, DocumentPart) else (part, None)
    path = asking.path(file)
    data = read_whole(asking.machine, path)
    if data is None:
        return Raw.nothing(path, "there is no such file")
    try:
        document = read_document(kind, data)
        if place is None:
            return Raw(document, path, text=as_text(data))
        shown = render_text(place, asking.env)
        value = at(document, shown)
    except DocumentError as error:
        raise ReadingError(f"{path} cannot be read as {kind}: {error.message}") from None
    if value is ABSENT or value is None:
        return Raw.nothing(path, f"there is no {shown} in {path}")
    return Raw(value, f"{path}, {shown}")
