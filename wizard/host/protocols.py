"""What the engine may ask of a machine; a recorded machine can stand in for each of these."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from wizard.secrets import Secret


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What expressions see as `machine`; sizes in bytes."""

    os: str
    os_version: str
    family: str
    package_manager: str
    arch: str
    cpus: int
    memory: int
    hostname: str
    container: bool


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Room on a file system, in bytes; `device` tells file systems apart.

    `path` is what was asked for as far as it exists, links followed.
    """

    path: str
    total: int
    free: int
    device: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in bytes."""

    total: int
    available: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What stat says of a path, links followed; `kind` is file, folder, link (dangling) or other."""

    exists: bool
    kind: str = ""
    size: int = 0
    mode: int = 0
    owner: str = ""
    group: str = ""
    modified: float = 0.0
    readable: bool = False
    writable: bool = False
    device: int = 0


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One process; `started` is the kernel's start time in clock ticks, which tells reused pids apart."""

    pid: int
    started: int
    name: str
    command: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply; `body` is cut at 1 MiB."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Look:
    """A command that only looks (facts, checks); never for work.

    `argv` is run without a shell; `environment` is whole. Output past 4 MiB is dropped.
    """

    argv: tuple[str, ...]
    folder: str | None = None
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What such a command gave; `exit` is None where it timed out."""

    exit: int | None
    output: str
    errors: str
    timed_out: bool = False


ENGINE_VARIABLES: Final = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
"""What says which Docker engine is meant: commands, facts and checks all get these, so that they ask the same one."""


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """A Docker engine that answered; `swarm` is empty, `worker` or `manager`."""

    version: str
    address: str
    swarm: str = ""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image under one name; `created` is UTC in ISO 8601, `size` in bytes, `tag` empty where it has none."""

    repository: str
    tag: str
    id: str
    created: str
    size: int


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """One container, running or not.

    `image` is what it was made from, as it was named then. `state` is Docker's word (created, running, paused,
    restarting, removing, exited, dead), `health` healthy, unhealthy, starting, or empty where nothing is checked.
    `exit_code` is None while it runs, `said` the last line of its health check.
    """

    id: str
    name: str
    image: str
    state: str
    health: str = ""
    exit_code: int | None = None
    started: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    error: str = ""

    @property
    def project(self) -> str:
        """The compose project it belongs to; empty where it belongs to none."""
        return self.labels.get("com.docker.compose.project", "")

    @property
    def service(self) -> str:
        """Its compose service; empty where it has none, or was made by `run` for once."""
        once = self.labels.get("com.docker.compose.oneoff", "").lower() == "true"
        return "" if once else self.labels.get("com.docker.compose.service", "")


@dataclass(frozen=True, slots=True)
class SwarmServiceFacts:
    """One service of a swarm: how many tasks it wants, how many run, how many ended well where that is their end.

    `stack` is empty where it belongs to none, `update` is Docker's word for a rollout (updating, completed,
    paused, rollback_started, …), `error` what the newest task that failed says.
    """

    name: str
    image: str
    desired: int
    running: int
    completed: int = 0
    stack: str = ""
    update: str = ""
    error: str = ""


class Engine(Protocol):
    """A Docker engine that can be asked. Every method raises HostError with a reason where it cannot tell."""

    def about(self) -> EngineFacts:
        """Which engine answers."""

    def images(self) -> Sequence[ImageFacts]:
        """All images that are here and have a name, newest first."""

    def containers(self) -> Sequence[ContainerFacts]:
        """All containers, also those that do not run, by name."""

    def services(self) -> Sequence[SwarmServiceFacts]:
        """The services of its swarm, by name."""


@dataclass(frozen=True, slots=True)
class MountFacts:
    """One mount: where, what kind of file system, from what, and with which options."""

    point: str
    type: str
    source: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Database:
    """A database that can be asked: `file` for SQLite, the rest for a server (None: what its client takes)."""

    kind: Literal["sqlite", "postgres", "mysql"]
    file: str | None = None
    host: str | None = None
    port: int | None = None
    name: str | None = None
    user: str | None = None
    password: Secret | None = None

    def __str__(self) -> str:
        """Name it for people, without its password."""
        if self.kind == "sqlite":
            return str(self.file)
        where = f"{self.host or 'this machine'}{f':{self.port}' if self.port is not None else ''}"
        return f"{self.name} on {where}" if self.name else f"server {where}"


class Machine(Protocol):
    """A machine that can be looked at. Every method raises HostError with a reason where it cannot tell."""

    def about(self) -> MachineFacts:
        """Describe the machine."""

    def disk(self, path: str) -> DiskSpace:
        """Room where `path` lies."""

    def memory(self) -> Memory:
        """Memory of the machine."""

    def load(self) -> tuple[float, float, float]:
        """Load averages over 1, 5 and 15 minutes."""

    def processes(self) -> Sequence[ProcessFacts]:
        """All processes that can be seen."""

    def listeners(self, port: int) -> Sequence[str]:
        """Names of the processes that listen on a TCP port (`?` where the owner cannot be seen)."""

    def connects(self, host: str, port: int, timeout: float) -> str:
        """Empty where a TCP connection opens, else the reason why not."""

    def resolve(self, name: str) -> Sequence[str]:
        """Addresses of a name."""

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

    def stat(self, path: str) -> FileFacts:
        """What a path is."""

    def read(self, path: str, limit: int = 4 << 20) -> bytes:
        """Bytes of a file, at most `limit`."""

    def glob(self, pattern: str) -> Sequence[str]:
        """Sorted paths that match (`**` allowed)."""

    def sha256(self, path: str) -> str:
        """Hash of a file, in hex."""

    def sql(
        self, database: Database, query: str, parameters: Sequence[Any], timeout: float = 30.0
    ) -> Sequence[Sequence[Any]]:
        """Rows of one query that only reads, as plain data (text, numbers, switches, None, lists and maps of these).

        Places of `parameters` are `?` for SQLite and `%s` for servers. `timeout` is in seconds.
        """

    def engine(self, environment: Mapping[str, str]) -> Engine:
        """The Docker engine that the docker command would ask in that environment; nothing is asked yet."""

    def mounts(self) -> Sequence[MountFacts]:
        """What is mounted, in the order in which it was."""

    def look(self, command: Look) -> Seen:
        """Run a command that only looks."""

    def unit(self, name: str) -> Mapping[str, str]:
        """Properties of a systemd unit (ActiveState, UnitFileState, LoadState)."""


@dataclass(frozen=True, slots=True)
class WatchFor:
    """Text the pump looks for in the output while the command runs; `stop` ends the command by itself."""

    id: str
    regex: str
    stop: bool = False


@dataclass(frozen=True, slots=True)
class StopPlan:
    """How a command is stopped: its own way first, then INT, TERM, KILL, each after its delay in seconds."""

    argv: tuple[str, ...] = ()
    own_delay: float = 30.0
    interrupt_delay: float = 10.0
    terminate_delay: float = 10.0


@dataclass(frozen=True, slots=True)
class Spec:
    """One command as it is to be run; holds no secrets (those go by stdin of the supervisor).

    `environment` here is what may be written down; `secret_names` names variables whose values come
    with the secrets. `stdin` is text written to the command's stdin where `terminal` is False;
    `stdin_secret` says that it comes with the secrets instead.
    """

    attempt: str
    argv: tuple[str, ...]
    folder: str
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secret_names: tuple[str, ...] = ()
    terminal: bool = False
    controlling_terminal: bool = True
    stdin: str | None = None
    stdin_secret: bool = False
    rows: int = 24
    columns: int = 80
    cap: int = 1 << 30
    timeout: float | None = None
    timeout_stops: bool = False
    watch_for: tuple[WatchFor, ...] = ()
    stop: StopPlan = field(default_factory=StopPlan)
    umask: int = 0o022


@dataclass(frozen=True, slots=True)
class SecretInput:
    """What reaches the supervisor by its stdin and is never written."""

    environment: Mapping[str, Secret] = field(default_factory=dict)
    stdin: Secret | None = None
    redact: tuple[Secret, ...] = ()


class FoundState(StrEnum):
    """What an attempt's folder says (DESIGN §5, "What a resume finds")."""

    ENDED = "ended"
    NEVER_RAN = "never_ran"
    RUNNING = "running"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a command ended; `code` is None where a signal ended it or it never could be executed."""

    code: int | None
    signal: int | None
    exec_error: str
    bytes: int
    lost_bytes: int
    seconds: float
    left_running: tuple[ProcessFacts, ...] = ()
    stopped_by: str = ""
    """Empty, `operator`, `timeout` or `watch:ID`."""
    seen: tuple[str, ...] = ()
    """Ids of `watch_for` that were seen."""


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict on an attempt's folder, with what supports it."""

    state: FoundState
    reason: str
    exit: Exit | None = None
    survivors: tuple[ProcessFacts, ...] = ()


class LiveState(StrEnum):
    """Whether a command that is attended still runs."""

    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"
    """Neither runs nor left its end: look again and decide."""


class Live(Protocol):
    """A running command as the driver holds it. Everything works from the folder where the pump is gone."""

    attempt: str

    def state(self) -> LiveState:
        """Whether it still runs."""

    def wait(self, seconds: float) -> LiveState:
        """Wait until it ended, output came, or the time is over; never longer than `seconds`."""

    def read(self, offset: int, limit: int = 1 << 16) -> bytes:
        """Redacted output from `offset` of the spool (from disk)."""

    def size(self) -> int:
        """Bytes in the spool."""

    def tail(self) -> bytes:
        """Redacted output that waits for the disk (a prompt without line end), for the screen only."""

    def send(self, data: bytes) -> None:
        """Type into the command's terminal."""

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size."""

    def input_hidden(self) -> bool | None:
        """Whether typing is hidden (ECHO off and ICANON on); None where it is not known."""

    def quiet_seconds(self) -> float:
        """Seconds since the last output."""

    def lost(self) -> int:
        """Bytes of the output that could not be kept: the disk was full, or the cap reached."""

    def stop(self) -> None:
        """Ask the leader to stop the command; returns at once."""

    def fileno(self) -> int | None:
        """A descriptor that gets readable when something happened; None while there is none: look again soon."""

    def close(self) -> None:
        """Let go of it; the command runs on."""


class Commands(Protocol):
    """Starting and finding commands that survive their driver (DESIGN §5)."""

    def prepare(self, folder: Path, spec: Spec) -> str:
        """Make the attempt's folder with its spec and reserve; fsync. Gives the spec's sha256."""

    def start(self, folder: Path, secrets: SecretInput) -> None:
        """Start the supervisor over a prepared folder; returns when it was handed over."""

    def attach(self, folder: Path, epoch: int) -> Live:
        """Hold a running command; only the highest epoch seen is obeyed by the pump."""

    def find(self, folder: Path, *, void: bool = True) -> Found:
        """Say what became of an attempt; `void` makes a claim impossible where there is none yet."""

    def kill_survivors(self, folder: Path) -> Sequence[ProcessFacts]:
        """TERM, then KILL what an attempt left behind; gives what still lives."""
