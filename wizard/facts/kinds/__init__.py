"""One module for each kind of fact; `KINDS` says which one reads what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.facts.errors import NotCarriedOutError
from wizard.facts.kinds.command import read_command
from wizard.facts.kinds.containers import read_containers
from wizard.facts.kinds.disk import read_disk
from wizard.facts.kinds.document import read_settings
from wizard.facts.kinds.file import read_file
from wizard.facts.kinds.files import read_files
from wizard.facts.kinds.git import read_git
from wizard.facts.kinds.http import read_http
from wizard.facts.kinds.images import read_images
from wizard.facts.kinds.service import read_service
from wizard.facts.kinds.sql import read_sql
from wizard.facts.kinds.value import read_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.facts.reading import Asking, Raw

KINDS: Final[Mapping[str, Callable[[Asking], Raw]]] = {
    "command": read_command,
    "dotenv": read_settings,
    "yaml": read_settings,
    "json": read_settings,
    "toml": read_settings,
    "properties": read_settings,
    "ini": read_settings,
    "files": read_files,
    "file": read_file,
    "sql": read_sql,
    "http": read_http,
    "git": read_git,
    "images": read_images,
    "containers": read_containers,
    "disk": read_disk,
    "service": read_service,
    "value": read_value,
}
"""What reads each kind; `first_of` is no kind of its own but a list of others."""


def read_kind(asking: Asking) -> Raw:
    """Read by the fact's kind. NotCarriedOutError for one this version does not know."""
    kind = asking.fact.kind
    if kind not in KINDS:
        raise NotCarriedOutError(f"facts of the kind `{kind}` are not carried out by this version of the wizard")
    return KINDS[kind](asking)
