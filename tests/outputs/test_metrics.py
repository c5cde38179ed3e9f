"""A scrape is a public promise."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.canary.reading import Result
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.health import Health
from monitor.domain.status import StatusReading
from monitor.outputs.metrics.families import FAMILIES
from tests.outputs.house import (
    CARD,
    ENHANCE,
    GPUS,
    LOST,
    RUN,
    STATUS,
    House,
)

WEDGED = GpuReading(faults=(GpuFault(fault="gpu_wedged", because="it hangs"),))
GOLDEN = Path(__file__).parents[1] / "expected" / "house.metrics"


def scrape(house: House) -> str:
    return house.metrics.render().decode()


def series(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_a_scrape_of_a_fixed_state_equals_the_golden_file(
    request: pytest.FixtureRequest,
) -> None:
    house = House()
    house.fill()

    text = scrape(house)

    if request.config.getoption("--update"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_every_metric_of_the_table_is_in_the_golden_file() -> None:
    golden = GOLDEN.read_text()

    missing = {n for n in FAMILIES if f"\n{n}" not in f"\n{golden}"}

    assert missing == {
        # the card of the golden file does not report them
        "facefusion_gpu_encoder_utilization_ratio",
        "facefusion_gpu_decoder_utilization_ratio",
        "facefusion_gpu_memory_temperature_celsius",
        "facefusion_gpu_slowdown_temperature_celsius",
    }


def test_promtool_finds_nothing_to_say(promtool: str) -> None:
    house = House()
    house.fill()

    checked = subprocess.run(  # noqa: S603 - a fixed program, our own text
        [promtool, "check", "metrics"],
        input=scrape(house),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_reading_that_is_too_old_is_removed() -> None:
    house = House()
    house.fill()

    house.clock.pass_time(3600)
    text = scrape(house)

    gone = [
        "facefusion_up",
        "facefusion_status_code",
        "facefusion_queue_size",
        "facefusion_probe_success",
        "facefusion_probe_duration",
        "facefusion_probe_phase",
        "facefusion_canary_success",
        "facefusion_canary_output_valid",
        "facefusion_canary_last_duration",
        "facefusion_gpu_temperature",
        "facefusion_gpu_fault",
        "_ratio{",
    ]
    assert [s for s in series(text) for g in gone if g in s] == []
    assert 'facefusion_health{state="unknown",target="studio"} 1.0' in text


def test_timestamps_counters_and_identity_never_grow_too_old() -> None:
    house = House()
    house.fill()

    house.clock.pass_time(3600)
    text = scrape(house)

    assert (
        "facefusion_probe_last_run_timestamp_seconds"
        '{probe="status",target="studio"} 1.699999998e+09' in text
    )
    assert "facefusion_gpu_info{" in text
    assert "facefusion_gpu_pcie_replays_total{" in text
    assert "facefusion_gpu_ecc_errors_total{" in text
    assert "facefusion_probe_runs_total{" in text
    assert "facefusion_server_info{" in text


def test_gpu_readings_go_when_a_collection_fails_and_the_fault_stays() -> None:
    house = House()
    house.fill()

    house.saw(GPUS, Health.UNHEALTHY, WEDGED, reason="timeout")
    text = scrape(house)

    assert "facefusion_gpu_temperature_celsius" not in text
    assert (
        'facefusion_gpu_fault{fault="gpu_wedged",host="gpu1",uuid=""} 1.0'
        in text
    )
    assert 'facefusion_probe_success{host="gpu1",probe="gpu"} 0.0' in text


def test_two_gpus_with_one_masked_uuid_are_written_once() -> None:
    house = House()
    twins = GpuReading(
        gpus=(CARD, replace(CARD, index=1)), faults=(LOST, LOST)
    )

    house.saw(GPUS, Health.HEALTHY, twins)
    lines = series(scrape(house))

    assert len(lines) == len({line.rsplit(" ", 1)[0] for line in lines})


def test_every_result_is_there_before_it_happens() -> None:
    house = House()
    house.fill()

    runs = [s for s in series(scrape(house)) if "canary_runs_total" in s]

    assert len(runs) == 8
    assert [s for s in runs if s.endswith(" 1.0")] == [
        s for s in runs if 'result="ok"' in s
    ]


def test_nothing_seen_yet_exports_no_reading() -> None:
    text = scrape(House())

    assert "facefusion_up" not in text
    assert "facefusion_target_info{" in text
    assert 'facefusion_health{state="unknown",target="studio"} 1.0' in text


@pytest.mark.parametrize(
    ("result", "success"),
    [
        (Result.OK, 1),
        (Result.COLD, 1),
        (Result.SLOW, 1),
        (Result.UNVERIFIED, 1),
        (Result.INVALID_OUTPUT, 0),
        (Result.DECLINED, 0),
        (Result.ERROR, 0),
        (Result.TIMEOUT, 0),
    ],
)
def test_a_canary_succeeds_when_its_job_is_done(
    result: Result, success: int
) -> None:
    house = House()
    house.saw(ENHANCE, Health.HEALTHY, replace(RUN, result=result))

    (line,) = [
        s for s in series(scrape(house)) if "facefusion_canary_success" in s
    ]

    assert line.endswith(f" {success}.0")


def test_a_run_without_an_answer_has_no_duration() -> None:
    house = House()
    run = replace(RUN, result=Result.TIMEOUT, duration=None, ratio=None)
    house.saw(ENHANCE, Health.UNHEALTHY, run)

    text = scrape(house)

    assert "facefusion_canary_last_duration_seconds" not in text
    assert "facefusion_canary_duration_seconds_count" not in text
    assert "facefusion_canary_benchmark_ratio" not in text
    assert "facefusion_canary_benchmark_seconds" in text


@pytest.mark.parametrize("result", [Result.ERROR, Result.DECLINED])
def test_a_job_that_fails_at_once_is_not_fast(result: Result) -> None:
    house = House()
    house.saw(ENHANCE, Health.UNHEALTHY, replace(RUN, result=result))

    text = scrape(house)

    assert "facefusion_canary_last_duration_seconds" not in text
    assert "facefusion_canary_duration_seconds_count" not in text


def test_our_own_trouble_says_neither_up_nor_down() -> None:
    house = House()
    reading = StatusReading(dialect="rest")
    house.saw(STATUS, Health.UNKNOWN, reading, reason="failed")

    assert "facefusion_up" not in scrape(house)
