"""A daemon that plans, applies, and has changes that go on by themselves."""

import json

from typing_extensions import override

from tests.fakes.daemon_api import Asked, FakeDaemon, Said, problem, said
from tests.fakes.daemon_documents import NOW, Json
from tests.fakes.recovery_documents import approved, drill, plan


class FakeDesk(FakeDaemon):
    """Keeps plans and changes.

    `refusal` is what a plan is answered with instead. `course` is how a
    change goes on: each question for it is answered by the next, the last
    one for ever. `too_late`: nothing can be cancelled any more.
    """

    def __init__(self, *targets: Json) -> None:
        super().__init__(*targets)
        self.plans = {str(plan()["id"]): plan()}
        self.course: list[Json] = []
        self.past: list[Json] = []
        self.refusal: Said | None = None
        self.too_late = False
        self.audit: list[Json] = []
        self.flaws: list[str] = []
        self.rehearsal = drill()

    @property
    def bodies(self) -> list[Json]:
        """What was posted, oldest first."""
        posts = [one for one in self.asked if one.method == "POST"]
        return [json.loads(one.body or b"{}") for one in posts]

    @override
    def _get(self, asked: Asked) -> Said:
        match asked.path.split("/")[3:]:
            case ["plans", *id_] if not id_ or id_[0] in self.plans:
                return self._plans(*id_)
            case ["changes"]:
                return self._changes(asked)
            case ["changes", id_] if self.course and (
                self.course[0]["id"] == id_
            ):
                return said({"at": NOW, **self._goes_on()})
            case ["audit", "verification"]:
                return self._verified()
            case ["audit"]:
                after = int(asked.query.get("after", "0"))
                limit = int(asked.query.get("limit", "100"))
                told = self.audit[after : after + limit]
                return said({"at": NOW, "entries": told, "next_after": None})
            case _:
                return super()._get(asked)

    def _plans(self, id_: str = "") -> Said:
        if id_:
            return said({"at": NOW, **self.plans[id_]})
        newest = list(reversed(self.plans.values()))
        return said({"at": NOW, "plans": newest})

    def _goes_on(self) -> Json:
        now = self.course[0]
        if len(self.course) > 1:
            self.course.pop(0)
        return now

    def _changes(self, asked: Asked) -> Said:
        wanted = asked.query.get("target")
        found = [c for c in self.past if wanted in {None, c["target"]}]
        limit = int(asked.query.get("limit", "100"))
        more = found[limit - 1]["id"] if len(found) > limit else None
        return said({"at": NOW, "changes": found[:limit], "next_before": more})

    def _verified(self) -> Said:
        last = self.audit[-1] if self.audit else None
        head = last and {k: last[k] for k in ("sequence", "hash")}
        return said(
            {"at": NOW, "ok": not self.flaws, "entries": len(self.audit)}
            | {"head": head, "flaws": self.flaws}
        )

    @override
    def _change(self, asked: Asked) -> Said:
        if not asked.headers.get("idempotency-key"):
            return problem(400, "cannot do this without an Idempotency-Key")
        body = json.loads(asked.body or b"{}")
        match asked.path.split("/")[3:]:
            case ["targets", name, "plans"] if name in self.targets:
                return self._planned(name, body)
            case ["targets", name, "drills"] if name in self.targets:
                return said({"at": NOW, **self.rehearsal})
            case ["plans", id_, verb] if id_ in self.plans:
                return self._worded(self.plans[id_], verb, body)
            case ["changes", id_, "cancel"] if self.course and (
                self.course[0]["id"] == id_
            ):
                return self._cancelled()
            case _:
                return problem(404, "cannot find what was asked for")

    def _planned(self, name: str, body: Json) -> Said:
        if self.refusal:
            return self.refusal
        made = plan(target=name, action=body["action"])
        made |= {"reason": body["reason"]}
        if "break_glass" in body:
            made |= {"break_glass": body["break_glass"]}
            made |= {"approvals": {"needed": 1, "given": []}}
        return said({"at": NOW, **made}, 201)

    def _worded(self, kept: Json, verb: str, body: Json) -> Said:
        if self.refusal:
            return self.refusal
        match verb:
            case "apply" if body.get("confirm") != kept["confirm"]:
                return problem(409, "cannot apply this plan: type its name")
            case "apply":
                return said({"at": NOW, **self._goes_on()}, 202)
            case "approve":
                kept |= {"approvals": {"needed": 2, "given": [approved()]}}
            case "deny":
                kept |= {"state": "over", "outcome": "denied"}
                kept |= {"because": body["reason"]}
            case "attest":
                kept |= {"state": "over", "outcome": "planned_only"}
                kept |= {"because": body["done"]}
            case _:
                return problem(404, "cannot find what was asked for")
        return said({"at": NOW, **kept})

    def _cancelled(self) -> Said:
        now = self.course[0]
        if now["outcome"] is None and not self.too_late:
            now |= {"state": "ended", "outcome": "cancelled"}
        return said({"at": NOW, **now})
