"""From a guide's file to its models, its pinned files and its hash, with every problem in its place."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.errors import GuideError
from wizard.guide.build import Builder
from wizard.guide.files import named_files
from wizard.guide.models import Guide
from wizard.guide.references import reference_problems
from wizard.guide.walk import PlacedModel, every_model
from wizard.guide.yaml import read_yaml_file
from wizard.problems import Problem, Severity

if TYPE_CHECKING:
    from wizard.guide.document import DataPath, Document

GUIDE_FILE: Final = "guide.yaml"


@dataclass(frozen=True)
class LoadedGuide:
    """A guide that was read.

    `path` is its YAML file as it was named, `folder` the whole path of where that lies; `files` are the files
    it names, relative to `folder` and sorted: they are pinned with a session, and `sha256` is taken over the
    guide and them.
    `damaged` are places whose value could not be used; only a guide with problems has any.
    """

    guide: Guide
    path: Path
    folder: Path
    sha256: str
    files: tuple[str, ...]
    document: Document
    damaged: frozenset[DataPath] = field(default=frozenset(), repr=False)

    @cached_property
    def parts(self) -> tuple[PlacedModel, ...]:
        """The guide and every part of it with its place, found once."""
        return tuple(every_model(self.guide))

    def is_damaged(self, place: DataPath) -> bool:
        """Whether something at `place` or around it already has its problem."""
        return any(place[:length] in self.damaged for length in range(len(place) + 1))

    def has_damage(self, place: DataPath) -> bool:
        """Whether something of what stands at `place` could not be used."""
        return any(one[: len(place)] == place for one in self.damaged)

    def lacks_some(self, place: DataPath, *names: str) -> bool:
        """Whether an entry of the list or mapping at `place` could not be used, or the name (of `names`) of one."""
        depth = len(place)
        return self.is_damaged(place) or any(
            one[:depth] == place and (len(one) == depth + 1 or (len(one) == depth + 2 and one[-1] in names))
            for one in self.damaged
        )


def read_guide(path: Path | str) -> tuple[LoadedGuide | None, tuple[Problem, ...]]:
    """Read the guide at `path` (its file, or the folder with `guide.yaml`).

    Gives the guide, or None where a problem is an error, and all problems in the order of the file.
    What only lint demands is not looked at.
    """
    loaded, problems = read_with_spares(path)
    broken = any(problem.severity is Severity.ERROR for problem in problems)
    return (None if broken else loaded), problems


def load_guide(path: Path | str) -> LoadedGuide:
    """Read the guide at `path`. Raises GuideError with all problems where one is an error."""
    loaded, problems = read_guide(path)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if loaded is None:
        raise GuideError(f"the guide {path} cannot be used ({_counted(len(errors))})", errors)
    return loaded


def read_with_spares(path: Path | str) -> tuple[LoadedGuide | None, tuple[Problem, ...]]:
    """Read a guide for lint: with errors too it is there, spare values in the place of what is broken.

    Such a guide must never be run. None where the file cannot be read as YAML to its end.
    """
    file = Path(path)
    if os.path.isdir(file):  # noqa: PTH112 - false, not an error, for a name no file can have
        file /= GUIDE_FILE
    if os.path.exists(file) and not os.path.isfile(file):  # noqa: PTH110, PTH113 - the same
        # A pipe has its text once only, and a device has no end.
        return None, (Problem("it is a pipe or a device, not a file", str(file), rule="file-unreadable"),)
    document = read_yaml_file(file)
    if document.data is None:
        return None, document.problems
    builder = Builder(document)
    guide = builder.build(Guide, document.data)
    folder = file.parent.absolute()
    found = named_files(guide, folder, document)
    loaded = LoadedGuide(
        guide,
        file,
        folder,
        _sha256(file, folder, found.files),
        found.files,
        document,
        frozenset(builder.damaged),
    )
    late = [*found.problems, *reference_problems(loaded)]
    problems = [
        *document.problems,
        *builder.problems,
        *(problem for problem, place in late if not loaded.is_damaged(place)),
    ]
    return loaded, in_order(problems)


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Sort by place, without doubles."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column)))


def _counted(number: int) -> str:
    return counted(number, "problem")


def _sha256(file: Path, folder: Path, names: tuple[str, ...]) -> str:
    """Hash the guide's bytes and, each behind its name and length, those of the files it names."""
    digest = hashlib.sha256()
    for name, path in [("", file), *((name, folder / name) for name in names)]:
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
