from ipaddress import ip_address

import pytest

from evidencekit.edges.wire import Reach


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("8.8.8.8", Reach.PUBLIC),
        ("2606:4700::1111", Reach.PUBLIC),
        ("10.0.0.1", Reach.PRIVATE),
        ("192.168.1.1", Reach.PRIVATE),
        ("172.16.0.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),
        ("fd00::1", Reach.PRIVATE),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.9.9.9", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("::ffff:127.0.0.1", Reach.LOOPBACK),
        ("::ffff:10.0.0.1", Reach.PRIVATE),
        ("169.254.169.254", None),
        ("fe80::1", None),
        ("::ffff:169.254.169.254", None),
        ("0.0.0.0", None),  # noqa: S104
        ("::", None),
        ("224.0.0.1", None),
        ("ff02::1", None),
        ("240.0.0.1", None),
        ("255.255.255.255", None),
    ],
)
def test_every_address_has_its_reach(address, reach):
    assert Reach.of(ip_address(address)) is reach
