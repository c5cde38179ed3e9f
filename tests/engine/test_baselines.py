"""What every canary usually takes, in memory."""

from dataclasses import replace

from monitor.domain.canary.baseline import KEPT, Same
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine.baselines import Baselines
from monitor.engine.events import Event, Looked, Rewired, Skipped
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of, seen

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.face")
CHECK = check_of(FakeProbe(FakeClock(), KEY), kind="canary")
T4 = Same(
    target="studio",
    canary="face",
    operation=Operation.ENHANCE,
    model="codeformer",
    gpu="Tesla T4",
    version="3.5.0",
)


def run(
    seconds: float | None, *, same: Same = T4, counted: bool = True
) -> Observation:
    reading = CanaryReading(
        canary=same.canary,
        operation=same.operation,
        model=same.model,
        result=Result.OK,
        duration=seconds,
        gpu=same.gpu,
        version=same.version,
        counted=counted,
    )
    key = replace(KEY, subject=same.target)
    return seen(key=key, reading=reading, probe="canary")


def looked(observation: Observation) -> Event:
    return Looked(check=CHECK, seen=observation, track=Track(), changed=None)


def median(known: Baselines, same: Same = T4) -> float | None:
    found = known.find(same)
    return None if found is None else found.median


def test_ten_runs_that_count_make_a_baseline() -> None:
    known = Baselines()
    for _ in range(9):
        known.heard(looked(run(2.0)))
    assert known.find(T4) is None

    known.heard(looked(run(2.0)))

    assert median(known) == 2.0


def test_runs_that_do_not_count_make_none() -> None:
    known = Baselines()
    for _ in range(20):
        known.heard(looked(run(2.0, counted=False)))
        known.heard(looked(run(None)))
        known.heard(looked(seen(key=KEY)))
        known.heard(Skipped(check=CHECK, reason="busy"))

    assert known.find(T4) is None


def test_every_gpu_version_and_job_has_its_own() -> None:
    known = Baselines()
    others = [
        replace(T4, gpu="NVIDIA A10"),
        replace(T4, version="3.6.0"),
        replace(T4, model="gfpgan_1.4"),
        replace(T4, target="lab"),
        replace(T4, canary="other"),
    ]
    for number, same in enumerate([T4, *others], 1):
        for _ in range(10):
            known.heard(looked(run(float(number), same=same)))

    assert median(known) == 1.0
    assert [median(known, same) for same in others] == [
        2.0,
        3.0,
        4.0,
        5.0,
        6.0,
    ]


def test_the_last_fifty_runs_count() -> None:
    known = Baselines()
    for seconds in [*[9.0] * 100, *[2.0] * KEPT]:
        known.heard(looked(run(seconds)))

    found = known.find(T4)

    assert found is not None
    assert (found.median, found.spread, found.runs) == (2.0, 0.0, 50)


def test_what_the_store_kept_gives_the_same_baseline() -> None:
    heard, restored = Baselines(), Baselines()
    runs = [run(1.0 + number / 100) for number in range(70)]
    for one in runs:
        heard.heard(looked(one))

    restored.restore(reversed(runs[-60:]))

    assert restored.find(T4) == heard.find(T4)
    restored.heard(looked(run(9.0)))
    heard.heard(looked(run(9.0)))
    assert restored.find(T4) == heard.find(T4)


def test_memory_is_bounded_and_forgets_what_is_quiet_longest() -> None:
    known = Baselines(most=2)
    old, new = replace(T4, version="old"), replace(T4, version="new")
    for same in (old, T4, old, new):
        known.restore([run(2.0, same=same)] * 10)

    assert known.find(T4) is None
    assert median(known, old) == median(known, new) == 2.0


def test_a_server_at_another_address_begins_its_baselines_anew() -> None:
    known = Baselines()
    attic = replace(T4, target="attic")
    for same in (T4, attic):
        for _ in range(10):
            known.heard(looked(run(2.0, same=same)))

    known.heard(Rewired(moved=("studio",)))

    assert known.find(T4) is None
    assert median(known, attic) == 2.0


def test_a_new_configuration_that_moves_nobody_forgets_nothing() -> None:
    known = Baselines()
    for _ in range(10):
        known.heard(looked(run(2.0)))

    known.heard(Rewired(checks=(KEY,)))

    assert median(known) == 2.0
