"""The machine the wizard runs on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.errors import HostError
from wizard.host import reading
from wizard.host.protocols import DiskSpace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.host.protocols import (
        Database,
        Engine,
        FileFacts,
        HttpReply,
        Look,
        MachineFacts,
        Memory,
        MountFacts,
        ProcessFacts,
        Seen,
    )


class LocalMachine:
    """Looks at this machine and changes nothing; may be used by several threads at once."""

    def about(self) -> MachineFacts:
        """Describe the machine."""
        from wizard.host.about import describe

        return describe()

    def disk(self, path: str) -> DiskSpace:
        """Room where `path` lies, as df counts it (what is kept for root is not free)."""
        place = reading.nearest_existing(Path(path))
        try:
            place = place.resolve()
            seen, device = os.statvfs(place), place.stat().st_dev
        except OSError as error:
            raise HostError(f"the room where {path} lies cannot be told: {error.strerror}") from None
        return DiskSpace(
            str(place), total=seen.f_blocks * seen.f_frsize, free=seen.f_bavail * seen.f_frsize, device=device
        )

    def memory(self) -> Memory:
        """Memory of the machine."""
        from wizard.host.about import memory

        return memory()

    def load(self) -> tuple[float, float, float]:
        """Load averages over 1, 5 and 15 minutes."""
        try:
            return os.getloadavg()
        except OSError:
            raise HostError("the load of the machine cannot be told: /proc/loadavg cannot be read") from None

    def processes(self) -> Sequence[ProcessFacts]:
        """All processes that can be seen, by pid."""
        from wizard.host.processes import processes

        return processes()

    def listeners(self, port: int) -> Sequence[str]:
        """Names of the processes that listen on a TCP port (`?` where the owner cannot be seen)."""
        from wizard.host.processes import listeners

        return listeners(port)

    def connects(self, host: str, port: int, timeout: float) -> str:
        """Empty where a TCP connection opens, else the reason why not."""
        from wizard.host.network import connects

        return connects(host, port, timeout)

    def resolve(self, name: str) -> Sequence[str]:
        """Addresses of a name; none where nobody knows it."""
        from wizard.host.network import resolve

        return resolve(name)

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
        """Send one request; a status of 400 and above is a reply, no error."""
        from wizard.host.http import request

        return request(url, method=method, headers=headers, body=body, timeout=timeout, tls_verify=tls_verify)

    def stat(self, path: str) -> FileFacts:
        """What a path is."""
        return reading.facts_of(path)

    def read(self, path: str, limit: int = 4 << 20) -> bytes:
        """Bytes of a regular file, at most the first `limit`."""
        return reading.read(path, limit)

    def glob(self, pattern: str) -> Sequence[str]:
        """Sorted paths that match (`**` allowed)."""
        return reading.find(pattern)

    def sha256(self, path: str) -> str:
        """Hash of a file, in hex."""
        return reading.sha256(path)

    def sql(
        self, database: Database, query: str, parameters: Sequence[Any], timeout: float = 30.0
    ) -> Sequence[Sequence[Any]]:
        """Rows of one query that only reads, as plain data."""
        from wizard.host.sql import read_rows

        return read_rows(database, query, parameters, timeout)

    def engine(self, environment: Mapping[str, str]) -> Engine:
        """The Docker engine that the docker command would ask in that environment; nothing is asked yet."""
        from wizard.host.engine import DockerEngine

        return DockerEngine(environment)

    def mounts(self) -> Sequence[MountFacts]:
        """What is mounted, in the order in which it was."""
        from wizard.host.mounts import all_mounts

        return all_mounts()

    def look(self, command: Look) -> Seen:
        """Run a command that only looks."""
        from wizard.host.looks import look

        return look(command)

    def unit(self, name: str) -> Mapping[str, str]:
        """Properties of a systemd unit."""
        from wizard.host.units import unit

        return unit(name)
