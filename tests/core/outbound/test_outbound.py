from __future__ import annotations

import datetime as dt
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ecrm_server.outbound import OutboundClient, OutboundFailed, OutboundRefused

PUBLIC = "93.184.215.14"


def whole_request(peer: socket.socket) -> bytes:
    """Headers and body of one request."""
    sent = b""
    while b"\r\n\r\n" not in sent:
        sent += peer.recv(65536) or b"\r\n\r\n"
    length = re.search(rb"Content-Length: (\d+)", sent)
    end = sent.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(sent) < end:
        sent += peer.recv(65536)
    return sent


class Canary:
    """A listener on the loopback address that notes what reaches it and answers as told."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.answer: Callable[[socket.socket], None] = lambda peer: peer.sendall(OK)
        canary = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                canary.connections += 1
                try:
                    peer = context.wrap_socket(self.request, server_side=True) if context else self.request
                    canary.requests.append(whole_request(peer))
                    canary.answer(peer)
                    peer.close()
                except OSError:
                    return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def canary() -> Iterator[Canary]:
    listener = Canary()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def answering(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: addresses


def local(**options: object) -> OutboundClient:
    return OutboundClient(allow_loopback=True, resolver=answering("127.0.0.1"), **options)


def test_a_request_goes_to_the_pinned_address_under_the_hosts_name(canary: Canary) -> None:
    response = local().request(
        "POST", f"http://partner.example:{canary.port}/hook?x=1", headers={"X-Key": "1"}, body=b"body"
    )
    assert (response.status, response.body, response.headers["content-type"]) == (200, b"hi", "text/plain")
    sent = canary.requests[0]
    assert sent.startswith(b"POST /hook?x=1 HTTP/1.1\r\n")
    assert f"Host: partner.example:{canary.port}".encode() in sent
    assert b"X-Key: 1" in sent
    assert sent.endswith(b"\r\n\r\nbody")


FORBIDDEN_HOSTS = [
    "127.0.0.1", "localhost", "0", "0.0.0.0", "0x7f.1", "0x7f000001", "2130706433", "127.1", "0177.0.0.1",
    "127.0.0.1.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "[::ffff:169.254.169.254]", "10.0.0.1",
    "172.16.0.1", "192.168.1.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[fe80::1%25lo]", "224.0.0.1",
    "255.255.255.255", "[ff02::1]", "①②⑦.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", FORBIDDEN_HOSTS)
def test_private_hosts_are_refused_in_every_spelling(canary: Canary, host: str) -> None:
    client = OutboundClient(resolver=answering("127.0.0.1"))
    with pytest.raises(OutboundRefused, match=r"\.$"):
        client.get(f"http://{host}:{canary.port}/")
    assert canary.connections == 0


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "169.254.169.254",
        "0.0.0.0",
        "10.1.2.3",
        "2002:a00:1::",
    ],
)
def test_names_that_lead_to_private_addresses_are_refused(canary: Canary, address: str) -> None:
    for found in ((address,), (PUBLIC, address), (address, PUBLIC)):
        with pytest.raises(OutboundRefused, match="private network"):
            OutboundClient(resolver=answering(*found)).get(f"http://evil.example:{canary.port}/")
    assert canary.connections == 0


def test_a_name_is_resolved_once_so_that_rebinding_changes_nothing(canary: Canary) -> None:
    asked = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["192.0.2.1" if len(asked) > 1 else "127.0.0.1"]

    client = OutboundClient(allow_loopback=True, resolver=rebinding)
    assert client.get(f"http://evil.example:{canary.port}/").ok
    assert asked == ["evil.example"]


def test_loopback_permission_opens_no_other_private_network() -> None:
    client = OutboundClient(allow_loopback=True, resolver=answering("10.0.0.1"))
    with pytest.raises(OutboundRefused):
        client.get("http://x.example/")


@pytest.mark.parametrize(
    "url",
    [
        "http://user:pass@127.0.0.1:{port}/",
        "http://example.org@127.0.0.1:{port}/",
        "http://@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@example.org/",
        "http://x.example:{port}/a b",
        "http://x.example:{port}/\r\nX: y",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "ftp://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "http:///",
        "http://x.example:99999/",
        "http://[::1",
        "http://%31%32%37.0.0.1:{port}/",
        "",
    ],
)
def test_addresses_in_a_wrong_form_are_refused(canary: Canary, url: str) -> None:
    with pytest.raises(OutboundRefused, match=r"\.$"):
        local().get(url.format(port=canary.port))
    assert canary.connections == 0


def test_a_redirect_is_an_answer_and_not_followed(canary: Canary) -> None:
    target = Canary()
    canary.answer = lambda peer: peer.sendall(
        f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{target.port}/\r\nContent-Length: 0\r\n\r\n".encode()
    )
    response = local().get(f"http://x.example:{canary.port}/")
    target.server.shutdown()
    target.server.server_close()
    assert (response.status, response.ok, target.connections) == (302, False, 0)


def test_a_name_that_cannot_be_resolved_is_a_failure() -> None:
    def failing(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such host")

    for resolver in (failing, answering()):
        with pytest.raises(OutboundFailed, match="not found"):
            OutboundClient(resolver=resolver).get("http://x.example/")


def test_a_slow_resolver_is_cut_off() -> None:
    def slow(host: str, port: int) -> Sequence[str]:
        time.sleep(1)
        return [PUBLIC]

    before = time.monotonic()
    with pytest.raises(OutboundFailed, match="too long"):
        OutboundClient(resolver=slow, timeout=0.2).get("http://x.example/")
    assert time.monotonic() - before < 0.9


def drip(peer: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X" * 1000:
        peer.sendall(bytes([byte]))
        time.sleep(0.02)


def test_the_time_limit_is_for_the_whole_answer(canary: Canary) -> None:
    for answer in (drip, lambda peer: time.sleep(2)):
        canary.answer = answer
        before = time.monotonic()
        with pytest.raises(OutboundFailed, match="slow"):
            local(timeout=0.3).get(f"http://x.example:{canary.port}/")
        assert time.monotonic() - before < 1.5


def endless(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def answer(peer: socket.socket) -> None:
        peer.sendall(head)
        for _ in range(2000):
            peer.sendall(piece)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"),
        endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000),
        endless(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + b"x" * 10_000 + b"\r\n"
        ),
        endless(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 10_000 + b"\r\n"),
    ],
)
def test_a_large_answer_is_cut_off(canary: Canary, answer: Callable[[socket.socket], None]) -> None:
    canary.answer = answer
    with pytest.raises(OutboundFailed, match="too large"):
        local(max_bytes=100_000).get(f"http://x.example:{canary.port}/")


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b"HTTP/1.1 abc\r\n\r\n"],
)
def test_an_answer_that_is_none_is_a_failure(canary: Canary, answer: bytes) -> None:
    canary.answer = lambda peer: peer.sendall(answer)
    with pytest.raises(OutboundFailed, match=r"\.$"):
        local().get(f"http://x.example:{canary.port}/")


def test_headers_cannot_change_the_host_or_split_the_request(canary: Canary) -> None:
    local().get(f"http://x.example:{canary.port}/", headers={"Host": "evil.example", "Content-Length": "9"})
    assert b"evil.example" not in canary.requests[0]
    with pytest.raises(OutboundRefused, match="header"):
        local().get(f"http://x.example:{canary.port}/", headers={"X": "a\r\nY: b"})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and key for partner.example, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner.example")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("partner.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "partner.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(signed.public_bytes(pem) + private)
    return path


def test_https_checks_the_certificate_against_the_hosts_name(certificate: Path) -> None:
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate)
    canary = Canary(server_side)
    trusting = ssl.create_default_context(cafile=str(certificate))
    try:
        good = local(ssl_context=trusting).get(f"https://partner.example:{canary.port}/")
        assert good.body == b"hi"
        for client, host in ((local(ssl_context=trusting), "other.example"), (local(), "partner.example")):
            with pytest.raises(OutboundFailed, match="certificate"):
                client.get(f"https://{host}:{canary.port}/")
        assert len(canary.requests) == 1
    finally:
        canary.server.shutdown()
        canary.server.server_close()


def test_a_handshake_that_never_ends_is_cut_off(canary: Canary) -> None:
    canary.answer = lambda peer: time.sleep(2)
    before = time.monotonic()
    with pytest.raises(OutboundFailed, match="slow"):
        local(timeout=0.3).get(f"https://x.example:{canary.port}/")
    assert time.monotonic() - before < 1.5


@pytest.mark.parametrize(
    "head,body",
    [
        (b"Content-Length: 60000\r\n", b"x" * 60_000),
        (b"Content-Length: 60000\r\nConnection: close\r\n", b"x" * 60_000),
        (b"", b"x" * 60_000),
        (b"Transfer-Encoding: chunked\r\n", b"EA60\r\n" + b"x" * 60_000 + b"\r\n0\r\n\r\n"),
    ],
)
def test_a_whole_answer_is_read_however_it_is_framed(canary: Canary, head: bytes, body: bytes) -> None:
    def answer(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        time.sleep(0.05)
        peer.sendall(body)

    canary.answer = answer
    assert local().get(f"http://x.example:{canary.port}/").body == b"x" * 60_000
