"""One HTTP request and its reply."""

from __future__ import annotations

import base64
import http.client
import ssl
import time
import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from wizard.errors import HostError
from wizard.host.network import why_not
from wizard.host.protocols import HttpReply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPMessage
    from urllib.parse import SplitResult

BODY_CAP: Final = 1 << 20
"""Bytes of a body that are kept."""

_REDIRECTS: Final = 10
_CHUNK: Final = 1 << 16
_AGENT: Final = "wizard"
_SCHEMES: Final = ("http", "https")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PRIVATE: Final = ("Authorization", "Cookie", "Proxy-authorization")


def request(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    timeout: float = 10.0,
    tls_verify: bool = True,
) -> HttpReply:
    """Send one request; redirects are followed for GET and HEAD only, a status of 400 and above is a reply.

    `timeout` (seconds) is for the whole of it. Names of headers in the reply are in small letters. User
    and password in the URL are sent as basic authentication. A proxy of the environment is used, but
    never for this machine itself. HostError with a plain reason where no reply comes.
    """
    parts = _split(url)
    shown = f"{method} {urlunsplit(parts._replace(netloc=_place(parts)))}"
    wanted = urllib.request.Request(  # noqa: S310 - _split lets http and https pass only
        urlunsplit(parts._replace(netloc=_place(parts), fragment="")),
        data=body.encode() if body is not None else None,
        headers={"User-Agent": _AGENT, "Accept": "*/*", **_authorization(parts), **(headers or {})},
        method=method,
    )
    deadline = time.monotonic() + timeout
    try:
        with _open(wanted, parts, timeout, tls_verify=tls_verify) as reply:
            return HttpReply(
                status=reply.status,
                headers={name.lower(): value for name, value in reply.headers.items()},
                body=_body(reply, deadline),
            )
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise HostError(f"{shown}: {_reason(error, parts.hostname or '', timeout)}") from None


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        raise HostError(f"{url!r} is no address to ask", hint="Write it like http://localhost:8080/health.")
    return parts


def _place(parts: SplitResult) -> str:
    """Host and port, without user and password."""
    return parts.netloc.rpartition("@")[2]


def _authorization(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _open(
    wanted: urllib.request.Request, parts: SplitResult, timeout: float, *, tls_verify: bool
) -> http.client.HTTPResponse:
    context = ssl.create_default_context()
    if not tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler({} if parts.hostname in _LOOPBACK else None),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        _Redirects(),
        _AnyStatus(),
    ):
        opener.add_handler(handler)
    reply = opener.open(wanted, timeout=timeout)
    assert isinstance(reply, http.client.HTTPResponse)  # noqa: S101 - no other scheme passes _split
    return reply


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    """Gives a reply of any status, where it is not a redirect that is followed."""

    def http_response(
        self, request: urllib.request.Request, response: http.client.HTTPResponse
    ) -> http.client.HTTPResponse:
        """Give the reply that counts."""
        followed: http.client.HTTPResponse | None = super().http_response(request, response)
        return response if followed is None else followed

    https_response = http_response


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect of GET and HEAD; a password stays with the host it was meant for."""

    max_redirections = _REDIRECTS

    def redirect_request(  # noqa: PLR0917 - the base class calls it so
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Give the next request; None makes the redirect itself the reply."""
        if req.get_method() not in ("GET", "HEAD"):
            return None
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None:
            following.method = req.get_method()
            before, after = urlsplit(req.full_url), urlsplit(newurl)
            if (before.scheme, before.netloc) != (after.scheme, after.netloc):
                for name in _PRIVATE:
                    following.remove_header(name)
        return following


def _body(reply: http.client.HTTPResponse, deadline: float) -> str:
    """The text of a body, cut at the cap. TimeoutError where it does not come in time."""
    announced = reply.length
    data = bytearray()
    while len(data) < BODY_CAP:
        if time.monotonic() > deadline:
            raise TimeoutError
        part = reply.read1(min(_CHUNK, BODY_CAP - len(data)))
        if not part:
            break
        data += part
    if announced is not None and len(data) < min(announced, BODY_CAP):
        raise http.client.IncompleteRead(bytes(data), announced - len(data))
    charset = reply.headers.get_content_charset("utf-8")
    try:
        return bytes(data).decode(charset, "replace")
    except LookupError:
        return bytes(data).decode("utf-8", "replace")


def _reason(error: Exception, host: str, timeout: float) -> str:
    """Say for a person why no reply came."""
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        error = error.reason
    match error:
        case urllib.error.HTTPError():
            error.close()
            if urlsplit(error.url).scheme not in _SCHEMES:
                return f"it leads to {error.url}, which is not followed"
            return f"it leads from one address to the next, more than {_REDIRECTS} times"
        case ssl.SSLCertVerificationError():
            return f"the certificate of {host} is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS with {host} failed: {(error.reason or str(error)).lower().replace('_', ' ')}"
        case http.client.RemoteDisconnected():
            return "the server closed the connection without a reply"
        case http.client.IncompleteRead():
            return "the reply broke off in the middle"
        case http.client.InvalidURL():
            return "the address holds characters that none may hold"
        case http.client.HTTPException():
            return f"what answered does not speak HTTP ({str(error).strip() or type(error).__name__})"
        case urllib.error.URLError(reason=str() as reason):
            return reason
        case _:
            return why_not(error, host, timeout)
