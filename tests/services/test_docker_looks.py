"""Facts and checks on a real Docker engine: images, containers, compose projects, a swarm."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from http.server import HTTPServer, SimpleHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.daemons import free_port
from tests.services.looked import judged, known, read
from tests.waiting import until
from wizard.checks.model import Status
from wizard.facts.model import FactStatus
from wizard.host import engine as engine_host
from wizard.host.engine_address import EngineAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.services.engine import Engine

pytestmark = pytest.mark.service

REPOSITORY = "registry.example/shop-ee/backend"
SLEEP = 'CMD ["/bin/sleep", "1000"]'
HEALTHY = """\
#!/bin/sh
# Starting is a state that passes by itself: the first look says nothing before it is let.
until test -e /tmp/look || test -e /tmp/well; do sleep 0.1; done
test -e /tmp/well || { echo waiting for the database; exit 1; }
"""
COMPOSE = f"""\
version: '3.6'
x-common: &common {{network_mode: none, image: "{REPOSITORY}:1.4.0", stop_grace_period: 1s}}
services:
  backend:
    <<: *common
    image: "{REPOSITORY}:1.5.0"
    healthcheck: {{test: [CMD, /bin/healthy], interval: 1s, timeout: 100s}}
  webapp: *common
  broken: {{<<: *common, command: [/bin/sh, -c, "exit 3"]}}
  tools: {{<<: *common, profiles: [debug]}}
"""


@pytest.fixture(scope="module")
def stocked(engine: Engine) -> Iterator[Engine]:
    """An engine with two versions of an image, and containers taken away afterwards."""
    if not engine.client.images.list(f"{REPOSITORY}:1.4.0"):
        engine.import_image(f"{REPOSITORY}:1.4.0", {"bin/healthy": HEALTHY}, [SLEEP])
        engine.derive_image(f"{REPOSITORY}:1.5.0", f"{REPOSITORY}:1.4.0", [SLEEP])
    yield engine
    engine.clear()


@pytest.fixture
def clean(stocked: Engine) -> Iterator[Engine]:
    """The same, and no container before or after the test."""
    stocked.clear()
    yield stocked
    stocked.clear()


@pytest.fixture
def look(clean: Engine) -> Callable[..., tuple[Status, str]]:
    """Ask a check as commands with the engine's environment would."""

    def ask(keys: dict[str, Any], **environment: str) -> tuple[Status, str]:
        return judged(keys, environment={**clean.environment, **environment})

    return ask


def compose(engine: Engine, folder: Path, *words: str, compose_program: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **engine.environment}
    subprocess.run([compose_program, *words], cwd=folder, env=environment, check=True, capture_output=True)


def test_the_engine(look: Callable[..., tuple[Status, str]]) -> None:
    """It answers with its version; a newer one, or a swarm, can be demanded."""
    status, seen = look({"docker": True})
    assert (status, "answers at unix://" in seen) == (Status.OK, True)
    assert look({"docker": {"at_least": "17.03"}})[0] is Status.OK
    assert look({"docker": {"at_least": "99.0"}})[0] is Status.FAIL
    status, seen = look({"docker": {"swarm": "manager"}})
    assert (status, "part of no swarm" in seen) == (Status.FAIL, True)
    status, seen = look({"swarm": {"stack": "x"}})
    assert (status, "is no manager of a swarm" in seen) == (Status.UNKNOWN, True)


def test_no_engine_is_unknown_and_says_what_to_do(tmp_path: Path) -> None:
    """Every kind that needs it tells nothing, and above all not a pass: also what should be gone is not known to be."""
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    asked: list[dict[str, Any]] = [
        {"docker": True},
        {"image": "x"},
        {"container": {"name": "x", "state": "absent"}},
        {"compose": {"folder": str(tmp_path), "state": "stopped"}},
        {"swarm": {}},
    ]
    for keys in asked:
        status, seen = judged(keys, environment=nowhere)
        assert (status, seen) == (Status.UNKNOWN, f"no Docker engine answers at {tmp_path}/none.sock (DOCKER_HOST)")
    for fact in ({"images": "x"}, {"containers": "x"}):
        assert read(fact, environment=nowhere).status is FactStatus.UNKNOWN


def test_what_is_silent_or_no_engine_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that hangs is not waited for without end; what speaks something else is not taken for one."""
    path = str(tmp_path / "silent.sock")
    with socket.socket(socket.AF_UNIX) as silent, monkeypatch.context() as soon:
        soon.setattr(engine_host, "ANSWERS_WITHIN", 1)
        silent.bind(path)
        silent.listen()
        assert judged({"docker": True}, environment={"DOCKER_HOST": f"unix://{path}"}) == (
            Status.UNKNOWN, f"the Docker engine at {path} (DOCKER_HOST) does not answer within 1 s",
        )  # fmt: skip
    server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        status, seen = judged({"docker": True}, environment={"DOCKER_HOST": f"tcp://127.0.0.1:{server.server_port}"})
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (status, "refused" in seen) == (Status.UNKNOWN, True), seen


def test_a_socket_of_others_says_who_may_use_it(tmp_path: Path) -> None:
    """No right is neither no engine nor a pass, and the way out is said."""
    error = engine_host._not_told(
        PermissionError(13, "Permission denied"), EngineAddress("unix:///x.sock", "the default")
    )
    assert error.message == "this user may not talk to the Docker engine at /x.sock: permission denied"
    assert "group docker" in error.hint


def test_images(look: Callable[..., tuple[Status, str]], clean: Engine) -> None:
    """By repository, tag, or both in one; what is there instead is told."""
    assert look({"image": f"{REPOSITORY}:1.5.0"})[0] is Status.OK
    assert look({"image": {"name": REPOSITORY, "tag": "1.5.*"}})[0] is Status.OK
    assert look({"image": {"name": REPOSITORY}})[0] is Status.OK
    status, seen = look({"image": f"{REPOSITORY}:1.6.0"})
    assert status is Status.FAIL
    assert seen == f"{REPOSITORY}:1.6.0 is not here; of {REPOSITORY} there is 1.5.0, 1.4.0"
    assert look({"image": f"{REPOSITORY}-other"}) == (Status.FAIL, f"{REPOSITORY}-other is not here")


def test_the_deployed_version(clean: Engine) -> None:
    """The tag of the container that runs, not of the newest image; the newest where none runs; absent without any."""
    given = {"environment": clean.environment}
    resting = known({"images": REPOSITORY}, **given)
    assert (resting["tag"], resting["tags"], resting["running"]) == ("1.5.0", ["1.5.0", "1.4.0"], [])
    clean.docker("run", "-d", "--network", "none", "--name", "now", f"{REPOSITORY}:1.4.0")
    assert (value := known({"images": REPOSITORY}, **given))["tag"] == "1.4.0"
    assert value["running"] == ["1.4.0"]
    assert {one["tag"] for one in value["images"]} == {"1.4.0", "1.5.0"}
    clean.docker("stop", "-t", "0", "now")
    assert known({"images": REPOSITORY}, **given)["tag"] == "1.5.0"
    assert known({"images": REPOSITORY, "match": r"^1\.4\..*", "order": "version"}, **given) == ["1.4.0"]
    assert read({"images": "registry.example/nothing"}, **given).status is FactStatus.ABSENT


def test_a_container_keeps_its_version_when_the_tag_moves_on(clean: Engine) -> None:
    """A tag that was given to another image since does not hide what really runs."""
    clean.docker("tag", f"{REPOSITORY}:1.4.0", "moving:1")
    clean.docker("run", "-d", "--network", "none", "moving:1")
    clean.docker("tag", f"{REPOSITORY}:1.5.0", "moving:1")
    assert known({"images": "moving"}, environment=clean.environment)["running"] == ["1"]
    clean.docker("rmi", "moving:1")


def test_health_takes_its_time(look: Callable[..., tuple[Status, str]], clean: Engine) -> None:
    """Starting is not healthy, unhealthy says what its check printed last, and only healthy passes."""
    clean.docker(
        "run", "-d", "--network", "none", "--name", "db", "--health-cmd", "/bin/healthy", "--health-interval", "1s",
        "--health-timeout", "100s", "--health-retries", "2", f"{REPOSITORY}:1.4.0",
    )  # fmt: skip
    wanted = {"container": {"name": "db", "health": "healthy"}}
    status, seen = look(wanted)
    assert (status, seen) == (Status.FAIL, "db is running (health check still starting)")
    assert look({"container": "db"})[0] is Status.OK
    clean.docker("exec", "db", "touch", "/tmp/look")
    until(lambda: "unhealthy" in look(wanted)[1], every=0.1)
    assert look(wanted) == (Status.FAIL, "db is running (unhealthy, its health check says: waiting for the database)")
    clean.docker("exec", "db", "touch", "/tmp/well")
    until(lambda: look(wanted)[0] is Status.OK, every=0.1)
    assert look(wanted)[1] == "db is running (healthy)"
    clean.docker("kill", "db")
    assert look(wanted) == (Status.FAIL, "db is exited (exit 137)")
    assert look({"container": {"name": "db", "state": "exited"}})[0] is Status.OK


def test_containers_are_found_by_what_they_are(look: Callable[..., tuple[Status, str]], clean: Engine) -> None:
    """By name, pattern, label, value of a label and image; every one that fits must be as wanted."""
    clean.docker("run", "-d", "--network", "none", "--name", "shop-1", "--label", "shop=yes", f"{REPOSITORY}:1.4.0")
    clean.docker("create", "--network", "none", "--name", "shop-2", "--label", "shop=no", f"{REPOSITORY}:1.5.0")
    for keys in ({"name": "shop-1"}, {"label": "shop=yes"}, {"image": f"{REPOSITORY}:1.4.*"}):
        assert look({"container": keys})[0] is Status.OK, keys
    for keys in ({"name": "shop-*"}, {"label": "shop"}, {"image": REPOSITORY}):
        status, seen = look({"container": keys})
        assert (status, "shop-2 is created" in seen) == (Status.FAIL, True), keys
    assert look({"container": {"name": "shop-2", "state": "stopped"}})[0] is Status.OK
    assert look({"container": "gone"}) == (Status.FAIL, "there is no container named gone")
    assert look({"container": {"name": "gone", "state": "absent"}})[0] is Status.OK
    assert look({"container": {"name": "shop-2", "state": "absent"}})[0] is Status.FAIL
    assert look({"container": {"name": "shop-1", "health": "healthy"}}) == (
        Status.FAIL, "shop-1 is running (no health check)",
    )  # fmt: skip
    listed = known({"containers": {"label": "shop"}}, environment=clean.environment)
    assert [(one["name"], one["tag"], one["state"]) for one in listed] == [
        ("shop-1", "1.4.0", "running"), ("shop-2", "1.5.0", "created"),
    ]  # fmt: skip
    assert known({"containers": "shop-*", "match": r"\d$"}, environment=clean.environment) == ["1", "2"]


def test_a_compose_project(
    look: Callable[..., tuple[Status, str]], clean: Engine, tmp_path: Path, need_part: Callable[[str], str]
) -> None:
    """Stopped, one service only, one that ended, all: told from the containers, by the folder they were made in."""
    program = need_part("docker-compose")
    folder = tmp_path / "My Shop"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text(COMPOSE)
    at = str(folder)
    gate = {"compose": {"folder": at, "but": ["backend"], "state": "stopped"}}
    assert look({"compose": {"folder": at, "state": "stopped"}})[0] is Status.OK
    assert look(gate)[0] is Status.OK
    status, seen = look({"compose": {"folder": at, "services": ["backend"]}})
    assert (status, seen) == (Status.FAIL, "backend has no container")

    compose(clean, folder, "up", "-d", "backend", compose_program=program)
    assert look(gate)[0] is Status.OK
    assert look({"compose": {"folder": at, "services": ["backend"], "only": True}})[0] is Status.OK
    healthy = {"compose": {"folder": at, "services": ["backend"], "health": "healthy"}}
    status, seen = look(healthy)
    assert (status, seen) == (Status.FAIL, "myshop_backend_1 is running (health check still starting)")
    clean.docker("exec", "myshop_backend_1", "touch", "/tmp/well")
    until(lambda: look(healthy)[0] is Status.OK, every=0.1)
    status, seen = look({"compose": {"folder": at}})
    assert status is Status.FAIL
    assert "webapp has no container" in seen
    assert "tools" not in seen

    compose(clean, folder, "up", "-d", compose_program=program)
    status, seen = look(gate)
    assert (status, "myshop_webapp_1 is running" in seen) == (Status.FAIL, True)
    status, seen = look({"compose": {"folder": at, "services": ["backend"], "only": True}})
    assert (status, seen.startswith("webapp must not run")) == (Status.FAIL, True)
    until(lambda: "myshop_broken_1 is exited (exit 3)" in look({"compose": {"folder": at}})[1], every=0.1)
    assert look({"compose": {"folder": at, "but": ["broken"]}})[0] is Status.OK
    assert look({"compose": {"folder": at, "but": ["broken"], "health": "healthy"}})[0] is Status.OK
    assert look({"compose": {"folder": at, "services": ["webapp"], "health": "healthy"}})[0] is Status.FAIL
    assert look({"compose": {"project": "myshop", "services": ["backend", "webapp"]}})[0] is Status.OK
    assert look({"compose": {"project": "other"}})[0] is Status.FAIL

    compose(clean, folder, "stop", "-t", "0", compose_program=program)
    assert look({"compose": {"folder": at, "state": "stopped"}})[0] is Status.OK
    assert look({"compose": {"folder": at, "state": "absent"}})[0] is Status.FAIL
    compose(clean, folder, "down", compose_program=program)
    assert look({"compose": {"folder": at, "state": "absent"}})[0] is Status.OK


def test_a_service_that_left_the_compose_file_still_counts_when_all_is_to_be_stopped(
    look: Callable[..., tuple[Status, str]], clean: Engine, tmp_path: Path, need_part: Callable[[str], str]
) -> None:
    """An orphan of an earlier file that goes on running does not pass for stopped."""
    folder = tmp_path / "orphans"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text(COMPOSE)
    compose(clean, folder, "up", "-d", "webapp", compose_program=need_part("docker-compose"))
    (folder / "docker-compose.yml").write_text(COMPOSE.replace("webapp:", "frontend:"))
    status, seen = look({"compose": {"folder": str(folder), "state": "stopped"}})
    assert (status, "orphans_webapp_1 is running" in seen) == (Status.FAIL, True)


def test_a_compose_file_that_cannot_be_read_tells_nothing(
    look: Callable[..., tuple[Status, str]], tmp_path: Path
) -> None:
    """Which services there should be is not guessed."""
    (tmp_path / "docker-compose.yml").write_text("services: [")
    status, seen = look({"compose": {"folder": str(tmp_path), "state": "stopped"}})
    assert (status, "cannot be read as YAML" in seen) == (Status.UNKNOWN, True)


def test_a_swarm(look: Callable[..., tuple[Status, str]], clean: Engine) -> None:
    """All tasks run, or ended well where that is their end; one that cannot start says why."""
    clean.docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", f"127.0.0.1:{free_port()}")
    image = f"{REPOSITORY}:1.4.0"

    def serve(name: str, *words: str) -> None:
        label = ("--label", "com.docker.stack.namespace=shop") if name != "alone" else ()
        create = ("service", "create", "-d", "--network", "host", "--no-resolve-image", "--name", name, *label)
        clean.docker(*create, *words)

    try:
        serve("shop_web", "--replicas", "2", image)
        serve("shop_migrate", "--restart-condition", "none", image, "/bin/true")
        well = (Status.OK, "shop_migrate 0/1, 1 ended well; shop_web 2/2")
        until(lambda: look({"swarm": {"stack": "shop"}}) == well, every=0.1)
        assert look({"swarm": {"stack": "shop", "image": f"{REPOSITORY}:1.4.*"}})[0] is Status.OK
        assert look({"swarm": {"stack": "shop", "image": f"{REPOSITORY}:1.5.0"}})[0] is Status.FAIL
        assert look({"swarm": {"services": ["alone"]}}) == (Status.FAIL, "there is no service alone")
        assert look({"docker": {"swarm": "manager"}})[0] is Status.OK

        serve("alone", "--restart-condition", "none", image, "/bin/no-such-program")
        until(lambda: "no such file or directory" in look({"swarm": {"services": ["alone"]}})[1], every=0.1)
        status, seen = look({"swarm": {}})
        assert (status, seen.startswith("alone 0/1 ("), seen.endswith("(and 2 more as they should be)")) == (
            Status.FAIL, True, True,
        )  # fmt: skip
        assert look({"swarm": {"but": ["alone"]}})[0] is Status.OK

        # A second round of what ended well before is not done because the first one was.
        clean.docker("service", "update", "-d", "--no-resolve-image", "--args", "/bin/sleep 600", "shop_migrate")
        clean.docker("service", "update", "-d", "--no-resolve-image", "--force", "shop_migrate")
        until(lambda: "shop_migrate 1/1" in look({"swarm": {"services": ["shop_migrate"]}})[1], every=0.1)
        clean.docker("service", "update", "-d", "--no-resolve-image", "--args", "/bin/false", "shop_migrate")
        until(lambda: look({"swarm": {"services": ["shop_migrate"]}})[0] is Status.FAIL, every=0.1)
    finally:
        clean.docker("swarm", "leave", "--force", check=False)
