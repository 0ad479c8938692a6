"""Mounts and Docker engines, most as a staged machine has them: cases that no test machine can be brought into."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from tests.checks.test_check_kinds import judged
from tests.fakes.guides import guide_of
from tests.fakes.staged import StagedEngine, StagedMachine
from wizard.checks.ask import ask_check
from wizard.checks.context import CheckContext
from wizard.checks.model import Status
from wizard.errors import HostError
from wizard.expressions import Environment
from wizard.facts.docker import is_image
from wizard.guide.models import StepCheck
from wizard.host.engine_address import find_engine
from wizard.host.local import LocalMachine
from wizard.host.protocols import ContainerFacts, ImageFacts, MountFacts, SwarmServiceFacts

if TYPE_CHECKING:
    from pathlib import Path

OK, FAIL, UNKNOWN = Status.OK, Status.FAIL, Status.UNKNOWN

MOUNTS = [
    MountFacts("/", "ext4", "/dev/sda1", ("rw", "relatime")),
    MountFacts("/data", "ext4", "/dev/sdb1", ("rw", "noexec")),
    MountFacts("/data/runtime", "nfs4", "filer:/export/runtime", ("rw", "hard")),
    MountFacts("/database", "xfs", "/dev/sdc1", ("ro",)),
]


@pytest.mark.parametrize(
    ("keys", "status", "words"),
    [
        ("/data", OK, "/dev/sdb1 is mounted at /data (ext4, rw,noexec)"),
        ({"path": "/data/"}, OK, "/dev/sdb1"),
        ("/data/app", FAIL, "nothing is mounted at /data/app"),
        ({"path": "/data/runtime", "type": "nfs4", "source": "filer:/export/runtime", "options": ["hard"]}, OK, "nfs4"),
        ({"path": "/data", "type": "xfs"}, FAIL, "but xfs wanted"),
        ({"path": "/data", "source": "/dev/sdc1"}, FAIL, "but /dev/sdc1 wanted"),
        ({"path": "/database", "options": ["ro", "noexec"]}, FAIL, "but noexec missing"),
        ({"path": "/data/runtime/a/b", "is": "inside", "type": "nfs4"}, OK, "filer:/export/runtime"),
        ({"path": "/data/app", "is": "inside", "type": "nfs4"}, FAIL, "/dev/sdb1 is mounted at /data"),
        ({"path": "/data", "is": "absent"}, FAIL, "/dev/sdb1"),
        ({"path": "/data/app", "is": "absent"}, OK, "nothing is mounted"),
        ({"path": "/data", "is": "none_below"}, FAIL, "filer:/export/runtime is mounted at /data/runtime"),
        ({"path": "/data/app", "is": "none_below"}, OK, "or below"),
        ({"path": "/dat", "is": "none_below"}, OK, "or below"),
    ],
)
def test_mounts(keys: Any, status: Status, words: str) -> None:
    """A name that another begins with is not above it; what a folder holds below counts where it is to be replaced."""
    found, seen = judged({"mount": keys}, StagedMachine(mounted=MOUNTS))
    assert found is status
    assert words in seen


@pytest.mark.parametrize(
    ("name", "wanted", "fits"),
    [
        ("nginx:1.25", "nginx", True),
        ("nginx:1.25", "docker.io/library/nginx:1.*", True),
        ("docker.io/nginx", "nginx:latest", True),
        ("nginx", "nginx:1.25", False),
        ("registry:5000/a/b:1", "registry:5000/a/b", True),
        ("registry:5000/a/b", "registry:5000/a/b:latest", True),
        ("ghcr.io/a/b:1", "a/b:1", False),
        ("a/b@sha256:0123", "a/b", True),
        ("a/b:1.10", "a/b:1.1", False),
    ],
)
def test_names_of_images(name: str, wanted: str, fits: bool) -> None:
    """With and without registry, tag and digest; a port is no tag."""
    assert is_image(name, wanted) is fits


def container(name: str, state: str = "running", **more: Any) -> ContainerFacts:
    return ContainerFacts("0123", name, "app:1", state, **more)


@pytest.mark.parametrize(
    ("made", "keys", "status", "words"),
    [
        ([container("a", "restarting", exit_code=1)], {"name": "a"}, FAIL, "a is restarting (exit 1)"),
        ([container("a", "paused")], {"name": "a", "state": "stopped"}, FAIL, "a is paused"),
        ([container("a", "exited", exit_code=137, error="out of memory")], {"name": "a"}, FAIL, "out of memory"),
        ([container("a", health="starting")], {"name": "a", "health": "healthy"}, FAIL, "still starting"),
        ([container("a", health="healthy")], {"name": "a", "health": "none"}, FAIL, "a is running (healthy)"),
        ([container("a")], {}, UNKNOWN, "says neither"),
    ],
)
def test_containers(made: list[ContainerFacts], keys: dict[str, Any], status: Status, words: str) -> None:
    """Restarting and paused are neither running nor stopped; how it ended is told."""
    found, seen = judged({"container": keys}, StagedMachine(docker=StagedEngine(made=made)))
    assert found is status
    assert words in seen


def test_a_rollout_that_goes_on_or_was_halted_is_not_done() -> None:
    """All tasks of the old version run while the new one comes up: that is no pass."""
    for update, status in (
        ("", OK),
        ("completed", OK),
        ("updating", FAIL),
        ("paused", FAIL),
        ("rollback_completed", FAIL),
    ):
        service = SwarmServiceFacts("shop_web", "app:2", 2, 2, stack="shop", update=update)
        machine = StagedMachine(docker=StagedEngine(swarm="manager", wanted=[service]))
        assert judged({"swarm": {"stack": "shop", "services": ["web"]}}, machine)[0] is status, update


def test_an_image_without_a_tag_and_one_of_a_digest() -> None:
    """What was pulled by its digest is here, and is no version."""
    machine = StagedMachine(docker=StagedEngine(here=[ImageFacts("a/b", "", "01", "2024-01-01T00:00:00Z", 1)]))
    assert judged({"image": "a/b"}, machine)[0] is OK
    assert judged({"image": "a/b:1"}, machine)[0] is FAIL


def test_a_docker_check_that_says_no_is_an_error() -> None:
    """There is nothing it could mean that a pass would not hide."""
    assert judged({"docker": False}, StagedMachine())[0] is Status.ERROR


@pytest.mark.parametrize(
    ("environment", "url", "source"),
    [
        ({}, "unix:///var/run/docker.sock", "the default"),
        ({"DOCKER_HOST": "tcp://x:2375"}, "tcp://x:2375", "DOCKER_HOST"),
        ({"DOCKER_HOST": "x:2375"}, "tcp://x:2375", "DOCKER_HOST"),
        ({"DOCKER_CONTEXT": "default"}, "unix:///var/run/docker.sock", "the default"),
        ({"DOCKER_CONTEXT": "far"}, "tcp://far:2376", "the context far"),
        ({"DOCKER_CONTEXT": "far", "DOCKER_HOST": "tcp://x:1"}, "tcp://x:1", "DOCKER_HOST"),
    ],
)
def test_which_engine_is_meant(environment: dict[str, str], url: str, source: str, tmp_path: Path) -> None:
    """DOCKER_HOST before DOCKER_CONTEXT before the settings before the local one, as the docker command has it."""
    _context(tmp_path / ".docker", "far", "tcp://far:2376")
    found = find_engine({"HOME": str(tmp_path), **environment})
    assert (found.url, found.source) == (url, source)


def test_the_context_in_the_settings(tmp_path: Path) -> None:
    """It counts where the environment says nothing; certificates are found beside it; a lost one is an error."""
    _context(tmp_path / "settings", "far", "tcp://far:2376")
    settings = tmp_path / "settings/config.json"
    settings.write_text(json.dumps({"currentContext": "far"}))
    certificates = tmp_path / "settings/contexts/tls" / hashlib.sha256(b"far").hexdigest() / "docker"
    certificates.mkdir(parents=True)
    found = find_engine({"DOCKER_CONFIG": str(tmp_path / "settings")})
    assert (found.url, found.certificates) == ("tcp://far:2376", certificates)
    settings.write_text(json.dumps({"currentContext": "lost"}))
    with pytest.raises(HostError, match=r"the Docker context lost .* is not there"):
        find_engine({"DOCKER_CONFIG": str(tmp_path / "settings")})
    settings.write_text("{")
    with pytest.raises(HostError, match="is no JSON"):
        find_engine({"DOCKER_CONFIG": str(tmp_path / "settings")})


def _context(settings: Path, name: str, host: str) -> None:
    folder = settings / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


def seen_here(keys: dict[str, Any]) -> tuple[Status, str]:
    """Ask one check of this machine as it is; its status and what was seen."""
    one = TypeAdapter(StepCheck).validate_python(keys)
    finding = ask_check(one, CheckContext(guide_of(), LocalMachine(), Environment(names={}), {}))
    return finding.status, finding.evidence[0].seen


def test_a_path_lies_where_its_links_lead(tmp_path: Path) -> None:
    """A link out of a file system is not inside of it, and what is not there yet lies where its nearest parent does."""
    (tmp_path / "away").symlink_to("/proc")
    for path in (tmp_path / "away", tmp_path / "away" / "no-such-file"):
        status, seen = seen_here({"mount": {"path": str(path), "is": "inside", "type": "proc"}})
        assert status is OK, seen


def test_room_at_a_path_that_is_not_there_yet_says_so(tmp_path: Path) -> None:
    """A mistyped path is not told as if it were there."""
    status, seen = seen_here({"disk": {"path": f"{tmp_path}/no/such", "free": 1}})
    assert status is OK
    assert f"at {tmp_path}/no/such (as far as it exists: {tmp_path.resolve()})" in seen
