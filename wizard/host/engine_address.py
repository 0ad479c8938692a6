"""Which Docker engine is meant: found as the docker command finds it, in the environment of a command."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL: Final = "unix:///var/run/docker.sock"
_TLS_PORTS: Final = ("tcp://", "http://", "https://")


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where an engine is; `source` says what says so, `certificates` is the folder with ca, cert and key (TLS)."""

    url: str
    source: str
    certificates: Path | None = None
    verify: bool = True


def find_engine(environment: Mapping[str, str]) -> EngineAddress:
    """The engine of that environment: DOCKER_HOST, else the context that is chosen, else the local one.

    HostError where a context is named that there is not, or where settings cannot be read.
    """
    if host := environment.get("DOCKER_HOST"):
        return _by_host(host, environment)
    folder = _settings_folder(environment)
    name, source = environment.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not name and folder is not None:
        name, source = str(_read(folder / "config.json").get("currentContext", "")), str(folder / "config.json")
    if not name or name == "default":
        return EngineAddress(LOCAL, "the default")
    if folder is None:
        raise HostError(f"the Docker context {name} ({source}) cannot be found: HOME is not set")
    return _by_context(name, source, folder)


def _by_host(host: str, environment: Mapping[str, str]) -> EngineAddress:
    if "://" not in host:
        host = f"tcp://{host}"
    encrypted = bool(environment.get("DOCKER_TLS_VERIFY")) and host.startswith(_TLS_PORTS)
    certificates = environment.get("DOCKER_CERT_PATH") or _settings_folder(environment)
    if encrypted and certificates is not None:
        return EngineAddress(host, "DOCKER_HOST", Path(certificates))
    return EngineAddress(host, "DOCKER_HOST")


def _by_context(name: str, source: str, folder: Path) -> EngineAddress:
    key = hashlib.sha256(name.encode()).hexdigest()
    settings = folder / "contexts/meta" / key / "meta.json"
    docker = _read(settings).get("Endpoints", {}).get("docker", {})
    if not docker.get("Host"):
        raise HostError(
            f"the Docker context {name} ({source}) is not there",
            hint="`docker context ls` lists them; `docker context use default` goes back to the local engine.",
        )
    certificates = folder / "contexts/tls" / key / "docker"
    return EngineAddress(
        str(docker["Host"]),
        f"the context {name}",
        certificates if certificates.is_dir() else None,
        verify=not docker.get("SkipTLSVerify", False),
    )


def _settings_folder(environment: Mapping[str, str]) -> Path | None:
    if given := environment.get("DOCKER_CONFIG"):
        return Path(given)
    home = environment.get("HOME")
    return Path(home) / ".docker" if home else None


def _read(file: Path) -> dict[str, Any]:
    """A file of settings; empty where there is none."""
    try:
        found = json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise HostError(f"{file}, which says which Docker engine is meant, cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise HostError(f"{file}, which says which Docker engine is meant, is no JSON: {error}") from None
    return found if isinstance(found, dict) else {}
