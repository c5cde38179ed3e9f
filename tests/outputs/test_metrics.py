"""A scrape is a public promise."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.canary.reading import Result
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.health import Health
from monitor.domain.history import Kept
from monitor.domain.joblog.kinds import WORDS, is_bad
from monitor.domain.judgement import Track
from monitor.domain.status import StatusReading
from monitor.engine.events import Looked, Skipped
from monitor.outputs.metrics import Metrics
from monitor.outputs.metrics.families import FAMILIES
from tests.outputs.house import (
    ATTIC,
    CARD,
    CONTROL,
    ENHANCE,
    GPUS,
    HOST,
    LOST,
    ME,
    NETWORK,
    NOW,
    RUN,
    STATUS,
    House,
)

WEDGED = GpuReading(faults=(GpuFault(fault="gpu_wedged", because="it hangs"),))
OF_RUN = (
    '{canary="enhance-gfpgan_1.4",model="gfpgan_1.4",operation="enhance",'
    'target="studio"}'
)
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
    assert f"facefusion_canary_duration_seconds_count{OF_RUN} 0.0" in text
    assert "facefusion_canary_benchmark_ratio" not in text
    assert "facefusion_canary_benchmark_seconds" in text


@pytest.mark.parametrize("result", [Result.ERROR, Result.DECLINED])
def test_a_job_that_fails_at_once_is_not_fast(result: Result) -> None:
    house = House()
    house.saw(ENHANCE, Health.UNHEALTHY, replace(RUN, result=result))

    text = scrape(house)

    assert "facefusion_canary_last_duration_seconds" not in text
    assert f"facefusion_canary_duration_seconds_count{OF_RUN} 0.0" in text


@pytest.mark.parametrize(
    ("reason", "health", "result", "success"),
    [
        ("timeout", Health.UNHEALTHY, "timeout", [" 0.0"]),
        ("internal", Health.UNKNOWN, "error", []),
    ],
)
def test_a_canary_that_the_watch_cut_off_is_counted_and_keeps_its_series(
    reason: str, health: Health, result: str, success: list[str]
) -> None:
    house = House()
    house.saw(ENHANCE, health, None, reason=reason)

    lines = series(scrape(house))

    runs = [s for s in lines if "canary_runs_total" in s]
    assert [s for s in runs if not s.endswith(" 0.0")] == [
        s for s in runs if f'result="{result}"' in s
    ]
    name = f"facefusion_canary_success{OF_RUN}"
    said = [s.removeprefix(name) for s in lines if s.startswith(name)]
    assert said == success
    assert f"facefusion_canary_interval_seconds{OF_RUN} 300.0" in lines
    assert any("facefusion_canary_benchmark_seconds" in s for s in lines)


def test_all_counters_start_at_zero_before_anything_happened() -> None:
    lines = series(scrape(House()))

    counters = [s for s in lines if "_total{" in s]
    assert all(s.endswith(" 0.0") for s in counters)
    for kind, count in {
        "probe_runs_total": 10,
        "probe_failures_total": 10,
        "probe_skipped_total": 10,
        "log_events_total": sum(map(is_bad, WORDS)),
        "canary_runs_total": len(Result),
        "canary_skipped_total": 5,
    }.items():
        assert sum(f"facefusion_{kind}" in s for s in counters) == count


def test_a_reload_takes_out_what_is_gone_and_follows_what_changed() -> None:
    house = House()
    house.fill()
    scrape(house)
    house.targets = [
        replace(house.targets[0], labels=(("site", "south"),)),
    ]
    for gone in (ATTIC, GPUS, HOST):
        del house.checks[gone]
    house.hosts = []

    house.rewire()
    text = scrape(house)

    assert "attic" not in text
    assert 'host="gpu1",uuid' not in text
    assert 'probe="gpu"' not in text
    assert text.count('host="gpu1",site="south",target="studio"') == 1
    assert 'site="north' not in text
    assert 'facefusion_up{target="studio"} 1.0' in text


def test_a_replaced_check_keeps_counting_and_shows_no_old_reading() -> None:
    house = House()
    house.fill()
    scrape(house)
    house.checks[STATUS] = replace(house.checks[STATUS], interval=10.0)
    house.checks[NETWORK] = replace(house.checks[NETWORK], interval=10.0)

    house.rewire()
    text = scrape(house)

    assert 'facefusion_up{target="studio"}' not in text
    assert "facefusion_tls_certificate_expiry" not in text
    runs = 'facefusion_probe_runs_total{probe="status",target="studio"} '
    assert f"{runs}1.0" in text
    house.saw(STATUS, Health.HEALTHY, StatusReading(dialect="rest", code=200))
    assert f"{runs}2.0" in scrape(house)


def test_a_look_of_a_check_that_was_replaced_counts_nothing() -> None:
    house = House()
    house.fill()
    old = house.checks[STATUS]
    house.checks[STATUS] = replace(old, interval=10.0)
    house.rewire()

    house.metrics.heard(Skipped(check=old, reason="overlap"))

    labels = '{probe="status",reason="overlap",target="studio"}'
    assert f"facefusion_probe_skipped_total{labels} 1.0" in scrape(house)


def test_a_look_that_ends_after_its_check_is_gone_writes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = House()
    house.fill()
    late = Looked(
        check=house.checks.pop(ATTIC),
        seen=house.board.entry(STATUS).seen or pytest.fail("not seen"),
        track=Track(),
        changed=None,
    )
    house.targets.pop()
    house.rewire()

    house.metrics.heard(late)
    house.metrics.heard(Skipped(check=late.check, reason="overlap"))

    assert "attic" not in scrape(house)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("health", "blind"),
    [(Health.HEALTHY, 0), (Health.UNHEALTHY, 1), (Health.UNKNOWN, 0)],
)
def test_we_are_blind_while_the_control_addresses_fail(
    health: Health, blind: int
) -> None:
    house = House()
    house.saw(CONTROL, health, None)

    assert f"facefusion_monitor_blind {blind}.0" in scrape(house)


def test_without_control_addresses_our_network_blinds_nobody() -> None:
    house = House()
    del house.checks[CONTROL]
    house.rewire()

    assert "facefusion_monitor_blind 0.0" in scrape(house)


def test_what_is_known_of_a_certificate_never_grows_too_old() -> None:
    house = House()
    house.fill()

    house.clock.pass_time(10**6)
    house.saw(NETWORK, Health.UNHEALTHY, None, reason="timeout")

    text = scrape(house)
    assert "facefusion_tls_certificate_expiry_timestamp_seconds{" in text
    assert "facefusion_ping" not in text


def test_a_clock_set_back_hides_a_reading_until_it_is_right_again() -> None:
    house = House()
    house.fill()

    house.clock.pass_time(-3600)
    back = scrape(house)
    house.clock.pass_time(3600)
    right = scrape(house)

    assert "facefusion_up" not in back
    assert right == GOLDEN.read_text()


def test_what_was_known_before_a_restart_is_there_before_a_look() -> None:
    house = House()
    kept = Kept(
        key=STATUS,
        track=Track(health=Health.HEALTHY),
        last_success=NOW - 5,
        told_at=NOW - 5,
    )
    house.board.restore(kept)

    text = scrape(house)

    assert "facefusion_probe_last_success_timestamp_seconds{" in text
    assert 'facefusion_health{state="healthy",target="studio"} 1.0' in text


def test_a_value_that_no_metric_holds_stops_neither_us_nor_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = House()
    huge = StatusReading(dialect="rest", code=200, queue_size=10**400)

    for _ in range(2):
        house.saw(STATUS, Health.HEALTHY, huge)
    house.saw(ATTIC, Health.HEALTHY, StatusReading(dialect="rest", code=200))
    text = scrape(house)

    assert 'facefusion_up{target="studio"}' not in text
    assert 'facefusion_up{target="attic"} 1.0' in text
    assert capsys.readouterr().out.count("please report this") == 1


def test_a_reading_that_cannot_be_written_lends_no_age_to_the_one_before() -> (
    None
):
    house = House()
    house.fill()
    huge = StatusReading(dialect="rest", code=200, queue_size=10**400)

    house.clock.pass_time(60)
    house.saw(STATUS, Health.HEALTHY, huge, at=house.clock.now())
    still = scrape(house)
    house.clock.pass_time(10)
    gone = scrape(house)

    assert 'facefusion_queue_size{target="studio"} 2.0' in still
    assert 'facefusion_queue_size{target="studio"}' not in gone


def test_texts_with_lone_surrogates_are_shown_escaped() -> None:
    house = House()
    said = StatusReading(dialect="rest", code=200, version="3\udcff")
    house.saw(STATUS, Health.HEALTHY, said)

    assert 'version="3\\\\udcff"' in scrape(house)


def test_without_maintenance_nothing_is_planned() -> None:
    house = House()
    metrics = Metrics(house.board, house.clock, ME)

    text = metrics.render().decode()

    assert 'facefusion_maintenance{target="studio"} 0.0' in text
    assert "process_resident_memory_bytes" in text


def test_our_own_trouble_says_neither_up_nor_down() -> None:
    house = House()
    reading = StatusReading(dialect="rest")
    house.saw(STATUS, Health.UNKNOWN, reading, reason="failed")

    assert "facefusion_up" not in scrape(house)
