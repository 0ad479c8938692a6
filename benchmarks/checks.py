"""Fifty checks on this machine, against the slowest of them alone (reach: no slower than that one plus 20 %).

python benchmarks/checks.py [rounds]
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from wizard.checks.ask import ask_checks
from wizard.checks.context import CheckContext
from wizard.checks.model import Status
from wizard.expressions import Environment
from wizard.guide.document import Document
from wizard.guide.loader import LoadedGuide
from wizard.guide.models import Guide, StepCheck
from wizard.host.local import LocalMachine

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOWEST = 2.0
"""Seconds of the slowest check: a service that takes its time to answer."""

REACH = 1.2


class Slow(BaseHTTPRequestHandler):
    """Answers after the seconds its path names."""

    def do_GET(self) -> None:
        """Wait, and answer."""
        time.sleep(float(self.path.rsplit("/", 1)[-1]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def service() -> Iterator[int]:
    """A slow service; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def fifty(folder: Path, port: int) -> list[dict[str, Any]]:
    """What a guide of some size asks: mostly quick, a dozen slow, two of them as slow as the slowest."""
    url = f"http://127.0.0.1:{port}"
    slow: list[dict[str, Any]] = [
        {"http": f"{url}/{SLOWEST}"},
        {"command": f"sleep {SLOWEST * 0.98}"},
        *({"http": f"{url}/{seconds}"} for seconds in (0.5, 0.8, 1.0, 1.2, 1.5)),
        *({"command": f"sleep {seconds}"} for seconds in (0.5, 0.7, 1.0, 1.1, 1.5)),
    ]
    database = {"connection": "db", "query": "select count(*) from t", "at_least": 1}
    quick: list[dict[str, Any]] = [
        {"disk": {"path": str(folder), "free": "1 MiB"}},
        {"memory": {"total": "64 MiB"}},
        {"cpu": {"at_least": 1}},
        {"load": {"at_most": 1000}},
        {"port": port},
        {"tcp": {"host": "127.0.0.1", "port": port}},
        {"dns": {"name": "localhost"}},
        {"process": {"match": "python"}},
        {"file": f"{folder}/.env"},
        {"file": {"path": f"{folder}/large", "sha256": "0" * 64}, "blocks": "never"},
        {"mount": {"path": str(folder), "is": "inside"}},
        {"dotenv": {"file": f"{folder}/.env", "at": "KEY"}},
        {"json": {"file": f"{folder}/settings.json", "at": "a.b"}},
        {"log": {"file": f"{folder}/large", "never": "ERROR", "since": "start"}},
        {"sql": database},
        {"backup": {"file": f"{folder}/app.db", "readable": "sqlite", "age": "1d"}},
        {"git": {"folder": str(folder), "clean": False}},
        {"version": {"value": "1.4.2", "in": ">=1.4"}},
        {"expr": "1 + 1 == 2"},
    ]
    checks = [*slow, *quick, *quick]
    return checks[:50]


def prepare(folder: Path) -> None:
    """Put there what the checks look at."""
    (folder / ".env").write_text("KEY=value\n")
    (folder / "settings.json").write_text(json.dumps({"a": {"b": 1}}))
    (folder / "large").write_text("all is well\n" * 100_000)
    connection = sqlite3.connect(folder / "app.db")
    connection.execute("create table t as select 1 as a")
    connection.commit()
    connection.close()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)


def context(folder: Path) -> CheckContext:
    """The guide the checks belong to."""
    guide = {
        "guide": 1, "id": "many", "product": "Many", "title": "Many checks", "summary": "Fifty checks.",
        "versions": {"hops": [{"phases": ["only"]}]},
        "connections": {"db": {"kind": "sqlite", "file": f"{folder}/app.db"}},
        "phases": [{"id": "only", "title": "Only", "steps": [{"id": "only", "title": "Only", "say": "Nothing."}]}],
    }  # fmt: skip
    loaded = LoadedGuide(
        guide=Guide.model_validate(guide), path=folder / "guide.yaml", folder=folder, sha256="0" * 64, files=(),
        document=Document("guide.yaml", "", guide, ()),
    )  # fmt: skip
    return CheckContext(loaded, LocalMachine(), Environment(names={"answers": {}, "facts": {}}))


def seconds(checks: list[StepCheck], where: CheckContext) -> float:
    """Seconds until all findings are there; each of them a verdict."""
    began = time.perf_counter()
    findings = ask_checks(checks, where)
    taken = time.perf_counter() - began
    lost = [one for one in findings if one.status not in (Status.OK, Status.RISK)]
    if lost:
        sys.exit(f"a check gave no verdict: {lost[0].title}: {lost[0].evidence[0].seen}")
    return taken


def main(rounds: int) -> None:
    """Ask both in turns, and compare within each round."""
    with tempfile.TemporaryDirectory() as name, service() as port:
        folder = Path(name)
        prepare(folder)
        where = context(folder)
        checks = [TypeAdapter(StepCheck).validate_python(one) for one in fifty(folder, port)]
        seconds(checks, where)  # whatever is imported at first use
        pairs = [(seconds(checks[:1], where), seconds(checks, where)) for _ in range(rounds)]
    ratio = statistics.median(together / alone for alone, together in pairs)
    alone, together = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"slowest alone {alone:.2f} s, {len(checks)} checks {together:.2f} s, ratio {ratio:.2f} (reach {REACH})")
    if ratio > REACH:
        sys.exit("50 checks take longer than the slowest one plus 20 %")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
