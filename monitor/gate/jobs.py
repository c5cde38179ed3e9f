"""The part `jobs`: FaceFusion's jobs on disk (facts/facefusion.md §3.2).

Job files hold paths and arguments, which are personal: only ids, times and
numbers of steps leave the host.
"""

from __future__ import annotations

import heapq
import json
import os
import stat
from datetime import datetime

from monitor.gate.finding import absolute_path
from monitor.gate.gaps import Gaps

_FOLDERS = ("drafted", "queued", "completed", "failed")
_COUNTED = 10_000
_PARSED = 500
_JOB_BYTES = 1 << 20
_ALL_BYTES = 32 << 20
_JOB_ID = 128


class _Queue:
    """What queued/ holds: jobs of which a step has begun, and flaws."""

    def __init__(self) -> None:
        self.started: list[dict[str, object]] = []
        self.unreadable = 0
        self.more = False


def observe_jobs(question: dict[str, object], gaps: Gaps) -> dict[str, object]:
    """Return the jobs as README.md says. Raises `Refused`.

    `counts` is None where the folder is missing, and one of them where it
    may not be read.
    """
    directory = absolute_path(question.get("directory"), "directory")
    queue = _Queue()
    if not os.path.isdir(directory):
        gaps.add(
            "directory",
            f"cannot find the jobs folder {directory}, or look into it; "
            "check service.directory, and --jobs-path of FaceFusion",
        )
        return _jobs_answer(None, queue)
    counts: dict[str, int | None] = {}
    for folder in _FOLDERS:
        names = _job_names(os.path.join(directory, folder), queue, gaps)
        counts[folder] = None if names is None else len(names)
        if folder == "queued":
            _read_queue(os.path.join(directory, folder), names or [], queue)
    return _jobs_answer(counts, queue)


def _jobs_answer(
    counts: dict[str, int | None] | None, queue: _Queue
) -> dict[str, object]:
    return {
        "counts": counts,
        "started": queue.started,
        "unreadable": queue.unreadable,
        "more": queue.more,
    }


def _job_names(folder: str, queue: _Queue, gaps: Gaps) -> list[str] | None:
    """Return at most 10,000 names; a folder that is not there is empty."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if len(names) >= _COUNTED:
                    queue.more = True
                    break
                if entry.name.endswith(".json"):
                    names.append(entry.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        said = (error.strerror or "").lower()
        gaps.add(
            os.path.basename(folder),
            f"cannot list {folder}: {said}; log in as a user that may",
        )
        return None
    return names


def _read_queue(folder: str, names: list[str], queue: _Queue) -> None:
    """Read the jobs that were changed last, at most 500 of them."""
    newest = heapq.nlargest(_PARSED, names, key=lambda n: _changed(folder, n))
    queue.more = queue.more or len(names) > len(newest)
    left = _ALL_BYTES
    for name in newest:
        if left <= 0:
            queue.more = True
            break
        try:
            text = _job_text(os.path.join(folder, name))
        except FileNotFoundError:  # it went on to another folder
            continue
        left -= len(text or b"")
        steps = None if text is None else parse_job(text)
        if steps is None:
            queue.unreadable += 1
        elif steps["started"]:
            queue.started.append(_started(name, steps))


def _started(name: str, job: dict[str, object]) -> dict[str, object]:
    return {
        "id": name[: -len(".json")][:_JOB_ID],
        "updated_at": job["updated_at"],
        "steps": job["steps"],
        "steps_done": job["steps_done"],
    }


def _changed(folder: str, name: str) -> float:
    try:
        return os.lstat(os.path.join(folder, name)).st_mtime
    except OSError:
        return 0.0


def _job_text(path: str) -> bytes | None:
    """Return a job file of at most 1 MiB, None for anything else.

    Raises `FileNotFoundError` for one that is no longer there.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        file = os.open(path, flags)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _JOB_BYTES:
            return None
        return os.read(file, _JOB_BYTES)
    except OSError:
        return None
    finally:
        os.close(file)


def parse_job(text: bytes) -> dict[str, object] | None:
    """Return what a job file says of its steps, None when it is none."""
    try:
        job = json.loads(text)
    except (ValueError, RecursionError):
        return None
    steps = job.get("steps") if isinstance(job, dict) else None
    if not isinstance(steps, list):
        return None
    states = [s.get("status") if isinstance(s, dict) else None for s in steps]
    return {
        "started": "started" in states,
        "steps": len(steps),
        "steps_done": states.count("completed"),
        "updated_at": _unix_time(job.get("date_updated")),
    }


def _unix_time(text: object) -> float | None:
    """Return the time of an ISO 8601 text; None without its time zone."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.timestamp() if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
