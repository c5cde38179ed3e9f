import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.ssh.known_hosts import fingerprint, known_for, parse

KIND = "ssh-ed25519"


def _key(seed: int, kind: str = KIND) -> bytes:
    name = kind.encode()
    return len(name).to_bytes(4, "big") + name + bytes([seed]) * 36


def _line(names: str, blob: bytes, kind: str = KIND) -> str:
    return f"{names} {kind} {base64.b64encode(blob).decode()} a comment"


def _hashed(name: str) -> str:
    salt = bytes(range(20))
    digest = hmac.digest(salt, name.encode(), "sha1")
    parts = (base64.b64encode(part).decode() for part in (salt, digest))
    return "|1|" + "|".join(parts)


@pytest.mark.parametrize(
    ("names", "address", "port"),
    [
        ("gpu1", "gpu1", 22),
        ("gpu1", "GPU1", 22),
        ("Gpu1.Example", "gpu1.example", 22),
        ("other,gpu1,third", "gpu1", 22),
        ("[gpu1]:2222", "gpu1", 2222),
        ("[10.0.0.1]:2222,10.0.0.2", "10.0.0.1", 2222),
        ("fe80::1", "fe80::1", 22),
        ("[fe80::1]:2222", "fe80::1", 2222),
        ("*.example", "gpu1.example", 22),
        ("gpu?", "gpu1", 22),
        ("*", "gpu1", 22),
        (_hashed("gpu1"), "gpu1", 22),
        (_hashed("[gpu1]:2222"), "gpu1", 2222),
    ],
)
def test_a_line_belongs_to_its_hosts(
    names: str, address: str, port: int
) -> None:
    keys = parse(_line(names, _key(1)))

    assert [k.blob for k in known_for(keys, address, port)] == [_key(1)]


@pytest.mark.parametrize(
    ("names", "address", "port"),
    [
        ("gpu1", "gpu10", 22),
        ("gpu1", "gpu1", 2222),
        ("[gpu1]:2222", "gpu1", 22),
        ("[gpu1]:22", "gpu1", 22),
        ("*.example,!gpu1.example", "gpu1.example", 22),
        ("!gpu1.example,*.example", "gpu1.example", 22),
        ("gpu.", "gpu1", 22),
        ("", "gpu1", 22),
        (_hashed("gpu1"), "gpu2", 22),
        ("|1|", "gpu1", 22),
        ("|1|???|???", "gpu1", 22),
    ],
)
def test_a_line_does_not_belong_to_other_hosts(
    names: str, address: str, port: int
) -> None:
    keys = parse(_line(names, _key(1)))

    assert known_for(keys, address, port) == ()


def test_a_host_may_have_several_keys() -> None:
    rsa = _key(2, "ssh-rsa")
    text = "\n".join(
        [
            "# our hosts",
            "",
            _line("gpu1", _key(1)),
            _line("gpu1", rsa, "ssh-rsa"),
        ]
    )

    known = known_for(parse(text), "gpu1", 22)

    assert [key.kind for key in known] == [KIND, "ssh-rsa"]


def test_a_revoked_key_is_marked() -> None:
    (key,) = parse("@revoked " + _line("*", _key(1)))

    assert key.revoked


def test_a_certificate_authority_is_no_host_key() -> None:
    assert parse("@cert-authority " + _line("*", _key(1))) == ()


@pytest.mark.parametrize(
    "line",
    [
        "gpu1",
        "gpu1 ssh-ed25519",
        "@revoked gpu1 ssh-ed25519",
        "gpu1 ssh-ed25519 not-base64!",
        "gpu1 ssh-ed25519 AAAA",
        _line("gpu1", _key(1), "ssh-rsa"),
    ],
)
def test_a_line_that_cannot_be_read_makes_nothing_known(line: str) -> None:
    assert parse(line) == ()


def test_a_fingerprint_is_that_of_ssh_keygen() -> None:
    """Made by `ssh-keygen -lf` of OpenSSH 9.2p1."""
    public = (
        "AAAAC3NzaC1lZDI1NTE5AAAAIFDAcb8mrBHvLhgEk0bVkn1eUyFgO9TdQfZLJRoEK2YR"
    )

    assert fingerprint(base64.b64decode(public)) == (
        "SHA256:0fhHwTgxclV+6oFhbx4/GlA5yRSvwf+ZozS1wY+t8JM"
    )


@given(st.text())
def test_any_text_is_read_or_left_out(text: str) -> None:
    for key in parse(text):
        assert key.blob
        assert key.patterns
        key.belongs_to("gpu1")


@given(st.lists(st.binary(max_size=40), max_size=5), st.text(max_size=30))
def test_only_a_whole_line_makes_a_key_known(
    blobs: list[bytes], junk: str
) -> None:
    good = _line("gpu1", _key(7))
    lines = [f"gpu1 {KIND} {base64.b64encode(b).decode()}" for b in blobs]
    text = "\n".join([*lines, "#" + junk.replace("\n", ""), good])

    known = known_for(parse(text), "gpu1", 22)

    assert known[-1].blob == _key(7)
