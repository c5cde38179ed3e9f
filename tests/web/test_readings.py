"""Readings on the wire: what was measured, with units, nothing invented."""

import json
from dataclasses import replace

import pytest

from monitor.domain.answer import Phases
from monitor.domain.backend import BackendReading
from monitor.domain.browser import BrowserReading
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.certificate import Certificate
from monitor.domain.gpu.reading import (
    Gpu,
    GpuFault,
    GpuProcess,
    GpuReading,
)
from monitor.domain.health import Health
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Reading
from monitor.domain.status import StatusReading
from monitor.web.telling.readings import tell
from tests.web.api_house import CANARY, ApiHouse

PRIVATE = "/opt/venv/bin/python facefusion.py run -t /home/ann/wedding.mp4"
"""A process as newer drivers name it, with its arguments."""
CARD = Gpu(
    uuid="GPU-1",
    index=0,
    name="RTX 3090",
    pci_bus_id="00000000:01:00.0",
    utilization_ratio=0.5,
    clock_events=(("sw_power_cap", True), ("hw_slowdown", False)),
    ecc_errors=(("uncorrected", "volatile", 2),),
    processes=(GpuProcess(pid=7, name=PRIVATE, kind="C", memory_bytes=None),),
)


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (None, {}),
        (StatusReading(dialect="rest"), {}),
        (
            StatusReading(
                dialect="rest",
                code=200,
                queue_size=0,
                phases=Phases(connect=0.0012345678),
            ),
            {"code": 200, "queue_size": 0, "connect_seconds": 0.001235},
        ),
        (
            CanaryReading(
                canary="swap",
                operation=Operation.SWAP,
                model="",
                result=Result.OK,
                duration=3.5,
                benchmark=(3.0, 4.0),
                ratio=0.875,
            ),
            {
                "operation": "swap",
                "model": "",
                "result": "ok",
                "duration_seconds": 3.5,
                "benchmark_low_seconds": 3.0,
                "benchmark_high_seconds": 4.0,
                "benchmark_ratio": 0.875,
            },
        ),
        (
            BackendReading(api="legacy", online=False, code=200),
            {"api": "legacy", "online": False, "code": 200},
        ),
        (
            NetworkReading(
                tcp_round_trip=0.001,
                certificate=Certificate(
                    not_before=0.0, not_after=86400.0, flaw="expired"
                ),
            ),
            {
                "tcp_round_trip_seconds": 0.001,
                "certificate_expires_at": "1970-01-02T00:00:00+00:00",
                "certificate_flaw": "expired",
            },
        ),
        (
            BrowserReading(origin="https://a", mixed_content=True),
            {
                "origin": "https://a",
                "allowed_origin": "",
                "mixed_content": True,
            },
        ),
    ],
)
def test_what_was_not_reported_is_left_out(
    reading: Reading | None, said: dict[str, object]
) -> None:
    assert tell(reading) == said


def test_a_card_is_told_with_its_events_errors_and_processes() -> None:
    fault = GpuFault(
        fault="gpu_lost", because="gone", uuid="GPU-2", advice="reboot"
    )
    owners = (("GPU-1", "studio", 1024),)

    said = tell(
        GpuReading(gpus=(CARD,), faults=(fault,), attached=2, owners=owners)
    )

    assert json.loads(json.dumps(said)) == {
        "gpus": [
            {
                "uuid": "GPU-1",
                "index": 0,
                "name": "RTX 3090",
                "pci_bus_id": "00000000:01:00.0",
                "utilization_ratio": 0.5,
                "clock_events": ["sw_power_cap"],
                "ecc_errors": [
                    {"error": "uncorrected", "scope": "volatile", "count": 2}
                ],
                "processes": [
                    {
                        "pid": 7,
                        "name": "python facefusion.py",
                        "memory_bytes": None,
                    }
                ],
            }
        ],
        "faults": [
            {
                "fault": "gpu_lost",
                "uuid": "GPU-2",
                "pci_bus_id": "",
                "because": "gone",
                "health": "unhealthy",
                "advice": "reboot",
            }
        ],
        "owners": [{"uuid": "GPU-1", "owner": "studio", "memory_bytes": 1024}],
        "driver_version": "",
        "cuda_version": "",
        "attached": 2,
    }


async def test_of_several_bad_checks_one_is_told_and_the_rest_counted() -> (
    None
):
    house = ApiHouse()
    for _ in range(3):
        house.clock.pass_time(1)
        house.see(health=Health.UNHEALTHY, reason="refused")
        house.see(CANARY, Health.UNHEALTHY, None, reason="error")

    async with house.client() as client:
        answer = await client.get("/api/v1/targets/studio")

    assert answer.json()["because"] == "status: it is unhealthy (and 1 more)"


@pytest.mark.parametrize("name", ["[Insufficient Permissions]", ""])
def test_a_process_without_a_name_is_told_as_nvidia_smi_does(
    name: str,
) -> None:
    process = GpuProcess(pid=7, name=name, kind="C", memory_bytes=None)

    said = tell(GpuReading(gpus=(replace(CARD, processes=(process,)),)))

    told = json.loads(json.dumps(said))["gpus"][0]["processes"][0]["name"]
    assert told == name
