"""Digests, identities, principals, plans and refusals."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.identity import (
    Identity,
    identities,
    is_boot_id,
)
from monitor.domain.recovery.plan import Aim, BreakGlass, Plan, PlanRecord
from monitor.domain.recovery.refusal import RefusedPlan
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Action, Outcome, Word
from monitor.domain.service.reading import Process, ServiceReading
from tests.domain.recovery.situations import (
    ANN,
    BOOT,
    NOW,
    ROBOT,
    SERVER,
    SERVICE,
)

IDENTITY = Identity(
    boot_id=BOOT,
    pid=812,
    start_ticks=140_000,
    uid=990,
    cmdline=("python", "facefusion.py", "run"),
    cwd="/opt/facefusion",
    cgroup="/system.slice/facefusion.service",
    is_server=True,
)
AIM = Aim(
    action=Action.RESTART,
    target="studio",
    url="http://192.168.1.10:9002",
    host="gpu1",
    manager="systemd",
    unit="facefusion.service",
    directory="/opt/facefusion",
    port=9002,
    boot_id=BOOT,
    processes=(IDENTITY,),
    steps=("restart facefusion.service",),
)
OTHER: dict[str, object] = {
    "action": Action.REBOOT,
    "target": "annex",
    "url": "http://192.168.1.11:9002",
    "host": "gpu2",
    "manager": "docker",
    "unit": "facefusion",
    "directory": "/srv/facefusion",
    "port": 9003,
    "boot_id": "another",
    "processes": (),
    "steps": (),
    "break_glass": BreakGlass(gate="cooldown", reason="why"),
    "cards": ("GPU-1",),
    "bystanders": ("the server annex goes down with it",),
}
OF_PROCESS: dict[str, object] = {
    "boot_id": "another",
    "pid": 813,
    "start_ticks": 140_001,
    "uid": 991,
    "cmdline": ("python",),
    "cwd": "/",
    "cgroup": "/",
    "is_server": False,
}


def test_the_digest_of_an_aim_stays_as_it_is() -> None:
    assert digest(AIM) == digest(replace(AIM))
    assert digest(AIM) == (
        "12753b21a50e52ea22740c3299fc47c951c724a8db572af14bde7415c3d57ccc"
    )


@pytest.mark.parametrize("name", sorted(OTHER))
def test_another_aim_has_another_digest(name: str) -> None:
    other = replace(AIM, **{name: OTHER[name]})  # type: ignore[arg-type]  # by name

    assert digest(other) != digest(AIM)


@pytest.mark.parametrize("name", sorted(OF_PROCESS))
def test_an_aim_at_another_process_has_another_digest(name: str) -> None:
    other = replace(
        IDENTITY,
        **{name: OF_PROCESS[name]},  # type: ignore[arg-type]  # by name
    )

    assert digest(replace(AIM, processes=(other,))) != digest(AIM)


@given(st.text())
def test_any_text_has_a_digest(text: str) -> None:
    aim = replace(AIM, directory=text + "\udcff")

    assert len(digest(aim)) == 64


def test_every_part_of_an_aim_and_of_a_process_is_bound() -> None:
    assert set(OTHER) == set(Aim.__dataclass_fields__)
    assert set(OF_PROCESS) == set(Identity.__dataclass_fields__)


def test_a_process_is_known_by_what_does_not_change() -> None:
    assert identities(SERVICE) == (IDENTITY,)


def test_processes_come_in_one_order_and_without_strangers() -> None:
    child = Process(pid=90, start_ticks=7, started_at=NOW, uid=990)
    hidden = Process(pid=91, start_ticks=8, started_at=NOW)
    reading = replace(SERVICE, processes=(SERVER, hidden, child))

    found = identities(reading)

    assert [one.pid for one in found] == [90, 812]
    assert found[0].cwd == ""
    assert found == identities(
        replace(reading, processes=reading.processes[::-1])
    )


def test_without_a_boot_no_process_is_known() -> None:
    reading = ServiceReading(manager="process", port=9002, processes=(SERVER,))

    assert identities(reading) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOOT, True),
        (BOOT.upper(), False),
        (f"{BOOT}\n", False),
        (f" {BOOT}", False),
        (BOOT.replace("-", ""), False),
        (f"{{{BOOT}}}", False),
        ("00000000-0000-0000-0000-000000000000", False),
        ("cat: /proc/sys/kernel/random/boot_id: Permission denied", False),
        ("", False),
        (BOOT.replace("0d9f", "0d9\u0663"), False),
    ],
)
def test_a_boot_id_is_a_uuid_as_the_kernel_writes_it(
    text: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert is_boot_id(text) is expected


def test_people_are_named_by_person_and_automation_by_its_rule() -> None:
    assert ANN.who == "ann"
    assert ROBOT.who == "diagnosis:hung"


def test_a_plan_is_open_until_it_is_applied_or_closed() -> None:
    record = PlanRecord(
        plan=Plan(
            id="p1",
            aim=AIM,
            digest=digest(AIM),
            reason="it hangs",
            by=ANN,
            cause="hung",
            created_at=NOW,
            expires_at=NOW + 900.0,
            gates=(),
        )
    )

    assert record.is_open
    assert not replace(record, change="c1").is_open
    assert not replace(record, outcome=Outcome.DENIED).is_open


def test_a_refusal_brings_the_steps_and_all_verdicts() -> None:
    gates = [Verdict(gate="lock", word=Word.ALLOWED, because="free")]

    refusal = RefusedPlan("cannot restart", steps=AIM.steps, gates=gates)

    assert str(refusal) == "cannot restart"
    assert refusal.steps == AIM.steps
    assert refusal.gates == tuple(gates)
