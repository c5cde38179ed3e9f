"""Who may act once: fencing tokens, nonces, and what became of changes.

Every rule is looked at under a lock of the machine's own, and what it allows
is on disk before anybody is told.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
import time
from collections.abc import Callable

from monitor.gate.act_asked import ActAsked
from monitor.gate.act_book import (
    ActBook,
    ActResult,
    NonceGiven,
    load_book,
    save_book,
)
from monitor.gate.act_lock import machine_lock
from monitor.gate.protocol import Refused

NONCE_LASTS = 30.0
"""Seconds of the boot clock, which also counts while a machine sleeps."""

_LEDGER_PATIENCE = 5.0
_HALF_WAY = "it was interrupted: nobody knows how far it came"
_BOOTED = "the machine was started anew since"
_STAYED = "the machine did not go down within 300 s"

GOES_DOWN_WITHIN = 300.0
"""Seconds that a machine may take to go down: systemd gives each unit 90 s,
and units wait for each other."""


def boot_seconds() -> float:
    """Return seconds since the machine's start, those asleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Ledger:
    """What this machine has promised; `owner` owns its files."""

    def __init__(
        self,
        owner: int = 0,
        clock: Callable[[], float] = boot_seconds,
        save: Callable[[ActBook, int], None] = save_book,
    ) -> None:
        self._owner = owner
        self._clock = clock
        self._save = save

    def highest(self) -> int:
        """Return the highest token seen, 0 where that is not known."""
        try:
            return load_book(self._owner).highest
        except Refused:
            return 0

    def result(self, change: str) -> ActResult | None:
        """Return what is kept of a change. Raises `Refused`."""
        return load_book(self._owner).result(change)

    def check_token(self, asked: ActAsked) -> None:
        """Raise `Refused` where a change may not even be prepared."""
        _check_token(load_book(self._owner), asked)

    def admit(self, asked: ActAsked, boot_id: str) -> str:
        """Note a token and return its nonce. Raises `Refused`."""
        with self._lock():
            book = load_book(self._owner)
            _check_token(book, asked)
            nonce = NonceGiven(
                value=secrets.token_hex(16),
                token=asked.token,
                change=asked.change,
                service=asked.service,
                boot_id=boot_id,
                at=self._clock(),
                verb=asked.aims or "restart",
            )
            self._save(
                book._replace(
                    highest=asked.token, change=asked.change, nonce=nonce
                ),
                self._owner,
            )
        return nonce.value

    def check(self, asked: ActAsked, boot_id: str) -> None:
        """Raise `Refused` where a restart has no right to begin."""
        self._check(load_book(self._owner), asked, boot_id)

    def begin(self, asked: ActAsked, boot_id: str) -> None:
        """Spend the nonce and write `running`, at once. Raises `Refused`.

        Whoever calls it holds the machine's lock, so what is still
        `running` of others was interrupted.
        """
        with self._lock():
            book = load_book(self._owner)
            self._check(book, asked, boot_id)
            settled = tuple(
                _settled(one, boot_id) if one.state == "running" else one
                for one in book.results
            )
            result = ActResult(
                change=asked.change,
                service=asked.service,
                token=asked.token,
                boot_id=boot_id,
                state="running",
                because="it was begun",
                verb=asked.do,
                at=self._clock(),
            )
            book = book._replace(nonce=None, results=settled)
            self._save(book.with_result(result), self._owner)

    def step(self, change: str, step: str) -> None:
        """Note what was done. Raises `Refused`."""
        self._update(change, lambda result: result.with_step(step))

    def finish(self, change: str, state: str, because: str) -> None:
        """Note how a change ended. Raises `Refused`."""
        self._update(change, lambda result: result.ended(state, because))

    def became(
        self, change: str, boot_id: str, acting: Callable[[], bool]
    ) -> ActResult | None:
        """Return what became of a change, as far as can be known.

        `acting` tells whether somebody holds the machine's lock.
        """
        result = self.result(change)
        if result is None or result.state != "running":
            return result
        if self._goes_down(result, boot_id):
            return result
        if result.boot_id == boot_id and result.verb != "reboot":
            if acting():
                return result
            # It may have ended since we read: its end is written before its
            # lock is let go.
            result = self.result(change)
            if result is None or result.state != "running":
                return result
        return _settled(result, boot_id)

    def _goes_down(self, result: ActResult, boot_id: str) -> bool:
        """Tell whether a machine may still be on its way down.

        Nobody holds a lock for it: who asked systemd is done with it.
        """
        same = (result.verb, result.state, result.boot_id) == (
            "reboot",
            "running",
            boot_id,
        )
        return same and self._clock() - result.at < GOES_DOWN_WITHIN

    def _lock(self) -> contextlib.AbstractContextManager[None]:
        return machine_lock(self._owner, "ledger.lock", _LEDGER_PATIENCE)

    def _update(
        self, change: str, update: Callable[[ActResult], ActResult]
    ) -> None:
        with self._lock():
            book = load_book(self._owner)
            result = book.result(change)
            if result is not None:
                self._save(book.with_result(update(result)), self._owner)

    def _check(self, book: ActBook, asked: ActAsked, boot_id: str) -> None:
        _check_token(book, asked)
        if asked.boot_id != boot_id:
            raise Refused(
                "boot", "cannot do it: the machine was started anew since"
            )
        given = book.nonce
        if given is None or not _opens(given, asked, boot_id):
            raise Refused(
                "nonce", "cannot do it: this nonce was not given out for it"
            )
        if not 0 <= self._clock() - given.at < NONCE_LASTS:
            raise Refused(
                "nonce",
                f"cannot do it: its nonce is over {NONCE_LASTS:.0f} s old",
            )
        if any(self._goes_down(one, boot_id) for one in book.results):
            raise Refused("locked", "cannot do it: this machine goes down")


def _settled(result: ActResult, boot_id: str) -> ActResult:
    """Return how something ended that runs no more and did not say so."""
    if result.verb != "reboot":
        return result.ended("failed", _HALF_WAY)
    if result.boot_id == boot_id:
        return result.ended("failed", _STAYED)
    return result.ended("done", _BOOTED)


def _opens(given: NonceGiven, asked: ActAsked, boot_id: str) -> bool:
    same = given == given._replace(
        token=asked.token,
        change=asked.change,
        service=asked.service,
        boot_id=boot_id,
        verb=asked.do,
    )
    return (
        hmac.compare_digest(
            given.value.encode(), asked.nonce.encode("utf-8", "replace")
        )
        and same
    )


def _check_token(book: ActBook, asked: ActAsked) -> None:
    if asked.token < book.highest:
        raise Refused(
            "fenced",
            f"cannot act with token {asked.token}: {book.highest} was here",
        )
    if asked.token == book.highest and asked.change != book.change:
        raise Refused(
            "fenced",
            f"cannot act with token {asked.token}: it is another change's",
        )
    if book.result(asked.change) is not None:
        raise Refused(
            "nonce", "cannot do it again: this change was begun already"
        )
