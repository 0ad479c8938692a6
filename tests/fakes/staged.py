"""A machine whose answers a test stages: files, commands, replies, rows, and callables where a test wants to act."""

from __future__ import annotations

import fnmatch
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.errors import HostError
from wizard.host.protocols import DiskSpace, EngineFacts, FileFacts, HttpReply, MachineFacts, Memory, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wizard.host.protocols import (
        ContainerFacts,
        Database,
        Engine,
        ImageFacts,
        Look,
        MountFacts,
        ProcessFacts,
        SwarmServiceFacts,
    )

MODIFIED = 1_700_000_000.0
"""When every staged file was changed last, unless a test says otherwise (2023-11-14T22:13:20Z)."""


@dataclass
class StagedEngine:
    """A Docker engine with what was staged; with `down` set, each question raises HostError with that reason."""

    down: str = ""
    version: str = "24.0.5"
    swarm: str = ""
    here: list[ImageFacts] = field(default_factory=list)
    made: list[ContainerFacts] = field(default_factory=list)
    wanted: list[SwarmServiceFacts] = field(default_factory=list)

    def about(self) -> EngineFacts:
        self._answer()
        return EngineFacts(self.version, "unix:///var/run/docker.sock", self.swarm)

    def images(self) -> Sequence[ImageFacts]:
        self._answer()
        return self.here

    def containers(self) -> Sequence[ContainerFacts]:
        self._answer()
        return self.made

    def services(self) -> Sequence[SwarmServiceFacts]:
        self._answer()
        if self.swarm != "manager":
            raise HostError("the Docker engine is no manager of a swarm")
        return self.wanted

    def _answer(self) -> None:
        if self.down:
            raise HostError(self.down)


@dataclass
class StagedMachine:
    """Answers from what was staged; anything else raises HostError, and every look is kept in `looks`.

    `files` maps paths to bytes (None is a folder), `stats` overrides what stat says. `commands` maps the
    words after `bash -euo pipefail -c` (or the whole argv, joined by blanks) to what was seen. `acts`
    maps a method's name to a callable that is called instead of it.
    """

    files: Mapping[str, bytes | None] = field(default_factory=dict)
    stats: dict[str, FileFacts] = field(default_factory=dict)
    commands: Mapping[str, Seen | str] = field(default_factory=dict)
    replies: dict[str, HttpReply] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    ports: Mapping[int, Sequence[str]] = field(default_factory=dict)
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    running: list[ProcessFacts] = field(default_factory=list)
    free: int = 10 << 30
    devices: dict[str, int] = field(default_factory=dict)
    available: int = 4 << 30
    averages: tuple[float, float, float] = (0.5, 1.0, 2.0)
    acts: dict[str, Callable[..., Any]] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    queries: list[tuple[str, str, tuple[Any, ...]]] = field(default_factory=list)
    docker: StagedEngine = field(default_factory=StagedEngine)
    asked: list[dict[str, str]] = field(default_factory=list)
    mounted: list[MountFacts] = field(default_factory=list)

    def about(self) -> MachineFacts:
        return MachineFacts("linux", "12", "debian", "apt", "x86_64", 4, 8 << 30, "here", container=False)

    def disk(self, path: str) -> DiskSpace:
        if "disk" in self.acts:
            return self.acts["disk"](path)  # type: ignore[no-any-return]
        return DiskSpace(path, 100 << 30, self.free, self.devices.get(path, 1))

    def memory(self) -> Memory:
        return Memory(8 << 30, self.available)

    def load(self) -> tuple[float, float, float]:
        return self.averages

    def processes(self) -> Sequence[ProcessFacts]:
        return self.running

    def listeners(self, port: int) -> Sequence[str]:
        return self.ports.get(port, ())

    def connects(self, host: str, port: int, timeout: float) -> str:
        return "" if port in self.ports else "connection refused"

    def resolve(self, name: str) -> Sequence[str]:
        return self.names.get(name, ())

    def http(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        timeout: float = 10.0,
        tls_verify: bool = True,
    ) -> HttpReply:
        if "http" in self.acts:
            return self.acts["http"](url)  # type: ignore[no-any-return]
        if url not in self.replies:
            raise HostError(f"{url}: connection refused")
        return self.replies[url]

    def stat(self, path: str) -> FileFacts:
        if "stat" in self.acts:
            return self.acts["stat"](path)  # type: ignore[no-any-return]
        if path in self.stats:
            return self.stats[path]
        if path not in self.files:
            return FileFacts(exists=False)
        data = self.files[path]
        kind, size = ("folder", 4096) if data is None else ("file", len(data))
        return FileFacts(
            True, kind, size, 0o100640, "app", "app", MODIFIED, readable=True, writable=True,
            device=self.devices.get(path, 1),
        )  # fmt: skip

    def read(self, path: str, limit: int = 4 << 20) -> bytes:
        if "read" in self.acts:
            return self.acts["read"](path)  # type: ignore[no-any-return]
        data = self.files.get(path)
        if data is None:
            raise HostError(f"{path} cannot be read")
        return data[:limit]

    def glob(self, pattern: str) -> Sequence[str]:
        return sorted(fnmatch.filter(self.files, pattern))

    def sha256(self, path: str) -> str:
        return hashlib.sha256(self.files[path] or b"").hexdigest()

    def sql(
        self, database: Database, query: str, parameters: Sequence[Any], timeout: float = 30.0
    ) -> Sequence[Sequence[Any]]:
        self.queries.append((str(database), query, tuple(parameters)))
        if "sql" in self.acts:
            return self.acts["sql"](database, query)  # type: ignore[no-any-return]
        if query not in self.rows:
            raise HostError(f"{database}: no such table in {query}")
        return self.rows[query]

    def engine(self, environment: Mapping[str, str]) -> Engine:
        self.asked.append(dict(environment))
        return self.docker

    def mounts(self) -> Sequence[MountFacts]:
        return self.mounted

    def look(self, command: Look) -> Seen:
        self.looks.append(command)
        if "look" in self.acts:
            return self.acts["look"](command)  # type: ignore[no-any-return]
        shell = command.argv[:4] == ("bash", "-euo", "pipefail", "-c")
        words = command.argv[4] if shell else " ".join(command.argv)
        if words not in self.commands:
            raise HostError(f"{words}: no such command")
        seen = self.commands[words]
        return Seen(0, seen, "") if isinstance(seen, str) else seen

    def unit(self, name: str) -> Mapping[str, str]:
        return self.units.get(name, {"LoadState": "not-found"})
