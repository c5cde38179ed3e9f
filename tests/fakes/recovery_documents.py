"""Plans, changes and the audit as the daemon's REST API sends them."""

from tests.fakes.daemon_documents import NOW, Json

PLAN = "2f1c6d7e8b9a4c3d9e0f1a2b3c4d5e6f"
CHANGE = "9c0d5be1b3f047f6a2f10d8a8d0d7c55"


def gate(name: str, word: str = "allowed", because: str = "so it is") -> Json:
    return {"gate": name, "word": word, "because": because}


def plan(id_: str = PLAN, **changes: object) -> Json:
    return {
        "id": id_,
        "digest": "d1" * 32,
        "state": "open",
        "outcome": None,
        "because": "it waits to be applied",
        "target": "studio",
        "host": "gpu1",
        "action": "restart",
        "reason": "it hangs",
        "asked_by": "ann",
        "trigger": "person",
        "cause": "hung",
        "steps": ["ask systemd to restart facefusion.service", "look at it"],
        "gates": [
            gate("maintenance", because="no work is planned"),
            gate("busy", "waiting", "1 job is under way"),
        ],
        "processes": [
            {
                "pid": 4711,
                "user_id": 1000,
                "start_ticks": 8914203,
                "program": "python facefusion.py",
                "is_server": True,
            }
        ],
        "in_flight": ["job 7, a swap, for 12 s"],
        "cards": [],
        "bystanders": [],
        "notes": [],
        "by_hand": [],
        "parent": None,
        "break_glass": None,
        "approvals": {"needed": 0, "given": []},
        "confirm": "studio",
        "change": None,
        "created_at": NOW,
        "age_seconds": 0.0,
        "expires_at": "2026-11-22T16:15:00Z",
        "remaining_seconds": 900.0,
        **changes,
    }


def approved(who: str = "bob") -> Json:
    return {"who": who, "at": NOW, "age_seconds": 0.0}


def change(id_: str = CHANGE, **changes: object) -> Json:
    return {
        "id": id_,
        "plan": PLAN,
        "target": "studio",
        "host": "gpu1",
        "action": "restart",
        "state": "ready",
        "outcome": None,
        "because": "it was applied",
        "progress": "it was applied",
        "asked_by": "ann",
        "trigger": "person",
        "cancel_asked_by": None,
        "created_at": NOW,
        "age_seconds": 0.0,
        "updated_at": NOW,
        "updated_age_seconds": 0.0,
        "intent_at": None,
        "expires_at": "2026-11-22T16:15:00Z",
        "done": False,
        "parent": None,
        **changes,
    }


def rung(action: str = "restart", **changes: object) -> Json:
    """A rung of a recover that is under way."""
    return {
        "id": f"c-{action}",
        "plan": f"p-{action}",
        "action": action,
        "state": "sent",
        "outcome": None,
        "because": "the gate has it",
        "approvals": {"needed": 0, "given": []},
        "confirm": "studio",
        **changes,
    }


def drill(**changes: object) -> Json:
    """A rehearsal that found all ready."""
    return {
        "target": "studio",
        "cause": "none",
        "ready": True,
        "exercises": [tried("acting gate of gpu1")],
        "rungs": [
            rehearsed("restart", "run", steps=["ask systemd to restart it"]),
            rehearsed("free-gpu-memory", "not_applicable"),
            rehearsed("reboot", "wait"),
        ],
        **changes,
    }


def tried(what: str, *, passed: bool | None = True) -> Json:
    return {"what": what, "passed": passed, "because": f"{what} was tried"}


def rehearsed(action: str, would: str, **changes: object) -> Json:
    return {
        "action": action,
        "would": would,
        "because": f"because of {would}",
        "gates": [gate("healthy", "refused", "the server is well")],
        "steps": [],
        "notes": [],
        "by_hand": [],
        **changes,
    }


def ended(outcome: str, *, begun: bool = True, **changes: object) -> Json:
    """A change that has its outcome, some 42 s after its intent."""
    return change(
        state="ended",
        outcome=outcome,
        because=f"because of {outcome}",
        progress=f"because of {outcome}",
        intent_at="2026-11-22T16:00:10Z" if begun else None,
        updated_at="2026-11-22T16:00:52Z",
    ) | dict(changes)


def audited(sequence: int, hash_: str) -> Json:
    return {
        "sequence": sequence,
        "at": NOW,
        "at_unix": 1_795_363_200.0,
        "age_seconds": 0.0,
        "what": "planned",
        "plan": PLAN,
        "who": "ann",
        "action": "restart",
        "target": "studio",
        "host": "gpu1",
        "change": "",
        "trigger": "person",
        "outcome": "",
        "because": "",
        "detail": [],
        "before": "0" * 64,
        "hash": hash_,
    }
