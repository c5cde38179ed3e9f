from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.ssh.settings import SshSettings

GPU = SshSettings(
    address="10.0.0.1",
    user="ffmon",
    key_file=Path("key"),
    known_hosts_file=Path("known_hosts"),
)


@pytest.mark.parametrize(
    ("address", "port", "place"),
    [
        ("gpu1", 22, "gpu1:22"),
        ("10.0.0.1", 2222, "10.0.0.1:2222"),
        ("fe80::1", 22, "[fe80::1]:22"),
    ],
)
def test_a_place_is_written_as_usual(
    address: str, port: int, place: str
) -> None:
    assert replace(GPU, address=address, port=port).place == place


def test_jump_hosts_come_first() -> None:
    outer = replace(GPU, address="outer")
    inner = replace(GPU, address="inner", jump=outer)

    hops = replace(GPU, jump=inner).hops

    assert [hop.address for hop in hops] == ["outer", "inner", "10.0.0.1"]
