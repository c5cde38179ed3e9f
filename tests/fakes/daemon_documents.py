"""Documents as the daemon's REST API sends them, for a fake of it."""

Json = dict[str, object]
NOW = "2026-11-22T16:00:00Z"


def check(name: str = "status", **changes: object) -> Json:
    return {
        "name": name,
        "probe": name,
        "health": "healthy",
        "since": "2026-11-22T12:00:00Z",
        "because": "answered 200 in 0.012 s",
        "flapping": False,
        "interval_seconds": 30.0,
        "timeout_seconds": 5.0,
        "last_success_at": NOW,
        "last": {
            "at": "2026-11-22T15:59:48Z",
            "age_seconds": 12.0,
            "duration_seconds": 0.012,
            "fresh": True,
            "succeeded": True,
            "health": "healthy",
            "reason": "",
            "because": "answered 200 in 0.012 s",
            "reading": {"code": 200},
        },
        "last_skipped": None,
        **changes,
    }


def diagnosis(cause: str = "none", **changes: object) -> Json:
    return {
        "cause": cause,
        "severity": "info",
        "since": "2026-11-22T12:00:00Z",
        "because": "nothing is wrong",
        "remedies": [],
        "health": "healthy",
        "evidence": [],
        "unknown": [],
        "also": [],
        "advice": "",
        "runbook": "",
        "page": "none",
        "withheld_because": "",
        **changes,
    }


def page(number: int, **changes: object) -> Json:
    return {
        "id": number,
        "target": "studio",
        "host": "gpu1",
        "cause": "process_down",
        "severity": "critical",
        "because": "no process",
        "remedies": ["restart"],
        "began_at": f"2026-11-22T15:{number:02}:00Z",
        "age_seconds": 60.0,
        "woken": "now",
        "withheld": None,
        "withheld_because": "",
        "ended_at": f"2026-11-22T15:{number:02}:30Z",
        "duration_seconds": 30.0,
        **changes,
    }


def target(name: str = "studio", **changes: object) -> Json:
    return {
        "name": name,
        "url": f"http://{name}.example:9002",
        "dialect": "rest",
        "host": "gpu1",
        "labels": {},
        "health": "healthy",
        "since": "2026-11-22T12:00:00Z",
        "because": "all checks are well",
        "diagnosis": diagnosis(),
        "seen_at": "2026-11-22T15:59:48Z",
        "age_seconds": 12.0,
        "maintenance": None,
        "checks": [check()],
        **changes,
    }


def entry(number: int, kind: str, **changes: object) -> Json:
    return {
        "id": number,
        "kind": kind,
        "check": "status",
        "at": f"2026-11-22T15:{number:02}:00Z",
        "age_seconds": 60.0,
        "health": "healthy",
        "before": None,
        "result": None,
        "duration_seconds": None,
        "diagnosis": None,
        "reason": "",
        "because": f"line {number}",
        "maintenance": False,
        **changes,
    }


def window(**changes: object) -> Json:
    return {
        "id": "w1",
        "active": True,
        "starts_at": NOW,
        "ends_at": "2026-11-22T18:00:00Z",
        "ended_at": None,
        "remaining_seconds": 7200.0,
        "reason": "new driver",
        "by": "ann",
        "created_at": NOW,
        "age_seconds": 0.0,
        "targets": ["studio"],
        "hosts": [],
        "labels": {},
        **changes,
    }


def host(name: str = "gpu1", **changes: object) -> Json:
    return {
        "name": name,
        "targets": ["studio"],
        "health": "healthy",
        "since": NOW,
        "because": "2 GPUs answer",
        "seen_at": NOW,
        "age_seconds": 0.0,
        "checks": [check("gpu")],
        **changes,
    }


def look(name: str, what: str) -> Json:
    seen = check(what)
    return {
        "at": NOW,
        "target": name,
        "check": what,
        "observation": seen["last"],
        "health": "healthy",
        "since": NOW,
        "because": "answered 200 in 0.012 s",
        "changed": None,
    }
