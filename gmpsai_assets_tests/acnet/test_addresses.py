"""The address of the service: logins, redirects."""

import pytest

from gmpsai_assets.acnet.addresses import (
    ServiceAddress,
    ServiceAddressError,
    is_loopback,
    without_secrets,
)
from gmpsai_assets.acnet.errors import ForeignRedirect

ASKED = 'http://acl.test/cgi-bin/acl.pl?acl=logger_get/start="1+2"+B|GMPSSC'
SERVICE = ServiceAddress("http://acl.test/cgi-bin/acl.pl", ("reader", "secret"))


@pytest.mark.parametrize(
    "text", ["http://acl.test/cgi-bin/acl.pl", "http://acl.test/cgi-bin/acl.pl?acl="]
)
def test_an_address_is_read(text: str) -> None:
    assert ServiceAddress.parse(text) == ServiceAddress("http://acl.test/cgi-bin/acl.pl")


def test_a_login_is_kept_apart_and_not_shown() -> None:
    address = ServiceAddress.parse("https://reader:s%40cret@acl.test:8443/acl.pl")
    assert address.url == "https://acl.test:8443/acl.pl"
    assert address.login == ("reader", "s@cret")
    assert "cret" not in repr(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acl.test/acl.pl",
        "ftp://u:secret@acl.test/",
        "http://u:secret@:80/",
        "http://u:secret@acl.test:99999/",
        "http://u:secret@acl.test/acl.pl?acl=set",
        "http://u:secret@acl.test/acl.pl#x",
        "http://[u:secret/",
        "http://u:12/secret@acl.test/",
        "http://u:12?secret@acl.test/",
        "http://u:12#secret@acl.test/",
    ],
)
def test_a_false_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ServiceAddressError, match="GMPSAI_ACL_URL") as caught:
        ServiceAddress.parse(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://acl.test/acl.pl?{}", "https://acl.test/acl.pl"),
        ("/other/acl.pl?{}", "http://acl.test/other/acl.pl"),
        ("http://ACL.test:80/acl.pl?{}", "http://ACL.test:80/acl.pl"),
    ],
)
def test_the_same_host_may_take_over_the_same_command(location: str, expected: str) -> None:
    query = "acl=logger_get/start=%221%202%22%20B%7CGMPSSC"
    moved = SERVICE.redirected(location.format(query), ASKED, "B|GMPSSC")
    assert moved == ServiceAddress(expected, SERVICE.login)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://evil.test/acl.pl?acl=x",
        "//evil.test/acl.pl?acl=x",
        "http://acl.test:8080/acl.pl?acl=x",
        "http://acl.test.evil.test/acl.pl",
        "ftp://acl.test/acl.pl",
        "file:///etc/passwd",
        "http://[acl.test/",
        "http://user:secret@evil.test/?token=secret",
    ],
)
def test_another_host_may_not_take_over(location: str) -> None:
    with pytest.raises(ForeignRedirect, match="elsewhere") as caught:
        SERVICE.redirected(location, ASKED, "B|GMPSSC")
    assert "secret" not in str(caught.value)


def test_a_protected_service_does_not_become_an_unprotected_one() -> None:
    asked = ASKED.replace("http", "https")
    with pytest.raises(ForeignRedirect, match="elsewhere"):
        SERVICE.redirected(ASKED, asked, "B|GMPSSC")


@pytest.mark.parametrize("query", ["", "?acl=set+B_VIMIN+99", "?login"])
def test_a_redirect_cannot_change_the_command(query: str) -> None:
    with pytest.raises(ForeignRedirect, match="without its command"):
        SERVICE.redirected(f"http://acl.test/acl.pl{query}", ASKED, "B|GMPSSC")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://acl.test:8443/acl.pl", "https://acl.test:8443/acl.pl"),
        ("https://u:secret@acl.test/acl.pl", "https://acl.test/acl.pl"),
        ("https://secret@acl.test/", "https://acl.test/"),
        ("davs://u:se/cr@secret@door.test:2880/pnfs", "davs://door.test:2880/pnfs"),
        ("u:secret@proxy.test:3128", "proxy.test:3128"),
        ("http://hooks.test/x?token=secret", "http://hooks.test/x"),
        ("http://hooks.test/x#secret", "http://hooks.test/x"),
        ("http://[u:secret@", "http://"),
        ("", ""),
    ],
)
def test_an_address_of_any_kind_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "[::1]"]
)
def test_this_machine_is_known_by_each_of_its_names(host: str) -> None:
    assert is_loopback(host)
    assert not is_loopback("acl.test")
    assert not is_loopback("10.0.0.1")
