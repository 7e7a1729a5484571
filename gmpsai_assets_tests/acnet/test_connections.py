"""Why no reply came, each reason by its name, and what the environment says of proxies and authorities."""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gmpsai_assets.acnet import errors
from gmpsai_assets.acnet.client import AclClient
from gmpsai_assets.acnet.clock import day_window
from gmpsai_assets.acnet.commands import LoggerGet
from gmpsai_assets.acnet.connections import route
from gmpsai_assets.acnet.retrying import RetryPolicy
from gmpsai_assets.emulator.service import running_emulator
from gmpsai_assets_tests.acnet.services import free_port, says, service
from gmpsai_assets_tests.waiting import LIMIT_SECONDS, wait_for_end

STATUS = LoggerGet("B|GMPSSC", day_window("2020-03-10"), "MLrn")
CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = str(CERTIFICATES / "authority.pem")
BODY = b"1583816400.048000 1\n"
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY

Speak = Callable[[socket.socket], None]


@contextmanager
def listening(speak: Speak) -> Iterator[int]:
    """The port of a server on loopback that speaks with one connection after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                connection.settimeout(LIMIT_SECONDS)
                with connection, suppress(OSError):
                    speak(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port: int = listener.getsockname()[1]
    try:
        yield port
    finally:
        ended.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            pass
        wait_for_end(thread)
        listener.close()


def by_tls(name: str, answer: bytes = WELL, highest: ssl.TLSVersion | None = None) -> Speak:
    """Answers over TLS with one of the certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    if highest is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = highest

    def speak(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(answer)

    return speak


def plainly(answer: bytes, seen: list[bytes] | None = None) -> Speak:
    """Answers whatever comes."""

    def speak(connection: socket.socket) -> None:
        received = connection.recv(65536)
        if seen is not None:
            seen.append(received)
        connection.sendall(answer)

    return speak


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.endswith(("_BUNDLE", "_CERT_FILE", "_CERT_DIR")):
            monkeypatch.delenv(name)


def failure(url: str) -> tuple[errors.AcnetError, int]:
    """What a client with patience meets, and how often it waited to ask again."""
    waits: list[float] = []
    with AclClient(url, retry=RetryPolicy(attempts=3, sleep=waits.append)) as client:
        with pytest.raises(errors.AcnetError) as caught:
            client.fetch(STATUS)
        return caught.value, len(waits)


def refusal(url: str, kind: type[errors.AcnetError]) -> str:
    """The message of a failure that must not be asked about again."""
    error, waits = failure(url)
    assert (type(error), waits) == (kind, 0), error
    assert isinstance(error, errors.ServiceRefused)
    assert "B|GMPSSC on MLrn, 2020-03-10" in str(error)
    return str(error)


def test_an_authority_that_nobody_knows_is_named_with_the_variables_that_make_it_known() -> None:
    with listening(by_tls("loopback")) as port:
        said = refusal(f"https://127.0.0.1:{port}/acl.pl", errors.CertificateFailed)
    assert "certifi" in said
    assert "REQUESTS_CA_BUNDLE or SSL_CERT_FILE" in said
    assert "service is up" not in said


@pytest.mark.parametrize(
    "variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
)
def test_the_authority_that_a_variable_names_is_trusted(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = AUTHORITY
    if variable == "SSL_CERT_DIR":
        named = os.pathsep.join(["/nowhere/at/all", str(tmp_path)])
        # The name is what `openssl x509 -subject_hash` says of it.
        (tmp_path / "30888745.0").write_text(Path(AUTHORITY).read_text())
    monkeypatch.setenv(variable, named)
    with listening(by_tls("loopback")) as port:
        for host in ("127.0.0.1", "localhost"):
            with AclClient(f"https://{host}:{port}/acl.pl") as client:
                assert client.fetch(STATUS) == BODY


@pytest.mark.parametrize(
    ("name", "reason"), [("elsewhere", "not valid for '127.0.0.1'"), ("expired", "expired")]
)
def test_a_certificate_of_another_host_or_time_is_refused(
    name: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", AUTHORITY)
    with listening(by_tls(name)) as port:
        said = refusal(f"https://127.0.0.1:{port}/acl.pl", errors.CertificateFailed)
    assert reason in said
    assert f"{AUTHORITY} (SSL_CERT_FILE)" in said


@pytest.mark.parametrize("content", [None, "no certificate\n"])
def test_a_variable_that_names_no_certificates_is_what_the_message_is_about(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with listening(by_tls("loopback")) as port:
        said = refusal(f"https://127.0.0.1:{port}/acl.pl", errors.CertificateFailed)
    assert f"REQUESTS_CA_BUNDLE names {'the trusted' if content is None else bundle}" in said
    assert str(bundle) in said


def test_authorities_do_not_matter_to_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/at/all.pem")
    with service(says(BODY)) as running, AclClient(running.url) as client:
        assert client.fetch(STATUS) == BODY


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", f"{'a' * 70}.test"])
def test_an_unknown_host_is_another_sentence(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(name: str, *_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert host in refusal(f"http://{host}/acl.pl", errors.UnknownHost)


def test_a_name_server_that_does_not_answer_may_do_so_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look_up(name: str, *_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    error, waits = failure("http://acl.test/acl.pl")
    assert (type(error), waits) == (errors.LookupFailed, 2)
    assert isinstance(error, errors.TransientError)


def test_a_refused_connection_may_be_a_service_that_is_being_started() -> None:
    error, waits = failure(f"http://127.0.0.1:{free_port()}/acl.pl")
    assert (type(error), waits) == (errors.ConnectionRefused, 2)
    assert "nothing listens there" in str(error)


BAD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 28\r\n\r\nplain HTTP on an HTTPS port.."


def test_plain_http_on_an_https_port_is_named_whatever_the_port_makes_of_it() -> None:
    """Servers close such a connection without a word, answer by an alert of TLS, or with status 400."""
    tls = by_tls("loopback")

    def speak(connection: socket.socket) -> None:
        if connection.recv(3, socket.MSG_PEEK).startswith(b"GET"):
            connection.recv(65536)
            connection.sendall(answers[0])
        else:
            tls(connection)

    for reply in (b"", b"\x15\x03\x01\x00\x02\x02\x50", BAD):
        answers = [reply]
        with listening(speak) as port:
            said = refusal(f"http://127.0.0.1:{port}/acl.pl", errors.WrongScheme)
        assert "its port speaks HTTPS" in said
        assert "Write https:// in GMPSAI_ACL_URL" in said


def test_plain_http_on_the_port_of_a_real_https_server_is_named() -> None:
    with listening(by_tls("loopback")) as port:
        refusal(f"http://127.0.0.1:{port}/acl.pl", errors.WrongScheme)


def test_a_plain_service_that_says_400_or_hangs_up_is_not_taken_for_https() -> None:
    with listening(plainly(b"")) as port:
        error, waits = failure(f"http://127.0.0.1:{port}/acl.pl")
        assert (type(error), waits) == (errors.ConnectionFailed, 2)
    with service(says(b"no", 400)) as running:
        error, waits = failure(running.url)
        assert (type(error), waits) == (errors.HttpRefused, 0)
        assert not isinstance(error, errors.ServiceRefused)


def test_https_on_a_plain_port_is_named() -> None:
    with listening(plainly(BAD)) as port, running_emulator() as emulator:
        for url in (f"http://127.0.0.1:{port}/acl.pl", emulator.url):
            said = refusal(url.replace("http:", "https:"), errors.WrongScheme)
            assert "Write http:// in GMPSAI_ACL_URL" in said


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_tls_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", AUTHORITY)
    with listening(by_tls("loopback", highest=ssl.TLSVersion.TLSv1_1)) as port:
        said = refusal(f"https://127.0.0.1:{port}/acl.pl", errors.TlsFailed)
    assert "PROTOCOL" in said


def test_this_machine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with service(says(BODY)) as running:
        for host in ("127.0.0.1", "localhost", "127.1.2.3"):
            with AclClient(running.url.replace("127.0.0.1", host)) as client:
                if host == "127.1.2.3":
                    assert route(client.url, "").proxy is None
                else:
                    assert client.fetch(STATUS) == BODY


def test_another_machine_is_asked_through_the_proxy_with_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[bytes] = []
    with listening(plainly(WELL, seen)) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://reader:sesame@127.0.0.1:{port}")
        with AclClient("http://acl.test/acl.pl") as client:
            assert client.fetch(STATUS) == BODY
    assert seen[0].startswith(
        b"GET http://acl.test/acl.pl?acl=logger_get/date_format='utc_seconds'/"
    )
    assert b'/start="2020-03-10+00:00:00"/' in seen[0]
    assert b"+B|GMPSSC HTTP/1.1\r\n" in seen[0]
    assert b"Proxy-Authorization: Basic " in seen[0]


@pytest.mark.parametrize("listed", ["acl.test", ".test", "*", "other.test, acl.test:80"])
def test_a_host_that_no_proxy_lists_is_asked_directly(
    listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    assert route("http://acl.test:80/acl.pl", "").proxy == "http://proxy.test:3128"
    monkeypatch.setenv("NO_PROXY", listed)
    assert route("http://acl.test:80/acl.pl", "").proxy is None


def answers_with(status: int) -> bytes:
    return b"HTTP/1.1 %d No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n" % status


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_a_login_is_named_without_the_one_it_has(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(plainly(answers_with(407))) as port:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://reader:sesame@127.0.0.1:{port}")
        said = refusal(f"{scheme}://acl.test/acl.pl", errors.ProxyRefused)
    assert f"the proxy http://127.0.0.1:{port} asks for a login" in said
    assert "sesame" not in said


@pytest.mark.parametrize(
    ("status", "kind", "waits"),
    [(403, errors.ProxyRefused, 0), (502, errors.ConnectionFailed, 2)],
)
def test_a_proxy_that_does_not_connect_is_named(
    status: int, kind: type[errors.AcnetError], waits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(plainly(answers_with(status))) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
        error, waited = failure("https://acl.test/acl.pl")
    assert (type(error), waited) == (kind, waits)
    assert f"the proxy http://127.0.0.1:{port} did not connect to https://acl.test" in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_what_the_message_is_about(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv(f"{scheme}_proxy", f"http://reader:sesame@127.0.0.1:{port}")
    error, waits = failure(f"{scheme}://acl.test/acl.pl")
    assert (type(error), waits) == (errors.ConnectionRefused, 2)
    assert f"the proxy http://127.0.0.1:{port} refused" in str(error)
    assert "sesame" not in str(error)


@pytest.mark.parametrize(
    "proxy",
    ["http://", "http://u:sesame@:x", "socks5h://u:sesame@127.0.0.1:1", "http://u:ses/ame@h:1"],
)
def test_what_cannot_be_a_proxy_is_refused_without_repeating_it(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    said = refusal("http://acl.test/acl.pl", errors.ProxyRefused)
    assert "HTTP_PROXY (or ALL_PROXY) names no proxy" in said
    assert "ame" not in said.replace("names", "")
