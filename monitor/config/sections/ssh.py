"""`hosts[].ssh`: how a GPU machine is reached."""

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from monitor.config.sections.section import Section
from monitor.config.values.address import HostAddress
from monitor.config.values.amount import Whole
from monitor.config.values.file import KnownHostsFile, SshKeyFile
from monitor.config.values.name import UserName
from monitor.config.values.refusal import Refusal, Refused

_SHARED = ("user", "key_file", "known_hosts_file")


class Jump(Section):
    """A machine on the way; what it does not say is as for the host."""

    address: HostAddress = Field(
        description="Host name, IPv4 or IPv6 address.",
        examples=["bastion.example"],
    )
    port: Whole = Field(
        default=22, ge=1, le=65535, description="TCP port.", examples=[22]
    )
    user: UserName = Field(
        default="ffmon",
        description="User to log in as; the host's by default.",
        examples=["ffmon"],
    )
    key_file: SshKeyFile = Field(
        default=Path(),
        description="Private key; the host's by default.",
        examples=["secrets/bastion"],
    )
    known_hosts_file: KnownHostsFile = Field(
        default=Path(),
        description="Host keys; the host's by default.",
        examples=["known_hosts"],
    )


class Ssh(Section):
    """A verified SSH connection with a key; passwords are never used."""

    address: HostAddress = Field(
        description="Host name, IPv4 or IPv6 address.",
        examples=["192.168.1.10"],
    )
    port: Whole = Field(
        default=22, ge=1, le=65535, description="TCP port.", examples=[22]
    )
    user: UserName = Field(
        default="ffmon",
        description="User to log in as. Observing needs no root.",
        examples=["ffmon"],
    )
    key_file: SshKeyFile = Field(
        description="Private key that may observe.",
        examples=["secrets/observe"],
    )
    act_key_file: SshKeyFile | None = Field(
        default=None,
        description="Private key that may also restart and free memory.",
        examples=["secrets/act"],
    )
    reboot_key_file: SshKeyFile | None = Field(
        default=None,
        description="Private key that may also reboot the machine.",
        examples=["secrets/reboot"],
    )
    known_hosts_file: KnownHostsFile = Field(
        default="known_hosts",
        validate_default=True,
        description=(
            "Host keys that are believed; an unknown or changed one is never "
            "accepted on its own."
        ),
        examples=["known_hosts"],
    )
    jump: Jump | None = Field(
        default=None,
        description=(
            "A machine to go through: [user@]address[:port] or a mapping. "
            "User, key and known hosts are the host's unless it says so."
        ),
        examples=["bastion.example", "ann@[2001:db8::1]:2222"],
    )

    @field_validator(
        "jump", mode="before", json_schema_input_type=str | Jump | None
    )
    @classmethod
    def _as_for_the_host(cls, value: object, info: ValidationInfo) -> object:
        """Fill in what the jump shares with the host.

        A setting of the host that was refused is missing in `info.data`; it
        was reported there and needs no second report here.
        """
        if isinstance(value, str):
            value = _proxy_jump(value)
        if not isinstance(value, dict):
            return value
        shared = {
            name: info.data[name] for name in _SHARED if name in info.data
        }
        own = {key: item for key, item in value.items() if item is not None}
        return shared | own


def _proxy_jump(text: str) -> dict[str, Any]:
    """Read `[user@]address[:port]`, as ssh's ProxyJump has it."""
    user, at, rest = text.rpartition("@")
    address, port = rest, ""
    if rest.startswith("["):
        address, _, port = rest[1:].partition("]")
        port = port.removeprefix(":")
    elif rest.count(":") == 1:
        address, _, port = rest.partition(":")
    if "," in text or "://" in text or (port and not port.isdecimal()):
        raise Refused(
            Refusal(
                what="{value} is not [user@]address[:port]",
                hint="name one machine, for example ann@bastion.example:22",
            )
        )
    read: dict[str, Any] = {"address": address}
    if at:
        read["user"] = user
    if port:
        read["port"] = int(port)
    return read
