"""An acting gate that acts on nothing, as a forced command: it only tells.

Speaks what monitor/gate/README.md says of `act`. Its first argument is the
role that it says it has; the others are `service` or `service=reason`, which
is refused for that reason. A change's name is a habit: `cut` ends before
the answer, `late` answers too late, `huge` answers too much.
"""

import json
import os
import sys
import time
from typing import Any

BOOT = "0f5e8a4e-6d4c-4b39-9a52-000000000001"
ROLE, *SERVICES = sys.argv[1:]
KNOWN = dict(one.partition("=")[::2] for one in SERVICES)
SERVICE = {
    "now": 2.0,
    "unit": {
        "kind": "systemd",
        "name": "facefusion.service",
        "load_state": "loaded",
        "active_state": "active",
        "sub_state": "running",
        "restart_policy": "no",
    },
    "processes": [],
    "listeners": [],
    "port_taken_by": None,
}


def say(**words: object) -> None:
    line = json.dumps({"v": 1, "at": 2.0, "highest": 7, **words}) + "\n"
    os.write(1, line.encode())


def refuse(word: str, reason: str) -> None:
    say(id=word, error={"reason": reason, "because": f"cannot: {reason}"})


def act(asked: dict[str, Any]) -> None:
    word, name, change = asked["id"], asked["service"], asked["change"]
    if reason := KNOWN.get(name, "unknown_service"):
        refuse(word, reason)
    elif asked["do"] == "prepare":
        say(id=word, boot_id=BOOT, nonce="n", lasts=30, service=SERVICE)
    elif asked["do"] == "became":
        more = {"because": "", "steps": [], "service": SERVICE}
        say(id=word, boot_id=BOOT, state="none", **more)
    else:
        restart(word, change)


def restart(word: str, change: str) -> None:
    if change == "cut":
        os._exit(3)
    if change == "huge":
        os.write(1, b"x" * 5_000_000 + b"\n")
    if change == "late":
        time.sleep(1.0)
    say(id=word, state="done", because="told only", steps=["said so"])


def main() -> None:
    greeting = {"gate": "0.1.0", "way": "installed", "role": ROLE}
    more = {"python": "3.9.18", "verbs": ["hello", "observe", "act"]}
    skip = 0
    for line in sys.stdin.buffer:
        if skip > 0:
            skip -= len(line)
            continue
        asked = json.loads(line.removeprefix(b"# "))
        if asked["verb"] == "hello":
            skip = asked.get("skip", 0)
            say(id=asked["id"], **greeting, **more)
        else:
            act(asked)


if __name__ == "__main__":
    main()
