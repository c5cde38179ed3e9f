"""The jobs folder: a JSON file a job, moved from state to state."""

import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

STATES = ("drafted", "queued", "completed", "failed")


class Jobs:
    """`path` is the folder .jobs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        for state in STATES:
            (path / state).mkdir(parents=True, exist_ok=True)

    def start(self, prefix: str) -> str:
        """Put a job with a step that has begun into queued/."""
        with self._lock:
            name = _free(self.path, f"{prefix}-{_now():%Y-%m-%d-%H-%M-%S}")
            self._write("queued", name, "started")
        return name

    def finish(self, name: str, state: str) -> None:
        """Move a job to completed/ or failed/."""
        self._write("queued", name, state)
        source = self.path / "queued" / f"{name}.json"
        source.rename(self.path / state / f"{name}.json")

    def _write(self, folder: str, name: str, status: str) -> None:
        path = self.path / folder / f"{name}.json"
        now = _now().isoformat()
        created = now
        if path.exists():
            created = json.loads(path.read_text())["date_created"]
        step = {"args": {"target_path": "/data/ann.jpg"}, "status": status}
        job = {
            "version": "1",
            "date_created": created,
            "date_updated": now,
            "steps": [step],
        }
        path.write_text(json.dumps(job, indent=4))


def _free(path: Path, stem: str) -> str:
    """Return a name that no job has: the real ones collide in a second."""
    taken = {file.stem for file in path.rglob("*.json")}
    name, number = stem, 1
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def _now() -> datetime:
    return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)
