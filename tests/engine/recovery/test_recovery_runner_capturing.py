"""The capture: what is kept before anything is done."""

import json
from dataclasses import replace

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogReading
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.recovery.situation import Work
from monitor.engine.recovery.capturing import MOST_BYTES, Known, capture
from tests.domain.recovery.situations import (
    SERVER,
    SERVICE,
    TARGET,
    diagnosis,
    situation,
)
from tests.engine.recovery.theatre import Theatre, play


def look(check: str, *lines: str, kind: Kind = Kind.TARGET) -> Look:
    key = CheckKey(kind=kind, subject="studio", check=check)
    seen = Observation(
        key=key,
        probe=check,
        at=1.0,
        duration=float("nan"),
        health=Health.UNHEALTHY,
        because="bad",
        reason="bad",
        reading=LogReading(source="journal", cursor=None, last_lines=lines),
    )
    return Look(key=key, probe=check, seen=seen)


def known(**case: object) -> Known:
    async def made() -> Known:
        plan = Theatre().plan()
        service = replace(
            SERVICE,
            processes=(
                replace(
                    SERVER,
                    cmdline=("python", "facefusion.py", "/home/ann/a.jpg"),
                    cwd="/home/ann/private",
                ),
                replace(SERVER, pid=813, cwd=None),
            ),
        )
        return Known(
            at=5.0,
            plan=plan,
            aim=plan.aim,
            situation=situation(work=Work(jobs=("a swap",), moves=None)),
            diagnosis=diagnosis(),
            case=replace(Case(now=5.0, target=TARGET), **case),  # type: ignore[arg-type]  # by name
            service=service,
        )

    return play(made)


def test_it_holds_what_helps_to_find_out_why() -> None:
    facts = known(
        looks={"logs": look("logs", "CUDA error: illegal access")},
        host={"gpu": look("gpu", kind=Kind.HOST)},
        control=look("control", kind=Kind.MONITOR),
    )

    kept = json.loads(capture(facts))

    assert kept["reason"] == "it hangs"
    assert kept["diagnosis"]["cause"] == "hung"
    assert kept["service"]["processes"][0]["pid"] == SERVER.pid
    lines = kept["look logs"]["reading"]["last_lines"]
    assert lines == ["CUDA error: illegal access"]
    assert kept["look logs"]["duration"] is None
    assert kept["host gpu"]["health"] == "unhealthy"
    assert kept["control"]["reason"] == "bad"
    assert kept["work"]["jobs"] == ["a swap"]
    assert kept["left_out"] == []


def test_what_is_private_is_not_kept() -> None:
    text = capture(known())

    first = json.loads(text)["service"]["processes"][0]
    assert first["cmdline"] == "python facefusion.py"
    assert "/home/ann" not in text
    assert json.loads(text)["service"]["processes"][1]["cwd"] is None


def test_secrets_are_masked() -> None:
    facts = known(looks={"logs": look("logs", "password=hunter22")})

    assert "hunter22" not in capture(facts)


def test_it_has_a_bound_and_says_what_is_left_out() -> None:
    many = ["é" * 300] * 500
    facts = known(
        looks={
            "logs": look("logs", *many),
            "status": look("status", "short"),
        }
    )

    text = capture(facts)

    assert len(text.encode()) <= MOST_BYTES
    kept = json.loads(text)
    assert kept["left_out"] == ["look logs"]
    assert "look status" in kept


def test_it_is_in_the_journal_before_the_intent() -> None:
    async def story() -> None:
        there = Theatre()

        await there.monitor("a").carry(await there.applied())

        steps = there.steps()
        assert steps.index("captured") < steps.index("intent")
        text = there.journal.all_captured["c1"].text
        assert json.loads(text)["diagnosis"]["cause"] == "hung"

    play(story)
