"""The HTTP client against real servers on loopback: replies, redirects, caps, and plain reasons."""

from __future__ import annotations

import base64
import http.server
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from wizard.errors import HostError
from wizard.host import http as client
from wizard.host.local import LocalMachine
from wizard.host.network import connects, resolve, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SEEN_HEADERS = "Authorization", "Cookie", "X-Token", "User-Agent"


class Handler(http.server.BaseHTTPRequestHandler):
    """Replies by the path."""

    protocol_version = "HTTP/1.0"
    elsewhere = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""

    def do_GET(self) -> None:
        """Reply."""
        match self.path.partition("?")[0]:
            case "/health":
                self.reply(200, b'{"status": "UP"}', content="application/json")
            case "/latin":
                self.reply(200, "é".encode("latin-1"), content="text/plain; charset=iso-8859-1")
            case "/unknown-charset":
                self.reply(200, "é".encode(), content="text/plain; charset=klingon")
            case "/fail":
                self.reply(503, b"down for maintenance")
            case "/moved":
                self.reply(302, b"", to="/health")
            case "/around":
                self.reply(302, b"", to="/around")
            case "/to-file":
                self.reply(302, b"moved", to="file:///etc/passwd")
            case "/elsewhere":
                self.reply(302, b"", to=self.elsewhere)
            case "/large":
                self.reply(200, b"x" * (2 * client.BODY_CAP))
            case "/cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"half")
            case "/slow":
                self.send_response(200)
                self.end_headers()
                for _ in range(600):
                    self.wfile.write(b".")
                    time.sleep(0.1)
            case _:
                length = int(self.headers.get("Content-Length", 0))
                seen = [f"{self.command} {self.path}", *(f"{name}={self.headers.get(name)}" for name in SEEN_HEADERS)]
                self.reply(200, "\n".join(seen).encode() + b"\n" + self.rfile.read(length))

    do_POST = do_HEAD = do_GET  # noqa: N815 - http.server calls them so

    def reply(self, status: int, body: bytes, *, content: str = "text/plain", to: str = "") -> None:
        """Send one reply."""
        self.send_response(status)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(len(body)))
        if to:
            self.send_header("Location", to)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    """Keeps quiet about clients that leave."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextmanager
def serving(handler: type[Handler], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server on a free port; gives its address."""
    with Server(("127.0.0.1", 0), handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def answering(reply: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that answers one connection by hand."""

    def serve() -> None:
        with closing(listener.accept()[0]) as peer:
            peer.recv(4096)
            reply(peer)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@pytest.fixture(name="url", scope="module")
def url_fixture() -> Iterator[str]:
    """A server whose `/elsewhere` leads to another one."""
    with serving(Handler) as other:
        handler = type("Leading", (Handler,), {"elsewhere": f"{other}/echo"})
        with serving(handler) as url:
            yield url


def test_a_reply_is_given_whole(url: str) -> None:
    """Status, headers in small letters, and body."""
    reply = LocalMachine().http(f"{url}/health")
    assert (reply.status, reply.body) == (200, '{"status": "UP"}')
    assert reply.headers["content-type"] == "application/json"


def test_a_status_of_failure_is_a_reply(url: str) -> None:
    """503 is an answer, with its body."""
    reply = client.request(f"{url}/fail")
    assert (reply.status, reply.body) == (503, "down for maintenance")


def test_method_headers_and_body_are_sent(url: str) -> None:
    """A POST carries what it was given."""
    reply = client.request(f"{url}/echo?a=1", method="POST", headers={"X-Token": "t", "User-Agent": "mine"}, body="né")
    assert reply.body.splitlines() == ["POST /echo?a=1", "Authorization=None", "Cookie=None", "X-Token=t",
                                       "User-Agent=mine", "né"]  # fmt: skip


def test_user_and_password_of_the_address_are_sent_and_not_shown(url: str) -> None:
    """They become basic authentication; an error does not repeat them."""
    reply = client.request(url.replace("://", "://us%40er:pa%2Fss@") + "/echo")
    assert f"Authorization=Basic {base64.b64encode(b'us@er:pa/ss').decode()}" in reply.body
    with pytest.raises(HostError) as failed:
        client.request("http://user:pa55word@127.0.0.1:1/")
    assert "pa55word" not in str(failed.value)


def test_redirects_are_followed_for_get_and_head_only(url: str) -> None:
    """GET ends at the last reply, HEAD stays HEAD, the redirect of a POST is its reply."""
    assert client.request(f"{url}/moved").body == '{"status": "UP"}'
    head = client.request(f"{url}/moved", method="HEAD")
    assert (head.status, head.body) == (200, "")
    assert client.request(f"{url}/moved", method="POST", body="x").status == 302


def test_a_redirect_leads_to_no_file(url: str) -> None:
    """Another scheme is not followed, and named."""
    with pytest.raises(HostError, match="it leads to file:///etc/passwd, which is not followed"):
        client.request(f"{url}/to-file")


def test_redirects_in_a_circle_end(url: str) -> None:
    """A circle of redirects is named instead of followed for ever."""
    with pytest.raises(HostError, match="from one address to the next, more than 10 times"):
        client.request(f"{url}/around")


def test_a_password_stays_with_its_host(url: str) -> None:
    """A redirect to another host goes without authorization and cookies."""
    body = client.request(f"{url}/elsewhere", headers={"authorization": "Bearer t", "Cookie": "c", "X-Token": "x"}).body
    assert body.splitlines()[:4] == ["GET /echo", "Authorization=None", "Cookie=None", "X-Token=x"]


def test_the_body_is_cut_at_the_cap(url: str) -> None:
    """Two megabytes give one."""
    assert len(client.request(f"{url}/large").body) == client.BODY_CAP


def test_the_charset_of_the_reply_is_kept_to(url: str) -> None:
    """Latin-1 is read as such; a charset nobody knows is read as UTF-8."""
    assert client.request(f"{url}/latin").body == "é"
    assert client.request(f"{url}/unknown-charset").body == "é"


def test_a_proxy_is_never_used_for_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment that is down does not keep loopback from answering."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert client.request(f"{url}/health").status == 200
    with pytest.raises(HostError, match="refused"):
        client.request("http://upstream.invalid/")


def test_a_server_that_drips_is_given_up(url: str) -> None:
    """The timeout is for the whole reply, not for each byte."""
    began = time.monotonic()
    with pytest.raises(HostError, match=r"no answer came within 0\.5 s"):
        client.request(f"{url}/slow", timeout=0.5)
    assert time.monotonic() - began < 30


def test_a_server_that_says_nothing_is_given_up() -> None:
    """A connection that opens and stays silent times out."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(HostError, match=rf"GET http://127\.0\.0\.1:{port}/: no answer came within 0\.3 s"):
            client.request(f"http://127.0.0.1:{port}/", timeout=0.3)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (lambda peer: peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), "does not speak HTTP"),
        (lambda peer: None, "closed the connection without a reply"),
        (lambda peer: peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 90\r\n\r\nhalf"), "broke off in the middle"),
    ],
)
def test_a_broken_reply_is_said_plainly(reply: Callable[[socket.socket], None], reason: str) -> None:
    """What is no whole HTTP reply is named as what it is."""
    with answering(reply) as url, pytest.raises(HostError, match=reason):
        client.request(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/", "refused"),
        ("http://no-such-host.invalid/", "the name no-such-host.invalid (is not known|cannot be resolved now)"),
        ("ftp://127.0.0.1/", "no address to ask"),
        ("file:///etc/passwd", "no address to ask"),
        ("http://127.0.0.1:port/", "no address to ask"),
        ("127.0.0.1:8080/health", "no address to ask"),
        ("http://127.0.0.1:1/a b", "characters that none may hold"),
    ],
)
def test_no_reply_has_a_plain_reason(url: str, reason: str) -> None:
    """Refused, unknown and impossible addresses are told apart."""
    with pytest.raises(HostError, match=reason):
        client.request(url)


def test_a_header_with_a_line_end_is_refused(url: str) -> None:
    """Nothing can be smuggled into the request by a value."""
    with pytest.raises(HostError, match="Invalid header value"):
        client.request(f"{url}/echo", headers={"X-Token": "a\r\nCookie: b"})


@pytest.fixture(name="secure", scope="module")
def secure_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a certificate nobody signed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder: Path = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with serving(Handler, context) as url:
        yield url


def test_certificates_are_checked_unless_the_guide_says_otherwise(secure: str) -> None:
    """A certificate nobody signed is refused by its name, and passes with `tls_verify: false`."""
    with pytest.raises(HostError, match=r"the certificate of 127\.0\.0\.1 is not trusted: self-signed certificate"):
        client.request(f"{secure}/health")
    assert client.request(f"{secure}/health", tls_verify=False).status == 200


def test_tls_with_a_server_without_it_is_named(url: str) -> None:
    """Asking for https at a plain server says that TLS failed."""
    with pytest.raises(HostError, match=r"TLS with 127\.0\.0\.1 failed"):
        client.request(url.replace("http:", "https:") + "/health")


def test_connections_open_or_say_why_not() -> None:
    """An open port gives nothing, a closed one the reason, a wrong one too."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        assert connects("127.0.0.1", listener.getsockname()[1], 5) == ""
    assert "refused" in connects("127.0.0.1", 1, 5)
    assert connects("127.0.0.1", 70_000, 5) == "the port must be between 1 and 65535"
    assert "is no name of a host" in connects("a" * 70 + ".example", 80, 5)


def test_names_are_resolved() -> None:
    """The name localhost has its address; a name that cannot be is not found or says so."""
    assert "127.0.0.1" in resolve("localhost")
    with pytest.raises(HostError, match="is no name of a host"):
        resolve("a" * 70 + ".example")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "the name db is not known"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "the name db cannot be resolved now: no name server answered"),
        (TimeoutError(), "no answer came within 3 s"),
        (OSError(113, "No route to host"), "there is no way to that host"),
        (OSError(5, "Input/output error"), "Input/output error"),
    ],
)
def test_reasons_are_words_for_people(error: Exception, words: str) -> None:
    """Each failure of a connection has its words."""
    assert why_not(error, "db", 3.0) == words
