"""Names and TCP connections, with plain reasons where they fail."""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Sequence

_REASONS: Final = {
    errno.ECONNREFUSED: "the connection was refused (nothing listens there, or a firewall rejects it)",
    errno.ECONNRESET: "the connection was cut by the other side",
    errno.EPIPE: "the connection was cut by the other side",
    errno.EHOSTUNREACH: "there is no way to that host",
    errno.ENETUNREACH: "there is no way to that network",
    errno.ETIMEDOUT: "no answer came",
    errno.EADDRNOTAVAIL: "the address cannot be used from here",
}
_NOT_NOW: Final = "cannot be resolved now: no name server answered"


def connects(host: str, port: int, timeout: float) -> str:
    """Empty where a TCP connection opens within `timeout` seconds, else the reason why not."""
    if not 0 < port < 1 << 16:
        # The resolver takes any number and would go on with its last 16 bits.
        return "the port must be between 1 and 65535"
    try:
        with contextlib.closing(socket.create_connection((host, port), timeout)):
            return ""
    except (OSError, UnicodeError) as error:
        return why_not(error, host, timeout)


def resolve(name: str) -> Sequence[str]:
    """Addresses of a name, IPv4 first; none where nobody knows it. HostError where no name server answers."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            return ()
        reason = _NOT_NOW if error.errno == socket.EAI_AGAIN else f"cannot be resolved: {error.strerror}"
        raise HostError(f"the name {name} {reason}") from None
    except UnicodeError:
        raise HostError(f"{name!r} is no name of a host") from None
    addresses = dict.fromkeys(str(address[0]) for *_, address in found)
    return sorted(addresses, key=lambda address: ":" in address)


def why_not(error: Exception, host: str, timeout: float) -> str:
    """Say for a person why a connection to `host` failed."""
    match error:
        case socket.gaierror(errno=socket.EAI_AGAIN):
            return f"the name {host} {_NOT_NOW}"
        case socket.gaierror():
            return f"the name {host} is not known"
        case TimeoutError() if error.errno is None:
            return f"no answer came within {timeout:g} s"
        case OSError(errno=number) if number in _REASONS:
            return _REASONS[number]
        case UnicodeError():
            return f"{host!r} is no name of a host"
        case OSError():
            return error.strerror or str(error)
        case _:
            return str(error)
