"""The private key that we log in with."""

from pathlib import Path

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm

from monitor.domain.errors import CannotReach

LARGEST = 1 << 16
"""Bytes of a key file; a 16,384-bit RSA key has 13 kB."""

_BROKEN = (
    ValueError,
    UnsupportedAlgorithm,
    paramiko.SSHException,
    paramiko.UnknownKeyType,
)


def load(file: Path, where: str) -> paramiko.PKey:
    """Return the key in `file`. Raises `CannotReach` naming the flaw.

    A certificate beside it (`-cert.pub`) is offered with it.
    """
    try:
        if not file.is_file():
            raise _cannot(where, file, _absence(file))
        if file.stat().st_size > LARGEST:
            raise _cannot(where, file, f"is longer than {LARGEST} bytes")
        return paramiko.PKey.from_path(file)
    except OSError as error:
        flaw = f"cannot be read: {error.strerror}"
        raise _cannot(where, file, flaw) from error
    except (TypeError, paramiko.PasswordRequiredException) as error:
        raise _cannot(where, file, "is encrypted with a passphrase") from error
    except _BROKEN as error:
        flaw = "is no private key that we can read"
        raise _cannot(where, file, flaw) from error


def _absence(file: Path) -> str:
    return "is no file" if file.exists() else "does not exist"


def _cannot(where: str, file: Path, flaw: str) -> CannotReach:
    return CannotReach(
        f"cannot log in to {where}: the key file {file} {flaw}; give the "
        "monitor a key of its own without a passphrase, e.g. "
        "`ssh-keygen -t ed25519 -N '' -f FILE`",
        reason="auth",
    )
