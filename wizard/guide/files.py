"""The files a guide names: scripts, replacements, and what it takes from its own folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from wizard.guide.models.steps import Edit, Script
from wizard.guide.walk import every_model, texts_of

if TYPE_CHECKING:
    from wizard.guide.document import DataPath, Document
    from wizard.guide.models import Guide
    from wizard.problems import Problem

FROM_FOLDER: Final = re.compile(r"\$\{\{\s*guide\.folder\s*\}\}/(?P<name>[\w./@+-]+)(?P<more>\$\{\{)?")
"""A file of the guide inside a text: `${{ guide.folder }}/service.py`; `more` where its name goes on with a value."""

OPERATORS_FILE: Final = re.compile(r"\$\{\{[^{}]*\banswers\.[^{}]*\}\}")
"""A file that is not the guide's, in `replace_with`: one whose path the operator answered."""


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """Files to pin, relative to the guide's folder, and what is wrong with the names of others."""

    files: tuple[str, ...]
    problems: tuple[tuple[Problem, DataPath], ...]


class _Finder:
    def __init__(self, folder: Path, document: Document) -> None:
        self.folder = folder
        self.document = document
        self.files: set[str] = set()
        self.problems: list[tuple[Problem, DataPath]] = []

    def take(self, name: str, place: DataPath, *, offset: int | None = None) -> None:
        """Add the file `name`, or say why it cannot be one."""
        if "${{" in name:
            self._report(
                place,
                "a file of the guide is named as it is, without ${{ }}",
                "use cases with `when`, one for each file",
            )
            return
        path = self._inside(name, place, offset)
        if path is None:
            return
        if path.is_dir():
            self._folder(path, name, place, offset)
        elif not path.exists():
            self._report(place, f"there is no file {name} beside the guide", "check the name and its case", offset)
        elif not path.is_file() or not os.access(path, os.R_OK):
            self._report(place, f"{name} is no file that can be read", "check its kind and its mode", offset)
        else:
            self.files.add(str(PurePosixPath(name)))

    def take_matching(self, prefix: str, place: DataPath, offset: int) -> None:
        """Add every file whose name begins with `prefix` and goes on with a value."""
        path = self._inside(prefix, place, offset)
        if path is None:
            return
        start, stem = (path, "") if prefix.endswith("/") else (path.parent, path.name)
        found = [entry for entry in sorted(start.glob("*")) if entry.name.startswith(stem)] if start.is_dir() else []
        if not found:
            self._report(place, f"no file beside the guide begins with {prefix}", "check the name and its case", offset)
        for entry in found:
            self.take(entry.relative_to(self.folder).as_posix(), place, offset=offset)

    def _folder(self, path: Path, name: str, place: DataPath, offset: int | None) -> None:
        for entry in sorted(path.rglob("*")):
            relative = entry.relative_to(self.folder)
            if entry.is_dir() or "__pycache__" in relative.parts:
                continue
            inside = self._inside(relative.as_posix(), place, offset)
            if inside is not None:
                self.take(relative.as_posix(), place, offset=offset)
        if not any(file.startswith(f"{PurePosixPath(name)}/") for file in self.files):
            self._report(place, f"the folder {name} beside the guide is empty", "", offset)

    def _inside(self, name: str, place: DataPath, offset: int | None) -> Path | None:
        """The path of a name that stays in the guide's folder, links followed."""
        pure = PurePosixPath(name)
        path = self.folder / pure
        try:
            outside = not path.resolve().is_relative_to(self.folder.resolve())
            path.exists()
        except (OSError, RuntimeError, ValueError):
            outside = True  # a name no file can have (too long, a loop of links, a NUL)
        if not name or pure.is_absolute() or ".." in pure.parts or outside:
            shown = name or "(empty)"
            self._report(place, f"{shown} is not inside the guide's folder", "put the file beside the guide", offset)
            return None
        return path

    def _report(self, place: DataPath, message: str, hint: str, offset: int | None = None) -> None:
        problem = self.document.problem(place, message, hint=hint, rule="guide-file", offset=offset)
        self.problems.append((problem, place))


def named_files(guide: Guide, folder: Path, document: Document) -> NamedFiles:
    """Find every file the guide names; each must exist inside its folder."""
    finder = _Finder(folder, document)
    for placed in every_model(guide):
        match placed.model:
            case Script(script=script):
                finder.take(script, (*placed.place, "script"))
            case Edit(replace_with=str(name)) if not OPERATORS_FILE.fullmatch(name):
                finder.take(name, (*placed.place, "replace_with"))
            case _:
                pass
        for text in texts_of(placed):
            for found in FROM_FOLDER.finditer(text.text):
                offset = found.start("name")
                if found["more"]:
                    finder.take_matching(found["name"], text.place, offset)
                else:
                    finder.take(found["name"].rstrip("."), text.place, offset=offset)
    return NamedFiles(tuple(sorted(finder.files)), tuple(finder.problems))
