"""Of FaceFusion's jobs only ids, times and numbers leave the host."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.gaps import Gaps
from monitor.gate.jobs import observe_jobs, parse_job
from monitor.gate.protocol import Refused

UPDATED = "2026-11-22T13:00:00.5+01:00"


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    for folder in ("drafted", "queued", "completed", "failed"):
        (tmp_path / ".jobs" / folder).mkdir(parents=True)
    return tmp_path / ".jobs"


def job(*states: str, updated: object = UPDATED) -> str:
    steps = [
        {"args": {"target_path": "/home/ann/private.jpg"}, "status": one}
        for one in states
    ]
    return json.dumps(
        {"version": "1", "date_updated": updated, "steps": steps}
    )


def look(folder: Path) -> tuple[dict, Gaps]:  # type: ignore[type-arg]
    gaps = Gaps("jobs")
    return observe_jobs({"directory": str(folder)}, gaps), gaps


def test_jobs_are_counted_and_begun_ones_told(jobs: Path) -> None:
    (jobs / "queued/ui-1.json").write_text(
        job("completed", "started", "queued")
    )
    (jobs / "queued/ui-2.json").write_text(job("queued"))
    (jobs / "queued/notes.txt").write_text("x")
    (jobs / "failed/ui-0.json").write_text("{")

    answer, gaps = look(jobs)

    assert answer == {
        "counts": {"drafted": 0, "queued": 2, "completed": 0, "failed": 1},
        "started": [
            {
                "id": "ui-1",
                "updated_at": 1795348800.5,
                "steps": 3,
                "steps_done": 1,
            }
        ],
        "unreadable": 0,
        "more": False,
    }
    assert gaps.entries == []
    assert "private" not in json.dumps(answer)


@pytest.mark.parametrize("updated", [None, 7, "soon", "2026-11-22T13:00:00"])
def test_a_time_without_its_zone_is_not_guessed(
    jobs: Path, updated: object
) -> None:
    (jobs / "queued/a.json").write_text(job("started", updated=updated))

    answer, _ = look(jobs)

    assert answer["started"][0]["updated_at"] is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"steps": 7}', "[" * 100_000]
)
def test_what_is_no_job_is_counted_as_unreadable(
    jobs: Path, text: str
) -> None:
    (jobs / "queued/a.json").write_text(text)

    answer, _ = look(jobs)

    assert (answer["unreadable"], answer["started"]) == (1, [])


def test_only_regular_files_of_a_sane_size_are_read(jobs: Path) -> None:
    os.mkfifo(jobs / "queued/pipe.json")
    (jobs / "queued/big.json").write_text(" " * (1 << 20) + job("started"))
    (jobs / "link").write_text(job("started"))
    (jobs / "queued/link.json").symlink_to(jobs / "link")

    answer, _ = look(jobs)

    assert (answer["unreadable"], answer["started"]) == (3, [])


def test_a_job_that_went_on_meanwhile_is_not_unreadable(
    jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (jobs / "queued/a.json").write_text(job("started"))
    (jobs / "queued/b.json").write_text(job("started"))

    def changed(folder: str, name: str) -> float:
        if name == "a.json":
            (Path(folder) / name).unlink()
        return 1.0

    monkeypatch.setattr("monitor.gate.jobs._changed", changed)

    answer, _ = look(jobs)

    assert answer["unreadable"] == 0
    assert [one["id"] for one in answer["started"]] == ["b"]


def test_a_file_that_fails_while_it_is_read_is_unreadable(
    jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (jobs / "queued/a.json").write_text(job("started"))

    def fail(_file: int, _size: int) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("monitor.gate.jobs.os.read", fail)
        answer, _ = look(jobs)

    assert answer["unreadable"] == 1


def test_a_job_gone_while_it_is_looked_at_is_old(
    jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (jobs / "queued/a.json").write_text(job("started"))

    def gone(_path: str) -> os.stat_result:
        raise FileNotFoundError

    with monkeypatch.context() as patched:
        patched.setattr("monitor.gate.jobs.os.lstat", gone)
        answer, _ = look(jobs)

    assert len(answer["started"]) == 1


def test_of_many_jobs_those_changed_last_are_read(
    jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.gate.jobs._PARSED", 2)
    for number in range(4):
        file = jobs / f"queued/{number}.json"
        file.write_text(job("started"))
        os.utime(file, (number, number))

    answer, _ = look(jobs)

    assert [one["id"] for one in answer["started"]] == ["3", "2"]
    assert answer["counts"]["queued"] == 4
    assert answer["more"]


def test_counting_ends(jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.gate.jobs._COUNTED", 2)
    for number in range(4):
        (jobs / f"completed/{number}.json").write_text("")

    answer, _ = look(jobs)

    assert answer["counts"]["completed"] == 2
    assert answer["more"]


def test_reading_ends(jobs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.gate.jobs._ALL_BYTES", 1)
    for number in range(4):
        (jobs / f"queued/{number}.json").write_text(job("started"))

    answer, _ = look(jobs)

    assert len(answer["started"]) == 1
    assert answer["more"]


def test_a_missing_folder_is_a_gap(tmp_path: Path) -> None:
    answer, gaps = look(tmp_path / "no")

    assert answer["counts"] is None
    assert "--jobs-path" in gaps.entries[0]["because"]


def test_a_missing_folder_inside_is_empty(jobs: Path) -> None:
    (jobs / "failed").rmdir()

    answer, gaps = look(jobs)

    assert answer["counts"]["failed"] == 0
    assert gaps.entries == []


def test_a_folder_that_cannot_be_listed_is_a_gap(jobs: Path) -> None:
    (jobs / "queued").rmdir()
    (jobs / "queued").write_text("no folder")

    answer, gaps = look(jobs)

    assert answer["counts"]["queued"] is None
    assert gaps.entries[0]["what"] == "queued"


def test_a_relative_directory_is_refused() -> None:
    with pytest.raises(Refused):
        observe_jobs({"directory": ".jobs"}, Gaps("jobs"))


@given(st.binary() | st.text().map(str.encode))
def test_any_file_is_a_job_or_none(text: bytes) -> None:
    assert parse_job(text) is None or text


@given(
    st.lists(
        st.none() | st.text() | st.fixed_dictionaries({"status": st.text()})
    ),
    st.text() | st.datetimes().map(str) | st.just("0001-01-01T00:00:00+23:59"),
)
def test_any_steps_are_counted(steps: list[object], updated: str) -> None:
    found = parse_job(
        json.dumps({"steps": steps, "date_updated": updated}).encode()
    )

    assert found
    assert found["steps"] == len(steps)
