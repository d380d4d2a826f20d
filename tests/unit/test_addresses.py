from __future__ import annotations

import ipaddress

import pytest

from crawler.guard.addresses import is_local_name, is_public, literal_address


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",  # noqa: S104  # that is the point
        "224.0.0.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1",
    ],
)  # fmt: skip
def test_addresses_off_the_open_internet_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111"])
def test_addresses_on_it_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1.", "[::1]", "[fe80::1%25eth0]"]
)
def test_old_spellings_of_an_address_are_seen_through(host: str) -> None:
    address = literal_address(host)
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize("host", ["news.example", "1.news.example", "face.example", "12x.example"])
def test_a_name_is_no_address(host: str) -> None:
    assert literal_address(host) is None


def test_local_names_are_known() -> None:
    assert all(
        is_local_name(name)
        for name in ("localhost", "a.localhost", "printer.local", "intranet", "x.internal")
    )
    assert not is_local_name("news.example")
