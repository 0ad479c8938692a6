"""A machine made of plain data: what a test does not record cannot be told, as on a machine that refuses."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.errors import HostError
from wizard.host.protocols import DiskSpace, FileFacts, HttpReply, MachineFacts, Memory, ProcessFacts, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.host.protocols import Look

GIB = 1 << 30

DEBIAN = MachineFacts(
    os="debian", os_version="12", family="debian", package_manager="apt", arch="x86_64",
    cpus=4, memory=8 * GIB, hostname="recorded", container=False,
)  # fmt: skip


@dataclass
class RecordedMachine:
    """Replies from what was recorded; anything else raises HostError. Every look and request is kept.

    `files` maps absolute paths to contents; the folders above them exist. `looks` maps the words of a
    command, joined by blanks, to its output (exit 0) or to a Seen; `otherwise` replies to all others.
    `queries` maps SQL text to rows; `parameters` are not part of the key.
    """

    facts: MachineFacts = DEBIAN
    files: dict[str, str | bytes] = field(default_factory=dict)
    stats: dict[str, FileFacts] = field(default_factory=dict)
    free: int = 100 * GIB
    available: int = 4 * GIB
    loads: tuple[float, float, float] = (0.1, 0.1, 0.1)
    ports: dict[int, tuple[str, ...]] = field(default_factory=dict)
    reachable: dict[tuple[str, int], str] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    running: list[ProcessFacts] = field(default_factory=list)
    replies: dict[str, HttpReply | str] = field(default_factory=dict)
    looks: dict[str, Seen | str] = field(default_factory=dict)
    otherwise: Seen | None = None
    queries: dict[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    units: dict[str, Mapping[str, str]] = field(default_factory=dict)
    looked: list[Look] = field(default_factory=list)
    requested: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str, tuple[Any, ...]]] = field(default_factory=list)

    def about(self) -> MachineFacts:
        return self.facts

    def disk(self, path: str) -> DiskSpace:
        return DiskSpace(path, total=2 * self.free, free=self.free, device=1)

    def memory(self) -> Memory:
        return Memory(total=self.facts.memory, available=self.available)

    def load(self) -> tuple[float, float, float]:
        return self.loads

    def processes(self) -> Sequence[ProcessFacts]:
        return tuple(self.running)

    def listeners(self, port: int) -> Sequence[str]:
        return self.ports.get(port, ())

    def connects(self, host: str, port: int, timeout: float) -> str:
        if (host, port) in self.reachable:
            return self.reachable[host, port]
        if host in ("localhost", "127.0.0.1") and port in self.ports:
            return ""
        return "the connection was refused"

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
        self.requested.append((method, url))
        reply = self.replies.get(url)
        if reply is None:
            raise HostError(f"{method} {url}: the connection was refused")
        return HttpReply(200, {}, reply) if isinstance(reply, str) else reply

    def stat(self, path: str) -> FileFacts:
        if path in self.stats:
            return self.stats[path]
        plain = path.rstrip("/") or "/"
        if plain in self.files:
            return FileFacts(
                exists=True, kind="file", size=len(self._bytes(plain)), mode=0o644, owner="root", group="root",
                modified=1.7e9, readable=True, writable=True, device=1,
            )  # fmt: skip
        if plain == "/" or any(name.startswith(plain + "/") for name in self.files):
            return FileFacts(
                exists=True, kind="folder", size=4096, mode=0o755, owner="root", group="root",
                modified=1.7e9, readable=True, writable=True, device=1,
            )  # fmt: skip
        return FileFacts(exists=False)

    def read(self, path: str, limit: int = 4 << 20) -> bytes:
        return self._bytes(path)[:limit]

    def glob(self, pattern: str) -> Sequence[str]:
        parts = [".*" if part == "**" else "[^/]*".join(_literal(part)) for part in pattern.split("/")]
        wanted = re.compile("/".join(parts).replace("/.*/", "/(?:.*/)?"))
        return sorted(name for name in self.files if wanted.fullmatch(name))

    def sha256(self, path: str) -> str:
        return hashlib.sha256(self._bytes(path)).hexdigest()

    def sqlite(self, file: str, query: str, parameters: Sequence[Any]) -> Sequence[Sequence[Any]]:
        self.asked.append((file, query, tuple(parameters)))
        if query not in self.queries:
            raise HostError(f"the database {file} cannot answer: {query}")
        return self.queries[query]

    def look(self, command: Look) -> Seen:
        self.looked.append(command)
        seen = self.looks.get(" ".join(command.argv), self.otherwise)
        if seen is None:
            raise HostError(f"{command.argv[0]} is not installed, or not in the PATH")
        return Seen(0, seen, "") if isinstance(seen, str) else seen

    def unit(self, name: str) -> Mapping[str, str]:
        if name not in self.units:
            return {"LoadState": "not-found", "ActiveState": "inactive"}
        return self.units[name]

    def _bytes(self, path: str) -> bytes:
        if path not in self.files:
            raise HostError(f"{path} cannot be read: No such file or directory")
        contents = self.files[path]
        return contents.encode() if isinstance(contents, str) else contents


def _literal(part: str) -> list[str]:
    """The pieces of one part of a glob between its stars, as regular expressions."""
    return [fnmatch.translate(piece).removeprefix("(?s:").removesuffix(r")\Z") for piece in part.split("*")]
