"""Asks a Docker engine what is there, by the Docker SDK; nothing is pulled, made or changed."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError
from wizard.host.engine_address import EngineAddress, find_engine
from wizard.host.protocols import ContainerFacts, EngineFacts, ImageFacts, SwarmServiceFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import docker

ANSWERS_WITHIN: Final = 10
"""Seconds an engine gets for each answer."""

_OLDEST_ASKED: Final = "1.24"
_NO_TIME: Final = "0001-01-01T00:00:00Z"
_NO_NAME: Final = "<none>"
_STACK: Final = "com.docker.stack.namespace"
_ENDS_BY_ITSELF: Final = frozenset({"none", "on-failure"})
"""Restart policies of services whose tasks may be complete."""


class DockerEngine:
    """The engine the docker command would ask in an environment. It is connected to anew for each question."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Keep the environment; nothing is asked yet."""
        self._environment = environment

    def about(self) -> EngineFacts:
        """Which engine answers."""
        with self._asked() as (client, address):
            info = client.info()
        swarm = info.get("Swarm") or {}
        part = (
            "" if swarm.get("LocalNodeState") != "active" else "manager" if swarm.get("ControlAvailable") else "worker"
        )
        return EngineFacts(str(info.get("ServerVersion", "")), address.url, part)

    def images(self) -> Sequence[ImageFacts]:
        """All images that are here and have a name, newest first."""
        with self._asked() as (client, _):
            found = client.images()
        images = [
            ImageFacts(repository, tag, _short(image["Id"]), _time_of(image["Created"]), int(image["Size"]))
            for image in found
            for repository, tag in _names_of(image)
        ]
        return sorted(images, key=lambda one: (one.created, one.repository, one.tag), reverse=True)

    def containers(self) -> Sequence[ContainerFacts]:
        """All containers, also those that do not run, by name; one that is removed meanwhile is left out."""
        import docker

        found = []
        with self._asked() as (client, _):
            for listed in client.containers(all=True):
                try:
                    found.append(_container(client.inspect_container(listed["Id"])))
                except docker.errors.NotFound:
                    continue
        return sorted(found, key=lambda one: one.name)

    def services(self) -> Sequence[SwarmServiceFacts]:
        """The services of its swarm, by name. HostError where it manages none."""
        with self._asked() as (client, _):
            # The stubs of the library leave these two without types.
            services: list[dict[str, Any]] = client.services()  # type: ignore[no-untyped-call]
            tasks: list[dict[str, Any]] = client.tasks()  # type: ignore[no-untyped-call]
            nodes = client.nodes()
        down = {node["ID"] for node in nodes if (node.get("Status") or {}).get("State") == "down"}
        of_service: dict[str, list[Mapping[str, Any]]] = {}
        for task in tasks:
            of_service.setdefault(task["ServiceID"], []).append(task)
        found = [_service(service, of_service.get(service["ID"], []), down) for service in services]
        return sorted(found, key=lambda one: one.name)

    @contextmanager
    def _asked(self) -> Iterator[tuple[docker.APIClient, EngineAddress]]:
        """A client that speaks the engine's own version, let go of afterwards; errors come out as HostError."""
        import docker
        import requests

        address = find_engine(self._environment)
        if address.url.startswith("ssh://"):
            raise HostError(
                f"the Docker engine at {address.url} ({address.source}) is reached over SSH, which checks cannot do",
                hint="Forward its socket (`ssh -L`) and name that in DOCKER_HOST, or run the wizard on that machine.",
            )
        try:
            _knock(address)
            first = _client(address, _OLDEST_ASKED)
            try:
                version = str(first.version(api_version=False)["ApiVersion"])
            finally:
                first.close()
            client = _client(address, version)
            try:
                yield client, address
            finally:
                client.close()
        except (docker.errors.DockerException, requests.RequestException, OSError, ValueError) as error:
            raise _not_told(error, address) from None
        except (KeyError, TypeError, AttributeError):
            raise HostError(f"what answers at {address.url} ({address.source}) is no Docker engine") from None


def _knock(address: EngineAddress) -> None:
    """OSError where nobody listens at a socket of this machine; the library would leave its own socket open."""
    import socket

    if address.url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.settimeout(ANSWERS_WITHIN)
            knocking.connect(address.url.removeprefix("unix://"))


def _client(address: EngineAddress, version: str) -> docker.APIClient:
    import docker

    tls: docker.tls.TLSConfig | bool = False
    if (folder := address.certificates) is not None:
        pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
        authority = folder / "ca.pem"
        tls = docker.tls.TLSConfig(
            client_cert=pair if all(map(_is_file, pair)) else None,
            ca_cert=str(authority) if authority.is_file() else None,
            verify=address.verify,
        )
    return docker.APIClient(address.url, version=version, timeout=ANSWERS_WITHIN, tls=tls, user_agent="wizard")


def _is_file(path: str) -> bool:
    from pathlib import Path

    return Path(path).is_file()


def _not_told(error: Exception, address: EngineAddress) -> HostError:
    """Say for a person why the engine gave no answer, and what to do."""
    import docker
    import requests

    place = address.url.removeprefix("unix://")
    at = place if address.source == "the default" else f"{place} ({address.source})"
    if isinstance(error, docker.errors.APIError):
        said = str(error.explanation or error).strip().splitlines()[0]
        if "swarm manager" in said.lower():
            return HostError(
                f"the Docker engine at {at} is no manager of a swarm", hint="Run the wizard on a manager of the swarm."
            )
        return HostError(f"the Docker engine at {at} refused: {said}")
    chain = list(_behind(error))
    for one in chain:
        match one:
            case FileNotFoundError() | ConnectionRefusedError():
                return HostError(
                    f"no Docker engine answers at {at}", hint="Start it (`systemctl start docker`), or set DOCKER_HOST."
                )
            case PermissionError():
                return HostError(
                    f"this user may not talk to the Docker engine at {at}: permission denied",
                    hint="Start again with `sudo wizard`, or as a user of the group docker.",
                )
            case requests.Timeout() | TimeoutError():
                return HostError(
                    f"the Docker engine at {at} does not answer within {ANSWERS_WITHIN} s",
                    hint="`docker info` waits for it too; look at the engine's log.",
                )
            case requests.exceptions.SSLError():
                return HostError(f"TLS with the Docker engine at {at} failed: {one}")
    last = next((str(one) for one in reversed(chain) if str(one)), type(error).__name__)
    return HostError(f"the Docker engine at {at} cannot be asked: {last.splitlines()[0]}")


def _behind(error: BaseException) -> Iterator[BaseException]:
    """An error and all it was made of: the library hides the one of the system in arguments and reasons."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inside = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting += [part for part in inside if isinstance(part, BaseException)]


def _names_of(image: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = [_split(name) for name in image.get("RepoTags") or () if _NO_NAME not in name]
    return names or [_split(name) for name in image.get("RepoDigests") or () if _NO_NAME not in name]


def _split(name: str) -> tuple[str, str]:
    """Repository and tag; no tag where it is named by its digest."""
    repository, colon, tag = name.partition("@")[0].rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name.partition("@")[0], "")


def _container(seen: Mapping[str, Any]) -> ContainerFacts:
    state, config = seen.get("State") or {}, seen.get("Config") or {}
    health = state.get("Health") or {}
    status = str(health.get("Status", ""))
    word = str(state.get("Status", ""))
    started = str(state.get("StartedAt", _NO_TIME))
    return ContainerFacts(
        id=_short(seen["Id"]),
        name=str(seen.get("Name", "")).removeprefix("/"),
        image=str(config.get("Image", "")),
        state=word,
        health="" if status == "none" else status,
        exit_code=None if word in ("running", "paused", "created") else int(state.get("ExitCode", 0)),
        started="" if started == _NO_TIME else started,
        labels={str(name): str(value) for name, value in (config.get("Labels") or {}).items()},
        said=_last_words(health.get("Log") or ()),
        error="out of memory" if state.get("OOMKilled") else str(state.get("Error", "")),
    )


def _last_words(log: Sequence[Mapping[str, Any]]) -> str:
    """The last line of what a health check printed last."""
    printed = str(log[-1].get("Output", "")).strip().splitlines() if log else []
    return printed[-1].strip()[:300] if printed else ""


def _service(service: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]], down: set[str]) -> SwarmServiceFacts:
    spec = service["Spec"]
    template, mode = spec.get("TaskTemplate") or {}, spec.get("Mode") or {}
    restarts = (template.get("RestartPolicy") or {}).get("Condition", "any")
    ends = "ReplicatedJob" in mode or "GlobalJob" in mode or restarts in _ENDS_BY_ITSELF
    counted = [task for task in _newest_in_each_place(tasks, service) if task.get("NodeID") not in down]
    states = Counter(map(_task_state, counted))
    desired = _desired(mode, counted)
    failed = [task for task in tasks if _task_state(task) in ("failed", "rejected")]
    newest = max(failed, key=lambda task: str(task.get("UpdatedAt", "")), default=None)
    return SwarmServiceFacts(
        name=str(spec.get("Name", "")),
        image=str((template.get("ContainerSpec") or {}).get("Image", "")).partition("@")[0],
        desired=desired,
        running=states["running"],
        completed=min(desired, states["complete"]) if ends else 0,
        stack=str((spec.get("Labels") or {}).get(_STACK, "")),
        update=str((service.get("UpdateStatus") or {}).get("State", "")),
        error=str((newest.get("Status") or {}).get("Err", "")) if newest is not None else "",
    )


def _newest_in_each_place(tasks: Sequence[Mapping[str, Any]], service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tasks that count: what ran in their place before them is history, also where it ended well."""
    newest: dict[Any, Mapping[str, Any]] = {}
    for task in sorted(tasks, key=lambda one: str(one.get("CreatedAt", ""))):
        if _is_of_newest_round(task, service):
            newest[task.get("Slot") or task.get("NodeID")] = task
    return list(newest.values())


def _desired(mode: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]) -> int:
    """How many tasks a service wants; one that is global wants one on each node that it may use."""
    if "Replicated" in mode:
        return int((mode["Replicated"] or {}).get("Replicas", 1))
    if "ReplicatedJob" in mode:
        return int((mode["ReplicatedJob"] or {}).get("TotalCompletions", 1))
    return len({task.get("NodeID") for task in tasks if task.get("DesiredState") != "shutdown"})


def _task_state(task: Mapping[str, Any]) -> str:
    return str((task.get("Status") or {}).get("State", ""))


def _is_of_newest_round(task: Mapping[str, Any], service: Mapping[str, Any]) -> bool:
    """Whether a task is of the newest round of a job; tasks of a service that is none are."""
    rounds = (service.get("JobStatus") or {}).get("JobIteration") or {}
    own = task.get("JobIteration") or {}
    return bool(own.get("Index", 0) == rounds.get("Index", 0))


def _short(id_: str) -> str:
    return id_.removeprefix("sha256:")[:12]


def _time_of(created: Any) -> str:
    return datetime.fromtimestamp(int(created), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
