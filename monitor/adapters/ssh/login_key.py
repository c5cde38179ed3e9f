"""The private key that we log in with."""

import io
from pathlib import Path

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from monitor.domain.errors import CannotReach

LARGEST = 1 << 16
"""Bytes of a key file; a 16,384-bit RSA key has 13 kB."""


def load(file: Path, where: str) -> paramiko.PKey:
    """Return the key in `file`. Raises `CannotReach` naming the flaw.

    A certificate beside it (`-cert.pub`) is offered with it.
    """
    try:
        if not file.is_file():
            raise _cannot(where, file, _absence(file))
        if file.stat().st_size > LARGEST:
            raise _cannot(where, file, f"is longer than {LARGEST} bytes")
        key = _for_paramiko(_parsed(file.read_bytes()))
        certificate = file.with_name(f"{file.name}-cert.pub")
        if certificate.is_file():
            key.load_certificate(str(certificate))
    except OSError as error:
        flaw = f"cannot be read: {error.strerror}"
        raise _cannot(where, file, flaw) from error
    except TypeError as error:
        raise _cannot(where, file, "is encrypted with a passphrase") from error
    except (ValueError, UnsupportedAlgorithm, paramiko.SSHException) as error:
        flaw = "is no private key that we can read"
        raise _cannot(where, file, flaw) from error
    return key


def _parsed(data: bytes) -> object:
    """Return a key. Raises TypeError when encrypted, else others."""
    try:
        return serialization.load_ssh_private_key(data, password=None)
    except ValueError:
        return serialization.load_pem_private_key(data, password=None)


def _for_paramiko(key: object) -> paramiko.PKey:
    """Hand over a parsed key: paramiko fails on files without a comment."""
    match key:
        case rsa.RSAPrivateKey():
            return paramiko.RSAKey(key=key)
        case ec.EllipticCurvePrivateKey():
            return paramiko.ECDSAKey(vals=(key, key.public_key()))
        case ed25519.Ed25519PrivateKey():
            text = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            ).decode()
            return paramiko.Ed25519Key(file_obj=io.StringIO(text))
        case _:
            raise ValueError


def _absence(file: Path) -> str:
    return "is no file" if file.exists() else "does not exist"


def _cannot(where: str, file: Path, flaw: str) -> CannotReach:
    return CannotReach(
        f"cannot log in to {where}: the key file {file} {flaw}; give the "
        "monitor a key of its own without a passphrase, e.g. "
        "`ssh-keygen -t ed25519 -N '' -f FILE`",
        reason="auth",
    )
