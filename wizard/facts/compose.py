"""Which compose project is meant, and which services its files name: found without the docker-compose command."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.facts.documents import read_document
from wizard.facts.errors import DocumentError
from wizard.facts.files import read_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wizard.host.protocols import ContainerFacts, Machine

FILES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""Names of compose files, the first that is there counts."""

OVERRIDES: Final = (
    "compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml",
)  # fmt: skip

_FOLDER: Final = "com.docker.compose.project.working_dir"


@dataclass(frozen=True, slots=True)
class Project:
    """A compose project: its name, the folder it is known by, and the services its files name (None: no file)."""

    name: str
    folder: str = ""
    services: tuple[str, ...] | None = None

    def containers(self, all_: Sequence[ContainerFacts]) -> list[ContainerFacts]:
        """Its containers with a service: those made in its folder, else those of its name."""
        of_services = [one for one in all_ if one.service]
        here = [one for one in of_services if self.folder and one.labels.get(_FOLDER, "").rstrip("/") == self.folder]
        return here or [one for one in of_services if one.project == self.name]


def project_of(machine: Machine, folder: str, environment: Mapping[str, str]) -> Project:
    """The project of a folder, as docker-compose would name it there. HostError where its files cannot be read.

    DocumentError where they are no compose files.
    """
    folder = posixpath.normpath(folder)
    files = [found for names in (FILES, OVERRIDES) if (found := _first(machine, folder, names)) is not None]
    documents = [_document(machine, file) for file in files]
    settings = _dotenv(machine, f"{folder}/.env")
    named = [str(one["name"]) for one in documents if isinstance(one.get("name"), str) and "$" not in one["name"]]
    name = environment.get("COMPOSE_PROJECT_NAME") or settings.get("COMPOSE_PROJECT_NAME") or next(iter(named), "")
    services = tuple(dict.fromkeys(one for document in documents for one in _services(document)))
    return Project(
        name or re.sub(r"[^-_a-z0-9]", "", posixpath.basename(folder).lower()).lstrip("-_"),
        folder,
        services if documents else None,
    )


def _first(machine: Machine, folder: str, names: Iterable[str]) -> str | None:
    paths = (f"{folder}/{name}" for name in names)
    return next((path for path in paths if machine.stat(path).exists), None)


def _document(machine: Machine, file: str) -> Mapping[str, Any]:
    data = read_whole(machine, file)
    try:
        document = read_document("yaml", data or b"")
    except DocumentError as error:
        raise DocumentError(f"{file} cannot be read as YAML: {error.message}") from None
    if not isinstance(document, dict):
        raise DocumentError(f"{file} is no compose file: it holds no map")
    return document


def _services(document: Mapping[str, Any]) -> Iterable[str]:
    """Services that are started when none is named: those of a profile, or of no instance, are not."""
    services = document.get("services")
    if not isinstance(services, dict):
        return
    for name, service in services.items():
        keys = service if isinstance(service, dict) else {}
        deploy = keys.get("deploy")
        replicas = deploy.get("replicas") if isinstance(deploy, dict) else None
        if not keys.get("profiles") and 0 not in (keys.get("scale"), replicas):
            yield str(name)


def _dotenv(machine: Machine, file: str) -> Mapping[str, Any]:
    data = read_whole(machine, file)
    if data is None:
        return {}
    try:
        values = read_document("dotenv", data)
    except DocumentError:
        return {}  # docker-compose itself will say so; here only one name is looked for
    return values if isinstance(values, dict) else {}
