"""Stockroom's HTTP server; what it reads and writes is in the current release's queries.py."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import signal
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOME = pathlib.Path(sys.argv[1])
RELEASE = (HOME / "current").resolve()
VERSION = (RELEASE / "VERSION").read_text(encoding="utf-8").strip()
_spec = importlib.util.spec_from_file_location("queries", RELEASE / "queries.py")
assert _spec is not None
assert _spec.loader is not None
queries = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(queries)


class Handler(BaseHTTPRequestHandler):
    """Answers /health and /items."""

    def do_GET(self) -> None:
        """Read."""
        connection = sqlite3.connect(HOME / "data" / "stockroom.db", timeout=5)
        try:
            if self.path == "/health":
                count = connection.execute("select count(*) from items").fetchone()[0]
                queries.ready(connection)
                maintenance = (HOME / "run" / "maintenance").exists()
                self.reply(200, {"status": "ok", "version": VERSION, "items": count, "maintenance": maintenance})
            elif self.path == "/items":
                self.reply(200, queries.items(connection))
            else:
                self.reply(404, {"error": "there is /health and /items"})
        except sqlite3.Error as error:
            self.reply(500, {"error": f"the database does not fit {VERSION}: {error}"})
        finally:
            connection.close()

    def do_POST(self) -> None:
        """Write one item; refused while maintenance is on."""
        if (HOME / "run" / "maintenance").exists():
            self.reply(503, {"error": "maintenance: nothing can be written"})
            return
        item = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        connection = sqlite3.connect(HOME / "data" / "stockroom.db", timeout=5)
        with connection:
            queries.add(connection, item)
        connection.close()
        self.reply(201, item)

    def reply(self, status: int, body: object) -> None:
        """Send JSON."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep the log for errors."""


def settings() -> dict[str, str]:
    """Read stockroom.env."""
    lines = (HOME / "stockroom.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("127.0.0.1", int(settings()["PORT"])), Handler).serve_forever()
