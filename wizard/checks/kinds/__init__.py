"""One module for each kind of check; `KINDS` says which one asks what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.kinds.backup import ask_backup
from wizard.checks.kinds.command import ask_command
from wizard.checks.kinds.compose import ask_compose
from wizard.checks.kinds.container import ask_container
from wizard.checks.kinds.cpu import ask_cpu
from wizard.checks.kinds.disk import ask_disk
from wizard.checks.kinds.dns import ask_dns
from wizard.checks.kinds.docker import ask_docker
from wizard.checks.kinds.document import ask_document
from wizard.checks.kinds.expr import ask_expr
from wizard.checks.kinds.file import ask_file
from wizard.checks.kinds.git import ask_git
from wizard.checks.kinds.http import ask_http
from wizard.checks.kinds.image import ask_image
from wizard.checks.kinds.load import ask_load
from wizard.checks.kinds.log import ask_log
from wizard.checks.kinds.memory import ask_memory
from wizard.checks.kinds.mount import ask_mount
from wizard.checks.kinds.person import ask_acknowledgement, ask_person
from wizard.checks.kinds.port import ask_port
from wizard.checks.kinds.process import ask_process
from wizard.checks.kinds.service import ask_service
from wizard.checks.kinds.sql import ask_sql
from wizard.checks.kinds.swarm import ask_swarm
from wizard.checks.kinds.tcp import ask_tcp
from wizard.checks.kinds.version import ask_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.checks.context import Inquiry, Verdict

KINDS: Final[Mapping[str, Callable[[Inquiry], Verdict]]] = {
    "disk": ask_disk,
    "memory": ask_memory,
    "cpu": ask_cpu,
    "load": ask_load,
    "port": ask_port,
    "tcp": ask_tcp,
    "http": ask_http,
    "dns": ask_dns,
    "process": ask_process,
    "service": ask_service,
    "command": ask_command,
    "file": ask_file,
    "dotenv": ask_document,
    "yaml": ask_document,
    "json": ask_document,
    "toml": ask_document,
    "log": ask_log,
    "mount": ask_mount,
    "docker": ask_docker,
    "image": ask_image,
    "container": ask_container,
    "compose": ask_compose,
    "swarm": ask_swarm,
    "git": ask_git,
    "sql": ask_sql,
    "backup": ask_backup,
    "version": ask_version,
    "expr": ask_expr,
    "ask": ask_person,
    "acknowledge": ask_acknowledgement,
}

PERSONAL: Final = frozenset({"ask", "acknowledge"})
"""Kinds that put something to a person, one after the other."""

LIMITS: Final[Mapping[str, float]] = {
    "backup": 7200.0,
    "log": 600.0,
    "file": 600.0,
    "command": 3600.0,
    "sql": 300.0,
    "git": 300.0,
}
"""Seconds after which asking once counts as never coming back; kinds have narrower limits of their own."""

LIMIT: Final = 120.0
"""The same, for every other kind."""
