"""Which engine facts and checks ask, and which images and containers fit what a guide names."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wizard.facts.looking import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.facts.looking import Surrounded
    from wizard.host.protocols import ContainerFacts, Engine, Machine


def engine_of(machine: Machine, where: Surrounded) -> Engine:
    """The engine that commands in these surroundings would ask. HostError where nothing can look there."""
    return machine.engine(environment_of(where, where.user))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which containers are meant, by rendered texts; what is None does not matter."""

    name: str | None = None
    label: str | None = None
    project: str | None = None
    service: str | None = None
    image: str | None = None

    def __str__(self) -> str:
        """Name them for people."""
        parts = (
            ("named", self.name),
            ("with the label", self.label),
            ("of the project", self.project),
            ("of the service", self.service),
            ("of the image", self.image),
        )
        return " ".join(f"{word} {value}" for word, value in parts if value is not None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not str(self)

    def of(self, containers: Iterable[ContainerFacts]) -> list[ContainerFacts]:
        """Those that fit."""
        return [one for one in containers if self._fits(one)]

    def _fits(self, container: ContainerFacts) -> bool:
        return (
            (self.name is None or fnmatchcase(container.name, self.name))
            and (self.label is None or has_label(container, self.label))
            and (self.project is None or container.project == self.project)
            and (self.service is None or container.service == self.service)
            and (self.image is None or is_image(container.image, self.image))
        )


def has_label(container: ContainerFacts, wanted: str) -> bool:
    """Whether it has a label (`cawemo`), or the label with that value (`cawemo=backend`)."""
    name, equals, value = wanted.partition("=")
    return name in container.labels and (not equals or container.labels[name] == value)


def is_image(name: str, wanted: str) -> bool:
    """Whether an image's name is the one wanted; without a tag any will do, and a tag may hold a `*`."""
    repository, tag = split_image(name)
    wanted_repository, wanted_tag = split_image(wanted)
    if full_name(repository) != full_name(wanted_repository):
        return False
    return not wanted_tag or fnmatchcase(tag or "latest", wanted_tag)


def split_image(name: str) -> tuple[str, str]:
    """Repository and tag of an image's name; no tag where none is said, or its digest is."""
    plain = name.partition("@")[0]
    repository, colon, tag = plain.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (plain, "")


def full_name(repository: str) -> str:
    """The repository with its registry, as Docker fills it in: `nginx` is `docker.io/library/nginx`."""
    first, slash, _ = repository.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        plain = repository.removeprefix("index.")
        return (
            plain if not plain.startswith("docker.io/") or plain.count("/") > 1 else f"docker.io/library/{plain[10:]}"
        )
    return f"docker.io/{repository}" if slash else f"docker.io/library/{repository}"
