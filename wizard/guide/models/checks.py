"""Checks: they decide and never collect; each gives a finding."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wizard.guide.models.base import (
    Conditional,
    Duration,
    Expression,
    Key,
    Literal_,
    Model,
    Name,
    Number,
    OneOf,
    Query,
    Regex,
    Shell,
    Switch,
    Text,
    Url,
)
from wizard.guide.models.loops import Each

CHECK_KINDS = (
    "disk", "memory", "cpu", "load", "port", "tcp", "http", "dns", "process", "service", "command", "file",
    "mount", "dotenv", "yaml", "json", "toml", "log", "docker", "image", "container", "compose", "swarm", "git", "sql",
    "backup", "version", "expr", "ask", "acknowledge",
)  # fmt: skip


class Blocks(StrEnum):
    """Whether a finding that is no pass keeps the operator from going on."""

    ALWAYS = "always"
    BYPASSABLE = "bypassable"
    NEVER = "never"


class DiskCheck(Model):
    """Free space where `path` lies (its nearest existing parent)."""

    path: Text
    free: Number = Field(description="A size: 20 GiB, or bytes.")


class MemoryCheck(Model):
    """Memory of the machine."""

    total: Number | None = None
    available: Number | None = None


class CpuCheck(Model):
    """Processors of the machine."""

    at_least: Number


class LoadCheck(Model):
    """Load average a processor."""

    at_most: Number
    over: Literal["1m", "5m", "15m"] = "5m"


class PortCheck(Model):
    """A TCP port of this machine: free, or listened on (by a process of that name)."""

    port: Number
    is_: Literal["free", "open"] = Field(default="open", alias="is")
    by: Text | None = None


class TcpCheck(Model):
    """Whether a connection to host:port opens."""

    host: Text
    port: Number
    timeout: Duration = "5s"


class HttpCheck(Model):
    """One request and what its reply must be."""

    url: Url
    method: Literal["GET", "HEAD", "POST"] = "GET"
    headers: dict[str, Text] = Field(default_factory=dict)
    body: Text | None = None
    status: Number | list[Number] = 200
    contains: Text | None = None
    match: Regex | None = None
    json_: Expression | None = Field(default=None, alias="json", description="An expression over `reply`.")
    timeout: Duration = "10s"
    tls_verify: Switch = True


class DnsCheck(Model):
    """Whether a name resolves (to an address)."""

    name: Text
    to: Text | None = None


class ProcessCheck(Model):
    """Whether a process runs: by name, by a regex on its command line, or by a pid file."""

    name: Text | None = None
    match: Regex | None = None
    pid_file: Text | None = None
    is_: Literal["running", "absent"] = Field(default="running", alias="is")


class ServiceCheck(Model):
    """State of a systemd unit."""

    name: Text
    is_: Literal["active", "inactive", "enabled", "absent"] = Field(default="active", alias="is")


class CommandCheck(Model):
    """A command that only looks; judged by its exit and output."""

    run: Shell | list[Text]
    exit: Number = 0
    output: Regex | None = None
    never: Regex | None = None
    folder: Text | None = None
    user: Text | None = None
    env: dict[Literal_, Text] = Field(default_factory=dict)
    timeout: Duration = "30s"


class FileCheck(Model):
    """A file or folder."""

    path: Text
    is_: Literal["present", "absent", "file", "folder", "readable", "writable", "executable", "link"] = Field(
        default="present", alias="is"
    )
    contains: Text | None = None
    match: Regex | None = None
    count: Number | None = None
    at_least: Number | None = Field(default=None, description="A size.")
    mode: Text | None = None
    owner: Text | None = None
    sha256: Text | None = None


class MountCheck(Model):
    """What is mounted at a path, or whether nothing is."""

    path: Text
    is_: Literal["mounted", "inside", "absent", "none_below"] = Field(
        default="mounted",
        alias="is",
        description="mounted: the path is a mount point. inside: it lies on such a file system. absent: it is no "
        "mount point. none_below: neither it nor anything below it is one.",
    )
    type: Text | None = Field(default=None, description="The kind of file system, such as nfs4.")
    source: Text | None = Field(default=None, description="What is mounted: a device, or host:/path.")
    options: list[Text] = Field(default_factory=list, description="Options it must have, such as ro or noexec.")


class DocumentCheck(Model):
    """A place in a settings file."""

    file: Text
    at: Text | None = None
    has: list[Text] = Field(default_factory=list)
    equals: Switch | Number | None = None
    match: Regex | None = None
    is_: Literal["present", "absent"] = Field(default="present", alias="is")


class LogCheck(Model):
    """Lines of a log."""

    file: Text
    match: Regex | None = None
    never: Regex | None = None
    since: Literal["step", "run", "start"] = "step"


class SqlCheck(Model):
    """One query; judged by its first value or its number of rows."""

    connection: Name
    query: Query
    equals: Switch | Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    match: Regex | None = None
    expr: Expression | None = Field(default=None, description="An expression over `result` and `rows`.")


class RestoredBackup(Model):
    """Where and when a backup was restored for proof, as somebody noted it down."""

    on: Text = Field(description="The machine it was restored on; not the one the wizard runs on.")
    at: Text = Field(description="When: 2024-05-31, or 2024-05-31 14:00. Not before the backup was made.")
    age: Duration | None = Field(default=None, description="How long ago at most.")


class BackupCheck(Model):
    """A backup: that it exists, is young and large enough, can be read, and lies where it should."""

    file: Text = Field(description="A path or a glob; the newest is taken.")
    age: Duration | None = None
    at_least: Number | None = Field(default=None, description="A size, or a part (20%) of what `of` takes up.")
    readable: Literal["sqlite", "gzip", "tar", "zip", "pg_dump", "any"] | None = None
    stored: Literal["elsewhere", "anywhere"] = Field(
        default="anywhere", description="elsewhere: on another file system than `of`."
    )
    of: Text | None = Field(default=None, description="The file or folder it is a backup of.")
    restored: RestoredBackup | Expression | None = Field(
        default=None, description="Where and when it was restored for proof, or an expression that says that it was."
    )


class VersionCheck(Model):
    """A version and the range it must be in."""

    value: Text
    in_: Text = Field(alias="in")


class AskCheck(Model):
    """A statement a person makes; never passes unattended without it."""

    say: Text
    record: Text | None = None


class DockerCheck(Model):
    """A Docker engine that answers."""

    at_least: Text | None = Field(default=None, description="The oldest version that will do.")
    swarm: Literal["manager", "member"] | None = Field(
        default=None, description="manager: it manages a swarm. member: it is part of one."
    )


ContainerState = Literal["running", "stopped", "absent", "created", "restarting", "paused", "exited", "dead"]
"""Docker's words, and `stopped`: it does not run, whether it is there or not."""

ContainerHealth = Literal["healthy", "unhealthy", "starting", "none"]
"""What a container's own health check says; `none` where it has no such check."""


class ContainerCheck(Model):
    """State and health of all containers that fit; one of them at least must be there."""

    name: Text | None = Field(default=None, description="A name, or a pattern with *.")
    label: Text | None = Field(default=None, description="A label, or label=value.")
    project: Text | None = Field(default=None, description="A compose project.")
    service: Text | None = Field(default=None, description="A compose service.")
    image: Text | None = Field(default=None, description="An image, with or without tag; the tag may hold a *.")
    state: ContainerState = "running"
    health: ContainerHealth | None = None


class ImageCheck(Model):
    """An image that is here."""

    name: Text
    tag: Text | None = None


class ComposeCheck(Model):
    """Services of a compose project; without `services`, all that its compose file has."""

    folder: Text | None = Field(default=None, description="Where its compose file is; else the folder of commands.")
    project: Text | None = Field(default=None, description="Its name, where it is not found by its folder.")
    services: list[Text] = Field(default_factory=list)
    but: list[Text] = Field(default_factory=list, description="Services that do not count.")
    state: ContainerState = "running"
    health: ContainerHealth | None = Field(
        default=None, description="Without `services` it counts for those that have a health check."
    )
    only: Switch = Field(default=False, description="No other service of the project runs.")


class SwarmCheck(Model):
    """Services of a swarm: as many tasks run (or ended well, where that is their end) as each wants."""

    stack: Text | None = None
    services: list[Text] = Field(default_factory=list, description="Names, or patterns with *.")
    but: list[Text] = Field(default_factory=list, description="Services that do not count.")
    image: Text | None = Field(default=None, description="The image they must have; the tag may hold a *.")


class GitCheck(Model):
    """State of a checkout. Nothing is fetched."""

    folder: Text
    branch: Text | None = Field(default=None, description="What must be checked out.")
    clean: Switch | None = Field(default=None, description="true: nothing is changed and nothing is untracked.")
    conflicts: Switch | None = Field(
        default=None, description="false: nothing is left to merge, and no conflict marker stands in a changed file."
    )
    remote: Text | None = Field(default=None, description="A remote that must be there.")
    url: Regex | None = Field(default=None, description="What the address of `remote` must match.")
    ref: Text | None = Field(default=None, description="A branch or tag that must be there; what `contains` is about.")
    contains: Text | None = Field(default=None, description="A commit, branch or tag that `ref` or the checkout has.")
    user: Text | None = Field(default=None, description="As whom to look; git trusts only the owner of a checkout.")


class Fix(Model):
    """What mends a finding: shown first, run on a word, then the check is asked again."""

    title: Text
    run: Shell | list[Text]
    why: Text | None = None
    folder: Text | None = None
    user: Text | None = None
    env: dict[Literal_, Text] = Field(default_factory=dict)
    terminal: Switch = False
    timeout: Duration | None = None


class StepCheck(Conditional):
    """A check inside a step: a kind of its own, or `check: ID` for one of the guide's checks."""

    one_of = OneOf("a check", ("check", *CHECK_KINDS), spare="ask")

    id: Key | None = None
    check: Key | None = None
    disk: DiskCheck | None = None
    memory: MemoryCheck | None = None
    cpu: CpuCheck | None = None
    load: LoadCheck | None = None
    port: PortCheck | Number | None = None
    tcp: TcpCheck | None = None
    http: HttpCheck | Url | None = None
    dns: DnsCheck | None = None
    process: ProcessCheck | None = None
    service: ServiceCheck | Text | None = None
    command: CommandCheck | Shell | list[Text] | None = None
    file: FileCheck | Text | None = None
    mount: MountCheck | Text | None = None
    dotenv: DocumentCheck | None = None
    yaml: DocumentCheck | None = None
    json_: DocumentCheck | None = Field(default=None, alias="json")
    toml: DocumentCheck | None = None
    log: LogCheck | None = None
    docker: DockerCheck | Switch | None = None
    image: ImageCheck | Text | None = None
    container: ContainerCheck | Text | None = None
    compose: ComposeCheck | None = None
    swarm: SwarmCheck | None = None
    git: GitCheck | None = None
    sql: SqlCheck | None = None
    backup: BackupCheck | None = None
    version: VersionCheck | None = None
    expr: Expression | None = None
    ask: AskCheck | Text | None = None
    acknowledge: Text | None = None

    title: Text | None = None
    say: Text | None = Field(default=None, description="Said where it does not pass.")
    remedy: Text | None = None
    fix: Fix | None = None
    links: list[Text] = Field(default_factory=list)
    blocks: Blocks = Blocks.ALWAYS
    not_needed: Text | None = None
    within: Duration | None = None
    for_each: Each | None = None
    none_is_fine: Switch = False
    machine: Expression | None = None
    per: Literal["hop"] | None = None
    read_again: list[Name] = Field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind key that is used, or `check` for a reference."""
        if self.check is not None:
            return "check"
        return next(kind for kind in CHECK_KINDS if getattr(self, "json_" if kind == "json" else kind) is not None)


class Check(StepCheck):
    """A check of the guide: asked before anything is touched, and named elsewhere by its id."""

    id: Key
    title: Text


CheckRef = StepCheck
"""A check where steps and waits take one."""
