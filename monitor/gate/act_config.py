"""What root lets us act on: /etc/facefusion-monitor-gate.json."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from monitor.gate.act_asked import service_name
from monitor.gate.act_trust import distrusted
from monitor.gate.finding import ServiceAsked, absolute_path, read_service
from monitor.gate.procfiles import read_whole
from monitor.gate.protocol import PROTOCOL, Refused
from monitor.gate.roots import ROOT

ACT_FILE = "/etc/facefusion-monitor-gate.json"

_LONGEST_FILE = 65536
_KNOWN = ("v", "services", "contained")
_KNOWN_OF_SERVICE = ("manager", "unit", "directory", "port", "start")


class ServiceKnown(NamedTuple):
    """A service that may be acted on.

    `question` is what the part `service` is asked about it; `start` is the
    program that starts a bare process, None where there is none.
    """

    name: str
    asked: ServiceAsked
    question: Mapping[str, object]
    start: str | None


class ActConfig(NamedTuple):
    """What root allows; `contained`: this machine is a container."""

    services: Mapping[str, ServiceKnown]
    contained: bool

    def service(self, name: str) -> ServiceKnown:
        """Return a service. Raises `Refused`."""
        if name not in self.services:
            raise Refused(
                "unknown_service",
                f"cannot act on {name}: {ACT_FILE} does not name it;"
                " `facefusion-monitor host install` does",
            )
        return self.services[name]


def read_act_config(owner: int = 0) -> ActConfig:
    """Read the file. Raises `Refused` for one that is not root's or wrong.

    `owner` is the user id that it must belong to.
    """
    found = config_object(_trusted_text(owner))
    _only(found, _KNOWN, "the file")
    version, contained = found.get("v"), found.get("contained", False)
    if version != PROTOCOL or isinstance(version, bool):
        raise _unusable_file(f'"v" is not {PROTOCOL}')
    if not isinstance(contained, bool):
        raise _unusable_file('"contained" is not true or false')
    services = found.get("services")
    if not isinstance(services, dict):
        raise _unusable_file('"services" is no object')
    known = {name: _service(name, one) for name, one in services.items()}
    return ActConfig(known, contained)


def _trusted_text(owner: int) -> bytes:
    flaw = distrusted(ACT_FILE, owner)
    if flaw:
        raise _unusable_file(flaw)
    path = ROOT.path(ACT_FILE.strip("/"))
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LONGEST_FILE:
            raise _unusable_file("it is no file of at most 64 kB")
        return read_whole(path, _LONGEST_FILE)
    except OSError as error:
        raise _unusable_file(str(error.strerror)) from None


def config_object(text: bytes) -> dict[str, object]:
    """Read strict JSON: no key twice. Raises `Refused`."""
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _unusable_file(f"it is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise _unusable_file("it is no object")
    return found


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _service(name: str, one: object) -> ServiceKnown:
    try:
        service_name(name)
        if not isinstance(one, dict):
            raise _unusable_file(f"{name} is no object")
        _only(one, _KNOWN_OF_SERVICE, name)
        asked = read_service(one)
        start = _start(asked, one.get("start"))
    except Refused as refused:
        if refused.reason == "forbidden":
            raise
        raise _unusable_file(f"{name[:64]}: {refused.because}") from None
    return ServiceKnown(name, asked, {**one, **asked._asdict()}, start)


def _start(asked: ServiceAsked, value: object) -> str | None:
    if value is None:
        return None
    if asked.manager != "process":
        raise Refused(
            "bad_request", "cannot use start: it is for a bare process"
        )
    return absolute_path(value, "start")


def _only(
    found: Mapping[str, object], known: Sequence[str], where: str
) -> None:
    for key in found:
        if key not in known:
            raise _unusable_file(f"{where} has an unknown key {key[:64]}")


def _unusable_file(because: str) -> Refused:
    return Refused("forbidden", f"cannot use {ACT_FILE}: {because[:300]}")
