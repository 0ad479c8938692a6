"""The examples of guides/README.md, and the small installation they are about."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.guide.catalog import guides_folder
from wizard.guide.yaml import read_yaml

_FENCE = re.compile(r"^```yaml (?P<words>[a-z ]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = frozenset(
    {"guide", "steps", "phases", "values", "facts", "questions", "checks", "procedures", "versions", "top", "wrong"}
)
USES = frozenset({"walk", "read", "pass"})


@dataclass(frozen=True, slots=True)
class Example:
    """One fenced block: the line it begins on, what it is a part of, and what is done with it besides lint."""

    line: int
    kind: str
    use: str
    text: str

    @property
    def data(self) -> Any:
        """What it says, read as a guide is; a mistake in it fails the test."""
        document = read_yaml(self.text, f"README.md, block of line {self.line}")
        assert document.problems == (), "\n".join(map(str, document.problems))
        return document.data


def reference_text() -> str:
    """The author's reference."""
    return (guides_folder() / "README.md").read_text(encoding="utf-8")


def examples() -> list[Example]:
    """Every example, in order."""
    text = reference_text()
    found: list[Example] = []
    for block in _FENCE.finditer(text):
        kind, _, use = block["words"].partition(" ")
        assert kind in KINDS
        assert use in USES or not use
        found.append(Example(text.count("\n", 0, block.start()) + 1, kind, use, block["text"]))
    return found


def guide_with(example: Example) -> dict[str, Any]:
    """A guide that has what the examples name, with this one in it."""
    data = example.data
    guide = base()
    match example.kind:
        case "guide":
            return dict(data)
        case "steps":
            guide["phases"][0]["steps"] += data
        case "phases":
            guide["phases"] += data
            guide["versions"]["hops"][0]["phases"] += [phase["id"] for phase in data]
        case "questions":
            guide["questions"].append({"section": "Examples", "ask": data})
        case "checks":
            guide["checks"] += data
        case "versions":
            guide["versions"] = data
            for question in guide["questions"][0]["ask"]:
                if question["id"] == "target_version":
                    question.update(type="version")
                    del question["choices"], question["default"]
        case "values" | "facts" | "procedures":
            guide[example.kind] |= data
        case _:
            for key, value in data.items():
                match value:
                    case dict():
                        guide[key] = guide.get(key, {}) | value
                    case list():
                        guide[key] = guide.get(key, []) + value
                    case _:
                        guide[key] = value
    return guide


def base() -> dict[str, Any]:
    """The guide around an example."""
    asked = [
        {"id": "install_dir", "label": "Folder", "type": "path"},
        {"id": "backup_dir", "label": "Backups", "type": "path"},
        {"id": "current_version", "label": "Now", "type": "version", "found_in": "facts.release.version"},
        {"id": "target_version", "label": "Then", "type": "choice", "choices": ["1.1", "2.0"], "default": "2.0"},
        {"id": "cluster", "label": "Is it a cluster", "type": "yes_no", "default": False},
        {"id": "cluster_port", "label": "Its port", "type": "number", "when": "answers.cluster", "default": 7000},
        {"id": "role", "label": "Role", "type": "choice", "choices": ["main", "spare"], "default": "main"},
        {
            "id": "nodes",
            "label": "Nodes",
            "type": "table",
            "columns": [
                {"id": "name", "label": "Name", "unique": True},
                {"id": "host", "label": "Host", "type": "host"},
                {"id": "role", "label": "Role", "type": "choice", "choices": ["main", "spare"], "default": "spare"},
            ],
        },
        {"id": "password", "label": "Password", "type": "secret"},
        {"id": "port", "label": "Port", "type": "number"},
        {"id": "url", "label": "Address", "type": "text"},
        {"id": "process", "label": "Command line", "type": "text"},
        {"id": "own_command", "label": "Your command", "type": "command"},
    ]
    return {
        "guide": 1,
        "id": "reference",
        "product": "Notes",
        "title": "Reference",
        "summary": "What the examples of the reference stand in.",
        "works_on": "${{ answers.install_dir }}",
        "defaults": {"folder": "${{ answers.install_dir }}"},
        "versions": {
            "releases": ["1.0", "1.1", "2.0"],
            "hops": [{"from": "<2.0", "to": "2.0", "phases": ["work"]}],
        },
        "connections": {
            "app": {"kind": "sqlite", "file": "${{ answers.install_dir }}/data/app.db"},
            "store": {"kind": "postgres", "host": "db", "name": "notes", "user": "notes"},
        },
        "facts": {
            "settings": {"dotenv": "${{ answers.install_dir }}/.env"},
            "release": {"file": "${{ answers.install_dir }}/VERSION", "match": r"(?P<version>\S+)"},
            "tags": {"command": ["echo", "1.0 2.0"], "match": r"\S+", "all": True},
        },
        "values": {"mains": 'answers.nodes.filter(n, n.role == "main").map(n, n.name)'},
        "questions": [{"section": "Your installation", "ask": asked}],
        "checks": [{"id": "room", "title": "Room", "disk": {"path": "${{ answers.install_dir }}", "free": "1 MiB"}}],
        "phases": [
            {
                "id": "work",
                "title": "Work",
                "steps": [
                    {"id": "begin", "title": "Begin", "say": "It begins."},
                    {"id": "saved", "title": "Save", "run": ["true"], "makes": "backup", "rerun": "safe"},
                ],
            }
        ],
        "procedures": {
            "restart": {
                "title": "Restart",
                "needs": ["name"],
                "steps": [{"id": "r", "title": "R", "run": ["echo", "${{ name }}"], "rerun": "safe"}],
            },
            "go-back": {"title": "Back", "offer": {"after": "begin"}, "steps": [{"id": "b", "title": "B", "say": "B"}]},
        },
    }


def installation(folder: Path, port: int) -> dict[str, Any]:
    """Make the installation the examples work on, and give the answers about it."""
    import gzip
    import os

    place, backups = folder / "notes", folder / "backups"
    for made in (place / "data" / "old", place / "dumps", place / "checkout", backups):
        made.mkdir(parents=True)
    files = {
        "VERSION": "1.0\n",
        ".env": f"PORT={port}\nOLD=1\n",
        "app.yaml": "server:\n  ports: [8080]  # the first one is for people\n  name: n\n",
        "app.json": '{"name": "notes-server"}\n',
        "app.toml": "[server]\nport = '8080'\n",
        "app.properties": "# settings\nserver.port=8080\n",
        "app.ini": "[server]\nport = 8080\n",
        "app.conf": "listen 8080\n",
        "settings": "A=a\n",
        "app.log": "started\nERROR disk\nERROR net\n",
        "dumps/notes-1.9.sql": "select 1;\n",
        "dumps/notes-1.10.sql": "select 1;\n",
    }
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    (place / "dumps" / "notes.sql.gz").write_bytes(gzip.compress(os.urandom(64)))
    database = sqlite3.connect(place / "data" / "app.db")
    database.executescript("create table users (name text); insert into users values ('ann'), ('bob');")
    database.close()
    git = ["git", "-C", str(place / "checkout"), "-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    (place / "checkout" / "a").write_text("a\n", encoding="utf-8")
    subprocess.run([*git, "add", "a"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "a"], check=True)
    return {
        "install_dir": str(place),
        "backup_dir": str(backups),
        "current_version": "1.0",
        "target_version": "2.0",
        "cluster": False,
        "role": "main",
        "nodes": [
            {"name": "a", "host": "127.0.0.1", "role": "main"},
            {"name": "b", "host": "localhost", "role": "spare"},
        ],
        "password": "correct horse battery",
        "port": port,
        "url": f"http://127.0.0.1:{port}",
        # The first process of the machine always runs, and is none of those that ask.
        "process": Path("/proc/1/cmdline").read_bytes().split(b"\0")[0].decode(),
        "own_command": "echo mine > own.txt",
    }
