"""The digest of an aim: what a plan and its approvals are bound to."""

import json
from dataclasses import asdict
from hashlib import sha256

from monitor.domain.recovery.plan import Aim


def digest(aim: Aim) -> str:
    """Return the SHA-256 of an aim, in hex: another aim has another."""
    text = json.dumps(asdict(aim), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
