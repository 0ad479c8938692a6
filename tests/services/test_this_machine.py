"""Checks of the machine the tests run on, against what it says of itself in other ways."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.daemons import free_port, new_password
from tests.services.looked import judged, known
from wizard.checks.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OK, FAIL, UNKNOWN = Status.OK, Status.FAIL, Status.UNKNOWN


def test_room_memory_and_processors(tmp_path: Path) -> None:
    """What df, the kernel and the scheduler say is the limit that passes; one more does not."""
    room = os.statvfs(tmp_path)
    much = room.f_bavail * room.f_frsize
    assert judged({"disk": {"path": f"{tmp_path}/not/made/yet", "free": much // 2}})[0] is OK
    assert judged({"disk": {"path": str(tmp_path), "free": room.f_blocks * room.f_frsize + 1}})[0] is FAIL
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert judged({"memory": {"total": total}})[0] is OK
    assert judged({"memory": {"total": total + 1}})[0] is FAIL
    assert judged({"cpu": {"at_least": 1}})[0] is OK
    assert judged({"cpu": {"at_least": (os.cpu_count() or 1) + 1}})[0] is FAIL
    assert judged({"load": {"at_most": "1000"}})[0] is OK


def test_a_port_and_who_listens(root_only: None) -> None:
    """Open while somebody listens, by name; free after it."""
    code = (
        "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); "
        f"print(s.getsockname()[1], flush=True); sys.stdin.read()  # {(mark := new_password())}"
    )
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout is not None
        port = int(listener.stdout.readline())
        name = Path(f"/proc/{listener.pid}/comm").read_text().strip()
        assert judged({"port": {"port": port, "by": name}})[0] is OK
        assert judged({"port": {"port": port, "by": "nginx"}})[0] is FAIL
        assert judged({"port": {"port": port, "is": "free"}})[0] is FAIL
        assert judged({"tcp": {"host": "127.0.0.1", "port": port}})[0] is OK
        assert judged({"process": {"match": mark}})[0] is OK
        listener.communicate()
    assert judged({"port": {"port": port, "is": "free"}})[0] is OK
    status, seen = judged({"tcp": {"host": "127.0.0.1", "port": port}})
    assert (status, seen.startswith("no connection: the connection was refused")) == (FAIL, True)
    assert judged({"process": {"match": mark, "is": "absent"}})[0] is OK


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"status": "UP"}'
        self.send_response(503 if "down" in self.path else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pages_and_names(page: str) -> None:
    """Status, text and values of a reply; a name that everybody knows, and one nobody does."""
    assert judged({"http": page})[0] is OK
    assert judged({"http": {"url": page, "json": "reply.status == 'UP'", "contains": "UP"}})[0] is OK
    assert judged({"http": f"{page}/down"})[0] is FAIL
    assert judged({"http": {"url": f"{page}/down", "status": [200, 503]}})[0] is OK
    assert judged({"http": f"http://127.0.0.1:{free_port()}/"})[0] in (FAIL, UNKNOWN)
    assert judged({"dns": {"name": "localhost", "to": "127.0.0.1"}})[0] is OK
    assert judged({"dns": {"name": "no-such-host.invalid"}})[0] in (FAIL, UNKNOWN)


def test_a_service_without_systemd_is_unknown() -> None:
    """Where no systemd runs, nobody can say that a unit is stopped; where one runs, there is no such unit."""
    status, seen = judged({"service": {"name": "no-such-unit", "is": "inactive"}})
    if Path("/run/systemd/system").is_dir():
        assert (status, seen) == (FAIL, "there is no unit no-such-unit")
    else:
        assert status is UNKNOWN


def test_mounts(tmp_path: Path, root_only: None, need_part: Callable[[str], str]) -> None:
    """A file system of a test's own, with its type and options, and what it hides from a folder above it."""
    folder = tmp_path / "with a blank"
    folder.mkdir()
    keys: dict[str, Any] = {"path": str(folder), "type": "tmpfs", "source": "shop", "options": ["ro", "noexec"]}
    assert judged({"mount": keys})[0] is FAIL
    assert judged({"mount": {"path": str(tmp_path), "is": "none_below"}})[0] is OK
    mount, umount = need_part("mount"), need_part("umount")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "ro,noexec", "shop", str(folder)], check=False).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        assert judged({"mount": keys})[0] is OK
        assert judged({"mount": {**keys, "options": ["nosuid"]}})[0] is FAIL
        assert judged({"mount": {"path": f"{folder}/a/b", "is": "inside", "type": "tmpfs"}})[0] is OK
        status, seen = judged({"mount": {"path": str(tmp_path), "is": "none_below"}})
        assert (status, "shop is mounted at" in seen) == (FAIL, True)
        assert (
            judged({"backup": {"file": str(folder), "at_least": 0, "stored": "elsewhere", "of": str(tmp_path)}})[0]
            is OK
        )
    finally:
        subprocess.run([umount, str(folder)], check=True)
    assert judged({"mount": {"path": str(folder), "is": "absent"}})[0] is OK


def test_settings_and_logs(tmp_path: Path) -> None:
    """One place in each kind of file, and a log whose last lines count."""
    texts = {
        "dotenv": ("a.env", "DB_HOST='db'\n", "DB_HOST"),
        "yaml": ("a.yml", "db: {host: db}\n", "db.host"),
        "json": ("a.json", '{"db": {"host": "db"}}', "db.host"),
        "toml": ("a.toml", '[db]\nhost = "db"\n', "db.host"),
    }
    for kind, (name, text, place) in texts.items():
        (tmp_path / name).write_text(text)
        keys = {"file": str(tmp_path / name), "at": place}
        assert judged({kind: {**keys, "equals": "db"}})[0] is OK, kind
        assert judged({kind: {**keys, "equals": "other"}})[0] is FAIL, kind
        assert known({kind: str(tmp_path / name)}), kind
    log = tmp_path / "log"
    log.write_text("started\nERROR lost\n")
    assert judged({"log": {"file": str(log), "match": "^started", "since": "start"}})[0] is OK
    assert judged({"log": {"file": str(log), "never": "ERROR", "since": "start"}})[0] is FAIL


def test_the_name_of_this_machine() -> None:
    """What expressions see as machine is what the system says."""
    from wizard.host.local import LocalMachine

    about = LocalMachine().about()
    assert about.hostname.partition(".")[0] == socket.gethostname().partition(".")[0]
    assert about.cpus >= 1
