"""What each verb answers, as protocol 1 has it."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor import __version__
from monitor.gate.protocol import Refused, number_of
from monitor.simulator.gate.ahead import looked_ahead
from monitor.simulator.gate.files import files
from monitor.simulator.gate.parts import Look
from monitor.simulator.gate.site import Answer, Site
from monitor.simulator.gate.watching import Watching

VERBS: Mapping[str, tuple[str, ...]] = {
    "observe": ("hello", "observe", "watch", "files"),
    "act": ("hello", "observe", "act"),
    "reboot": ("hello", "observe", "act"),
}
"""What each role may ask."""
_WITHIN = 8.0
_MOST = 60.0
_MOST_SERVICES = 64
_PYTHON = ".".join(map(str, sys.version_info[:3]))

Request = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, and how many seconds it takes to come."""

    body: Answer
    after: float = 0.0


class Verbs:
    """Answers the requests of one client. Raises `Refused`.

    `role` is what the key that it came with is for.
    """

    def __init__(
        self,
        site: Site,
        user: str,
        watching: Watching,
        role: str = "observe",
    ) -> None:
        self._site = site
        self._role = role
        self._user = user
        self._watching = watching
        self._verbs: dict[str, Callable[[Request], Reply]] = {
            "hello": self._hello,
            "observe": self._observe,
            "watch": self._watch,
            "files": self._files,
            "act": self._act,
        }

    def answer(self, request: Request) -> Reply:
        """Return what is answered to a request that `read_request` let by."""
        verb = str(request["verb"])
        if verb == "act" and self._role == "observe":
            raise Refused("forbidden", "cannot act: this key may only look")
        if verb not in VERBS[self._role]:
            raise Refused("unknown_verb", f"cannot do {verb[:64]!r}")
        return self._verbs[verb](request)

    def _hello(self, _: Request) -> Reply:
        return Reply(
            body={
                "gate": __version__,
                "way": "installed",
                "role": self._role,
                "python": _PYTHON,
                "at": self._site.world.now(),
                "boot_id": self._site.world.boot.id,
                "user": self._user if self._role == "observe" else "root",
                "uid": 1001 if self._role == "observe" else 0,
                "verbs": list(VERBS[self._role]),
            }
        )

    def _observe(self, request: Request) -> Reply:
        within = number_of(dict(request), "within", _WITHIN, _MOST)
        look = Look(site=self._site, within=within, now=self._site.world.now())
        parts: Answer = {}
        for name, question in _parts(request).items():
            answer = look.observe(name, question)
            if answer is not None:
                parts[name] = answer
        return Reply(
            body={
                "at": look.now + look.takes,
                "boot_id": self._site.world.boot.id,
                "parts": parts,
                "gaps": look.gaps,
            },
            after=look.takes,
        )

    def _watch(self, request: Request) -> Reply:
        services = request.get("services")
        if not isinstance(services, list) or len(services) > _MOST_SERVICES:
            raise Refused("bad_request", "cannot use services: it is no list")
        if not all(
            isinstance(one, dict) and "name" in one for one in services
        ):
            raise Refused("bad_request", "cannot watch what has no name")
        return Reply(body={"watching": self._watching.watch(services)})

    def _act(self, request: Request) -> Reply:
        now = self._site.world.now()
        answer = self._site.acting.answer(request, self._role)
        look = Look(site=self._site, within=_WITHIN, now=now)
        ahead = looked_ahead(look, request)
        return Reply(body={"at": now, **answer, **ahead}, after=look.takes)

    def _files(self, request: Request) -> Reply:
        return Reply(body=files(self._site, request))


def _parts(request: Request) -> Mapping[str, Mapping[str, object]]:
    parts = request.get("parts")
    if not isinstance(parts, dict) or not all(
        isinstance(question, dict) for question in parts.values()
    ):
        raise Refused("bad_request", "cannot use parts: it is no object")
    return parts
