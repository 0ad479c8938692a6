"""Facts: what is read from the machine. A fact reads and never decides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wizard.guide.models.base import (
    Conditional,
    Duration,
    Expression,
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

FACT_KINDS = (
    "command", "dotenv", "yaml", "json", "toml", "properties", "ini", "files", "file", "sql", "http",
    "git", "images", "containers", "disk", "service", "value", "first_of",
)  # fmt: skip


class DocumentPart(Model):
    """A file and the place inside it (`a.b[0]`, dotted)."""

    file: Text
    at: Text | None = None


class SqlRead(Model):
    """One query on a connection; a single value, a row or `all` rows."""

    connection: Name
    query: Query


class HttpRead(Model):
    """One GET; the fact has `status`, `text`, and `json` where the body is JSON."""

    url: Url
    headers: dict[str, Text] = Field(default_factory=dict)
    timeout: Duration = "10s"
    tls_verify: Switch = True


class GitRead(Model):
    """A checkout: the fact has `branch`, `commit`, `clean`, `changed`, `remotes`, `tags`, `conflicts` and more."""

    folder: Text
    remote: Text | None = Field(
        default=None,
        description="A remote (or an address) whose `tags` are asked over the network; nothing is fetched.",
    )
    against: Text | None = Field(
        default=None, description="A branch or tag to count `ahead` and `behind` of; else the one that is followed."
    )


class ContainerRead(Model):
    """Containers by name (`*` allowed), label (or label=value), image, compose project or service."""

    name: Text | None = None
    label: Text | None = None
    project: Text | None = None
    service: Text | None = None
    image: Text | None = None


class Fact(Conditional):
    """One named reading; exactly one kind key."""

    one_of = OneOf("a fact", FACT_KINDS, spare="file")

    command: Shell | list[Text] | None = None
    dotenv: Text | None = None
    yaml: Text | DocumentPart | None = None
    json_: Text | DocumentPart | None = Field(default=None, alias="json")
    toml: Text | DocumentPart | None = None
    properties: Text | None = None
    ini: Text | None = None
    files: Text | None = Field(default=None, description="A glob; the fact is the sorted list of paths.")
    file: Text | None = None
    sql: SqlRead | None = None
    http: Url | HttpRead | None = None
    git: Text | GitRead | None = None
    images: Text | None = Field(default=None, description="A repository; the fact has `tag`, `tags` and `running`.")
    containers: Text | ContainerRead | None = Field(
        default=None, description="The fact is the list of containers, by name; a text is a name."
    )
    disk: Text | None = None
    service: Text | None = None
    value: Expression | None = Field(default=None, description="An expression; for use inside first_of.")
    first_of: list[Fact] | None = None

    title: Text | None = None
    match: Regex | None = None
    as_: dict[Name, Literal["n", "number", "version", "size", "text"]] = Field(
        default_factory=dict, alias="as", description="Types of named groups."
    )
    all: Switch = Field(default=False, description="Every match (row, file) as a list.")
    order: Literal["version", "text", "number"] | None = None
    for_each: Each | None = Field(default=None, description="The fact is then a map by `key`.")
    machine: Expression | None = None
    per: Literal["hop"] | None = None
    folder: Text | None = None
    user: Text | None = None
    env: dict[Literal_, Text] = Field(default_factory=dict)
    timeout: Duration = "20s"
    expect_exit: Number = 0

    @property
    def kind(self) -> str:
        """The kind key that is used."""
        return next(kind for kind in FACT_KINDS if getattr(self, "json_" if kind == "json" else kind) is not None)
