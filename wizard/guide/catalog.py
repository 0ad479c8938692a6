"""The guides there are: those that ship with the program, and those in folders of the operator."""

from __future__ import annotations

import difflib
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import GuideError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.guide.loader import LoadedGuide

FOLDERS_VARIABLE: Final = "WIZARD_GUIDES"
"""Folders with guides of the operator, separated by `:`; they come before those that ship."""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One guide in the list; `source` is its file, `summary` one sentence, `problem` says why it cannot be used."""

    id: str
    product: str = ""
    title: str = ""
    versions: str = ""
    source: str = ""
    problem: str = ""
    summary: str = ""


def guides_folder() -> Path:
    """The folder of the guides that ship: `guides/` of the checkout, or that inside the wheel."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_guides"
    return shipped if shipped.is_dir() else package.parent / "guides"


def guide_files(environment: Mapping[str, str] | None = None) -> dict[str, Path]:
    """The file of every guide by the name of its folder; a folder of the operator wins."""
    found: dict[str, Path] = {}
    for folder in _folders(os.environ if environment is None else environment):
        for file in sorted(folder.glob("*/guide.yaml")):
            found.setdefault(file.parent.name, file)
    return found


def list_guides(environment: Mapping[str, str] | None = None) -> list[CatalogEntry]:
    """Every guide, sorted by id; a broken one with its first problem."""
    entries = [_entry(name, file) for name, file in guide_files(environment).items()]
    return sorted(entries, key=lambda entry: entry.id)


def find_guide(id_or_path: str, environment: Mapping[str, str] | None = None) -> Path:
    """The YAML file of a guide named by its id, its file or its folder.

    Raises UsageError, with a guess, where there is none.
    """
    known = guide_files(environment)
    if id_or_path in known:
        return known[id_or_path]
    path = Path(os.path.expanduser(id_or_path))  # noqa: PTH111 - leaves a ~ of nobody as it is
    is_folder = os.path.isdir(path)  # noqa: PTH112 - false, not an error, for a name no file can have
    if is_folder and (path / "guide.yaml").is_file():
        return path / "guide.yaml"
    if os.path.isfile(path):  # noqa: PTH113 - the same
        return path
    for entry in list_guides(environment):
        if entry.id == id_or_path:
            return Path(entry.source)
    if is_folder:
        raise UsageError(f"there is no guide.yaml in {path}")
    near = difflib.get_close_matches(id_or_path, known, n=1, cutoff=0.5)
    guess = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(sorted(known)) or 'none'}"
    raise UsageError(f"there is no guide {id_or_path!r}, and no such file", hint=guess)


def called(loaded: LoadedGuide) -> str:
    """The word by which the command line finds this guide: its id where that leads to it, else its path, quoted."""
    known = guide_files(os.environ).get(loaded.guide.id)
    try:
        same = known is not None and known.read_bytes() == loaded.path.read_bytes()
    except OSError:
        same = False
    return loaded.guide.id if same else shlex.quote(str(loaded.path))


def _folders(environment: Mapping[str, str]) -> Iterator[Path]:
    for name in environment.get(FOLDERS_VARIABLE, "").split(os.pathsep):
        if name:
            yield Path(os.path.expanduser(name))  # noqa: PTH111 - leaves a ~ of nobody as it is
    yield guides_folder()


def _entry(name: str, file: Path) -> CatalogEntry:
    from wizard.guide.lint import open_guide

    try:
        guide = open_guide(file).guide
    except GuideError as error:
        first = str(error.problems[0]) if error.problems else error.message
        return CatalogEntry(id=name, source=str(file), problem=first)
    versions = versions_text(guide.versions)
    return CatalogEntry(guide.id, guide.product, guide.title, versions, str(file), summary=guide.summary)


def versions_text(versions: Any) -> str:
    """The versions a guide leads through, in a few words (`1.0, 1.1, 2.0`, `7.5 .. 7.24`, `to 1.5`)."""
    if isinstance(versions.releases, list):
        return ", ".join(versions.releases)
    if versions.releases != "open" and versions.releases.ladder:
        return str(versions.releases.ladder)
    targets = dict.fromkeys(hop.to for hop in versions.hops if hop.to)
    return "to " + ", ".join(targets) if targets else "any"
