"""The page of one look: always the text format, never a made-up number."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from monitor.domain.answer import Phases
from monitor.domain.backend import BackendReading
from monitor.domain.browser import BrowserReading
from monitor.domain.canary.reading import (
    CanaryReading,
    Operation,
    Result,
)
from monitor.domain.certificate import Certificate
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.health import Health
from monitor.domain.network import NetworkReading
from monitor.domain.observation import (
    CheckKey,
    Kind,
    Observation,
    Reading,
)
from monitor.domain.status import StatusReading
from monitor.engine.check import Check
from monitor.outputs.probe_page import Pages
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe

STATUS = StatusReading(
    dialect="rest",
    code=200,
    version="3.5.0",
    queue_size=2,
    phases=Phases(resolve=0.0, connect=0.001, processing=0.004),
)
RUN = CanaryReading(
    canary="swap",
    operation=Operation.SWAP,
    model="inswapper_128",
    result=Result.SLOW,
    duration=6.5,
    output_valid=True,
    benchmark=(3.0, 4.0),
    ratio=1.625,
)
CARD = Gpu(
    uuid="GPU-1",
    index=0,
    name="RTX 3090",
    pci_bus_id="00000000:01:00.0",
    utilization_ratio=0.5,
    memory_used_bytes=1024,
    pcie_replays=3,
    recovery_action="None",
    clock_events=(("sw_power_cap", True),),
    ecc_errors=(("uncorrected", "volatile", 2),),
)


def look(
    reading: Reading | None,
    *,
    health: Health = Health.HEALTHY,
    reason: str = "",
    kind: Kind = Kind.TARGET,
    check: str = "status",
) -> Observation:
    return Observation(
        key=CheckKey(
            kind=kind,
            subject="gpu1" if kind is Kind.HOST else "studio",
            check=check,
        ),
        probe=check,
        at=1000.5,
        duration=0.25,
        health=health,
        because="it is",
        reason=reason,
        reading=reading,
    )


Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def page(seen: Observation, *, fresh: bool = True) -> bytes:
    canary = isinstance(seen.reading, CanaryReading)
    check = Check(
        key=seen.key,
        kind="canary" if canary else seen.probe,
        probe=FakeProbe(FakeClock(), seen.key),
        interval=30.0,
        timeout=5.0,
        deadline=7.0,
        benchmark=(3.0, 4.0) if canary else None,
    )
    return Pages().page(check, seen, fresh=fresh)


def series(seen: Observation, *, fresh: bool = True) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(
            page(seen, fresh=fresh).decode()
        )
        for sample in family.samples
    }


def labels(**them: str) -> frozenset[tuple[str, str]]:
    return frozenset(them.items())


def value(seen: Observation, name: str, **labels: str) -> float | None:
    found = {
        number
        for (known, has), number in series(seen).items()
        if known == name and labels.items() <= dict(has).items()
    }
    assert len(found) <= 1
    return found.pop() if found else None


def test_a_status_look_is_told_in_full() -> None:
    seen = look(STATUS)

    assert value(seen, "facefusion_up", target="studio") == 1
    assert value(seen, "facefusion_status_code") == 200
    assert value(seen, "facefusion_queue_size") == 2
    assert value(seen, "facefusion_server_info", version="3.5.0") == 1
    assert value(seen, "facefusion_probe_success", probe="status") == 1
    assert value(seen, "facefusion_probe_duration_seconds") == 0.25
    phase = "facefusion_probe_phase_duration_seconds"
    assert value(seen, phase, phase="processing") == 0.004
    assert value(seen, phase, phase="transfer") is None


def test_a_failed_look_is_a_zero_and_not_an_absence() -> None:
    seen = look(
        StatusReading(dialect="rest"),
        health=Health.UNHEALTHY,
        reason="refused",
    )

    assert value(seen, "facefusion_up") == 0
    assert value(seen, "facefusion_probe_success") == 0
    assert value(seen, "facefusion_status_code") is None


def test_our_own_trouble_says_nothing_of_the_server() -> None:
    seen = look(STATUS, health=Health.UNKNOWN, reason="failed")

    assert value(seen, "facefusion_up") is None
    assert value(seen, "facefusion_probe_success") == 0


@pytest.mark.parametrize(
    ("result", "success", "took"),
    [
        (Result.OK, 1, 6.5),
        (Result.SLOW, 1, 6.5),
        (Result.INVALID_OUTPUT, 0, 6.5),
        (Result.ERROR, 0, None),
        (Result.TIMEOUT, 0, None),
    ],
)
def test_a_canary_that_failed_at_once_was_not_fast(
    result: Result, success: int, took: float | None
) -> None:
    seen = look(replace(RUN, result=result))

    assert value(seen, "facefusion_canary_success") == success
    assert value(seen, "facefusion_canary_last_duration_seconds") == took
    assert (
        value(seen, "facefusion_canary_last_run_timestamp_seconds") == 1000.5
    )


def test_a_canary_that_ran_long_ago_says_when_and_what_is_expected() -> None:
    seen = look(RUN, check="canary.swap")
    about = {"canary": "swap", "target": "studio"}
    prefix = "facefusion_canary_"

    told = series(seen, fresh=False)

    assert told == {
        (f"{prefix}last_run_timestamp_seconds", labels(**about)): 1000.5,
        (f"{prefix}interval_seconds", labels(**about)): 30.0,
        (f"{prefix}benchmark_seconds", labels(**about, bound="low")): 3.0,
        (f"{prefix}benchmark_seconds", labels(**about, bound="high")): 4.0,
    }
    assert told.items() < series(seen).items()


def test_gpus_are_told_by_uuid_with_their_faults() -> None:
    fault = GpuFault(fault="gpu_lost", because="gone", uuid="GPU-2")
    seen = look(
        GpuReading(gpus=(CARD,), faults=(fault,)),
        kind=Kind.HOST,
        check="gpu",
    )

    card = {"host": "gpu1", "uuid": "GPU-1"}
    assert value(seen, "facefusion_gpu_utilization_ratio", **card) == 0.5
    assert value(seen, "facefusion_gpu_memory_used_bytes", **card) == 1024
    assert value(seen, "facefusion_gpu_pcie_replays_total", **card) == 3
    assert value(seen, "facefusion_gpu_recovery_action", **card) == 0
    assert value(seen, "facefusion_gpu_ecc_errors_total", **card) == 2
    assert (
        value(
            seen,
            "facefusion_gpu_clock_event_active",
            reason="sw_power_cap",
        )
        == 1
    )
    assert value(seen, "facefusion_gpu_fault", fault="gpu_lost") == 1
    assert value(seen, "facefusion_gpu_temperature_celsius") is None


def test_the_network_is_told_as_far_as_it_was_measured() -> None:
    certificate = Certificate(not_before=1.0, not_after=2.0)
    seen = look(
        NetworkReading(ping_loss=0.0, certificate=certificate),
        check="network",
    )

    assert value(seen, "facefusion_ping_loss_ratio") == 0
    assert value(seen, "facefusion_ping_round_trip_seconds") is None
    name = "facefusion_tls_certificate_expiry_timestamp_seconds"
    assert value(seen, name) == 2


@pytest.mark.parametrize(
    "reading",
    [None, BrowserReading(origin="https://a"), BackendReading(api="v1")],
)
def test_every_look_says_at_least_whether_it_succeeded(
    reading: Reading | None,
) -> None:
    assert value(look(reading), "facefusion_probe_success") == 1


@given(st.text(st.characters(exclude_categories=["Cs"])), st.floats(0, 1e12))
def test_any_words_of_a_server_stay_inside_their_label(
    words: str, took: float
) -> None:
    reading = StatusReading(
        dialect="rest", version=words, phases=Phases(connect=took)
    )

    found = series(look(reading))

    versions = [
        dict(labels)["version"]
        for name, labels in found
        if name == "facefusion_server_info"
    ]
    assert versions == [words]
    assert took in found.values()
