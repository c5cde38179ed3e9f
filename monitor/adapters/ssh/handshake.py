"""Key exchange, host key, login: what makes a socket an SSH connection."""

import threading

import paramiko

from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.settings import SshSettings
from monitor.adapters.ssh.trust import Trust
from monitor.domain.errors import CannotReach
from monitor.domain.quote import quote

MARGIN = 5.0
"""Seconds that paramiko's own time limits come after ours."""


def agree(
    transport: paramiko.Transport,
    trust: Trust,
    where: str,
    deadline: Deadline,
) -> None:
    """Exchange keys and check the host key. Raises `CannotReach`."""
    options = transport.get_security_options()
    options.key_types = trust.prefer(options.key_types)
    transport.banner_timeout = deadline.left() + MARGIN
    transport.handshake_timeout = deadline.left() + MARGIN
    deadline.doing = "it accepts connections, but sshd says nothing"
    agreed = threading.Event()
    transport.start_client(event=agreed)
    if not agreed.wait(deadline.left()):
        if transport.remote_version:
            deadline.doing = "sshd answered, but does not go on"
        raise TimeoutError
    key = transport.host_key
    if key is None or not transport.is_active():
        raise _disagreement(transport.get_exception(), where)
    trust.check(key.get_name(), key.asbytes())


def log_in(
    transport: paramiko.Transport,
    hop: SshSettings,
    key: paramiko.PKey,
    where: str,
    deadline: Deadline,
) -> None:
    """Log in with `key` alone. Raises `CannotReach`."""
    deadline.doing = "sshd does not answer to the login"
    transport.auth_timeout = deadline.left() + MARGIN
    done = threading.Event()
    transport.auth_publickey(hop.user, key, done)
    if not done.wait(deadline.left()):
        raise TimeoutError
    if not transport.is_authenticated():
        raise _rejection(transport, hop, where)


def _disagreement(error: Exception | None, where: str) -> CannotReach:
    cause = error.__context__ if error and error.__context__ else error
    if isinstance(cause, EOFError | ConnectionError):
        return CannotReach(
            f"cannot reach {where}: the connection was closed before the "
            "login; check sshd's log there, its MaxStartups and fail2ban",
            reason="closed",
        )
    return CannotReach(
        f"cannot talk SSH with {where}: {quote(str(error))}; "
        "check that this port belongs to sshd, and its algorithms",
        reason="protocol",
    )


def _rejection(
    transport: paramiko.Transport, hop: SshSettings, where: str
) -> CannotReach:
    error = transport.get_exception()
    if not transport.is_active() and not isinstance(
        error, paramiko.AuthenticationException
    ):
        return CannotReach(
            f"cannot log in to {where} as '{hop.user}': the connection was "
            "closed; check sshd's log there",
            reason="closed",
        )
    return CannotReach(
        f"cannot log in to {where} as '{hop.user}': the key {hop.key_file} "
        f"is not accepted{_wanted(error)}; add its public half to that "
        "user's authorized_keys there",
        reason="auth",
    )


def _wanted(error: Exception | None) -> str:
    types = getattr(error, "allowed_types", None)
    return f" (sshd wants {quote(', '.join(types))})" if types else ""
