"""Facts about one file, or from its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.facts.files import as_text, file_names, read_whole
from wizard.facts.reading import Raw

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_file(asking: Asking) -> Raw:
    """Give what the file is (see `file_names`; `exists` is false without one).

    With `match` it is the text of the file that counts, and a fact without a file is absent.
    """
    assert asking.fact.file is not None  # noqa: S101 - the kind says so
    path = asking.path(asking.fact.file)
    if asking.fact.match is None:
        return Raw(file_names(asking.machine.stat(path)), path)
    data = read_whole(asking.machine, path)
    if data is None:
        return Raw.nothing(path, "there is no such file")
    return Raw(as_text(data), path)
