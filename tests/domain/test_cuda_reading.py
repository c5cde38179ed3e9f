"""What is installed for the GPU is read, and judged by what it lacks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.cuda.reader import read_cuda
from monitor.domain.cuda.reading import CudaReading, Package
from monitor.domain.cuda.verdict import judge_cuda
from monitor.domain.health import Health
from monitor.domain.machine.answered import Answered
from monitor.domain.machine.reading import Gap

PART: dict[str, object] = {
    "nvcc": "12.8.93",
    "pid": 70,
    "python": "/opt/ff/bin/python",
    "packages": [{"name": "onnxruntime-gpu", "version": "1.24.4"}],
    "providers": ["cuda"],
    "loaded": None,
    "devices": [],
}


def read(part: object, *gaps: dict[str, str]) -> CudaReading:
    return read_cuda(Answered({"parts": {"cuda": part}, "gaps": list(gaps)}))


def reading(*packages: str, **more: object) -> CudaReading:
    found = tuple(
        Package(name=name, version=version)
        for name, _, version in (one.partition(" ") for one in packages)
    )
    return CudaReading(
        python="/opt/ff/bin/python",
        packages=found,
        **more,  # type: ignore[arg-type]  # a test's own words
    )


def test_a_part_is_read_whole() -> None:
    assert read(PART) == CudaReading(
        nvcc="12.8.93",
        pid=70,
        python="/opt/ff/bin/python",
        packages=(Package(name="onnxruntime-gpu", version="1.24.4"),),
        providers=("cuda",),
        loaded=None,
        devices=(),
    )


def test_what_cannot_be_read_is_a_gap_and_the_rest_stays() -> None:
    found = read(PART | {"pid": "many", "packages": [7], "devices": "all"})

    assert (found.pid, found.packages, found.devices) == (None, (), None)
    assert found.nvcc == "12.8.93"
    assert [gap.what for gap in found.gaps] == [
        "pid",
        "cuda.packages[0]",
        "devices",
    ]


def test_without_the_part_its_gap_says_why() -> None:
    because = "cannot observe cuda there: it needs Python 3.8"
    gap = {"part": "cuda", "what": "", "because": because}

    found = read_cuda(Answered({"parts": {}, "gaps": [gap]}))

    assert found == CudaReading(
        gaps=(Gap(part="cuda", what="", because=because),)
    )
    assert judge_cuda(found).because == because


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from([*PART, "name", "version"]), inner
            )
        ),
    )
)
def test_any_part_is_read_and_judged(part: object) -> None:
    verdict = judge_cuda(read(part))

    assert verdict.because
    assert bool(verdict.reason) is (verdict.health is not Health.HEALTHY)


@pytest.mark.parametrize(
    ("packages", "providers", "reason"),
    [
        (("onnxruntime-gpu 1.24.4",), ("cuda", "tensorrt"), ""),
        (("onnxruntime-gpu 1.24.4",), None, ""),
        (("onnxruntime-rocm 1.20",), (), ""),
        (("onnxruntime 1.2", "onnxruntime-gpu 1.2"), ("cuda",), ""),
        (("onnxruntime 1.20.0", "torch 2.9"), (), "no_gpu_build"),
        (("onnxruntime-gpu 1.24.4",), (), "no_cuda_provider"),
        (("onnxruntime-gpu 1.24.4",), ("tensorrt",), "no_cuda_provider"),
        (("torch 2.9.1",), (), "no_onnxruntime"),
        ((), (), "no_onnxruntime"),
    ],
)
def test_packages_are_judged_by_what_a_gpu_needs(
    packages: tuple[str, ...], providers: tuple[str, ...] | None, reason: str
) -> None:
    verdict = judge_cuda(reading(*packages, providers=providers))

    assert verdict.reason == reason
    bad = Health.DEGRADED if reason else Health.HEALTHY
    assert verdict.health is bad


def test_a_cpu_build_is_named_and_what_to_install() -> None:
    verdict = judge_cuda(reading("onnxruntime 1.20.0"))

    assert verdict.because == (
        "onnxruntime without GPU build (onnxruntime 1.20.0): install"
        " onnxruntime-gpu in its place"
    )


def test_what_could_not_be_seen_is_unknown_with_its_reason() -> None:
    hidden = Gap(part="cuda", what="packages", because="cannot list /opt")
    other = Gap(part="cuda", what="nvcc", because="cannot find nvcc")

    verdict = judge_cuda(CudaReading(gaps=(hidden, other)))

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, "unseen")
    assert verdict.because == "packages: cannot list /opt"


def test_what_nobody_explains_is_unknown_all_the_same() -> None:
    verdict = judge_cuda(CudaReading())

    assert verdict.because == "cannot tell which packages it uses"
