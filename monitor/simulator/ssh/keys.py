"""Keys made for one simulation, never anybody's real ones."""

from pathlib import Path

import paramiko


def make_client_key(path: Path) -> str:
    """Write a new private key (0600) and its `.pub`; return the public line.

    The directory is made when it is missing.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(path))
    path.chmod(0o600)
    line = public_line(key)
    path.with_name(f"{path.name}.pub").write_text(f"{line}\n")
    return line


def load_or_make(path: Path) -> paramiko.PKey:
    """Return the host key at `path`, made the first time."""
    if not path.exists():
        make_client_key(path)
    return paramiko.ECDSAKey(filename=str(path))


def public_line(key: paramiko.PKey) -> str:
    """Return a key in the form of authorized_keys, without a comment."""
    return f"{key.get_name()} {key.get_base64()}"


def canonical(public_key: str) -> str:
    """Return an authorized_keys line without options' and comments' noise.

    Raises ValueError when it is none.
    """
    kind, text, *_ = public_key.split()
    return f"{kind} {text}"
