"""Who holds memory on which card, by nvidia-smi as root asks it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple
from xml.parsers import expat

from monitor.gate.protocol import Refused
from monitor.gate.smilock import run_smi

SMI_SECONDS = 7.0
"""What one run of nvidia-smi may take; a driver that answers needs 2 s."""

_TABLE_BYTES = 8 << 20
_TRIES_FOR_LOCK = 10
_LOCK_TAKEN = 75
_AGAIN_AFTER = 0.5
_DEEPEST_TAG = 32
_LONGEST_TEXT = 4096
_BEGIN = re.compile(rb"<\?xml |<!DOCTYPE nvidia_smi_log|<nvidia_smi_log")
_UUID = ("nvidia_smi_log", "gpu", "uuid")
_WORK = ("nvidia_smi_log", "gpu", "utilization", "gpu_util")
_HOLDER = ("nvidia_smi_log", "gpu", "processes", "process_info")
_PERCENT = re.compile(r"([0-9]{1,3}) ?%\Z")
_PID = re.compile(r"[0-9]{1,9}\Z")
_IDLE_PERCENT = 5
"""Percent of `utilization.gpu`; a desktop alone draws about as much."""


class CardSeen(NamedTuple):
    """A card: its work in percent, None where it does not tell.

    `held` is who holds memory on it, and how much, in nvidia-smi's words.
    """

    uuid: str
    work: int | None
    held: tuple[tuple[int, str], ...]

    @property
    def works(self) -> bool:
        """Whether something runs on it."""
        return self.work is not None and self.work > _IDLE_PERCENT


def look_at_cards(
    uuids: Sequence[str],
    tries: int = _TRIES_FOR_LOCK,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[CardSeen, ...]:
    """Return these cards. Raises `Refused` where one cannot be seen.

    Waits for another nvidia-smi of ours for about `tries` half seconds.
    """
    ended = run_smi(("-q", "-x"), SMI_SECONDS, _TABLE_BYTES)
    while ended.code == _LOCK_TAKEN and tries > 1:
        tries -= 1
        sleep(_AGAIN_AFTER)
        ended = run_smi(("-q", "-x"), SMI_SECONDS, _TABLE_BYTES)
    begin = _BEGIN.search(ended.stdout)
    if ended.cut or begin is None:
        raise _cards_unseen(f"nvidia-smi does not answer (code {ended.code})")
    seen = {one.uuid: one for one in read_cards(ended.stdout[begin.start() :])}
    for uuid in uuids:
        if uuid not in seen:
            raise _cards_unseen(
                f"nvidia-smi shows no {uuid} (code {ended.code})"
            )
    return tuple(seen[uuid] for uuid in uuids)


def read_cards(xml: bytes) -> list[CardSeen]:
    """Read the cards of `nvidia-smi -q -x`. Raises `Refused`."""
    reader = _Reader()
    try:
        return reader.read(xml)
    except (expat.ExpatError, ValueError) as error:
        raise _cards_unseen(
            f"nvidia-smi's answer is no XML ({error})"
        ) from None


class _Reader:
    """Reads what is needed, and refuses entities: nvidia-smi has none."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text = ""
        self._cards: list[CardSeen] = []
        self._one: dict[str, str] = {}

    def read(self, xml: bytes) -> list[CardSeen]:
        parser = expat.ParserCreate()
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.EntityDeclHandler = _refuse_entity
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._take
        parser.Parse(xml, True)  # noqa: FBT003 - that is how expat is told
        return self._cards

    def _begin(self, name: str, _attributes: object) -> None:
        self._path.append(name)
        self._text = ""
        if len(self._path) > _DEEPEST_TAG:
            raise ValueError("it is too deep")
        if tuple(self._path) == _UUID[:2]:
            self._cards.append(CardSeen("", None, ()))
        if tuple(self._path) == _HOLDER:
            self._one = {}

    def _take(self, text: str) -> None:
        self._text = (self._text + text)[:_LONGEST_TEXT]

    def _end(self, name: str) -> None:
        path, text = tuple(self._path), self._text.strip()
        self._path.pop()
        self._text = ""
        if path[:-1] == _HOLDER:
            self._one[name] = text
        elif path == _HOLDER:
            self._holder()
        elif path == _UUID:
            self._cards[-1] = self._cards[-1]._replace(uuid=text)
        elif path == _WORK:
            found = _PERCENT.match(text)
            work = int(found[1]) if found else None
            self._cards[-1] = self._cards[-1]._replace(work=work)

    def _holder(self) -> None:
        pid = self._one.get("pid", "")
        if not _PID.match(pid):
            raise ValueError("a process has no pid")
        used = self._one.get("used_memory") or "N/A"
        card = self._cards[-1]
        self._cards[-1] = card._replace(held=(*card.held, (int(pid), used)))


def _refuse_entity(*_declared: object) -> None:
    raise ValueError("it declares an entity")


def _cards_unseen(because: str) -> Refused:
    return Refused("unsupported", f"cannot tell who holds memory: {because}")
