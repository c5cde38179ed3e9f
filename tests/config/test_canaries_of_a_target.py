"""What a canary is when the file says little about it."""

from pathlib import Path

import pytest

from monitor.config import Settings, load
from monitor.config.sections.canaries import EnhanceCanary, SwapCanary
from monitor.config.sections.targets import Target

HOST = "hosts: [{name: gpu1, ssh: {address: a, key_file: secrets/observe}}]\n"


def _target(folder: Path, more: str, head: str = "") -> Target:
    (folder / "a.yml").write_text(
        f"{head}targets:\n  - name: a\n    url: http://a\n    {more}\n"
    )
    return load(Path("a.yml"), {}, folder).targets[0]


@pytest.mark.parametrize(
    ("canary", "name", "interval"),
    [
        ("operation: enhance", "enhance-gfpgan_1.4", 300.0),
        (
            "operation: enhance, model: codeformer",
            "enhance-codeformer",
            900.0,
        ),
        ("operation: age", "age", 1800.0),
        ("operation: swap", "swap-inswapper_128", 600.0),
        (
            "operation: swap, model: inswapper_256",
            "swap-inswapper_256",
            600.0,
        ),
        ("operation: age, name: old, interval: 1h", "old", 3600.0),
    ],
)
def test_it_is_named_and_timed_after_its_operation_and_model(
    folder: Path, canary: str, name: str, interval: float
) -> None:
    (found,) = _target(folder, f"canaries: [{{{canary}}}]").canaries

    assert (found.name, found.interval) == (name, interval)
    assert found.timeout == 120.0
    assert found.benchmark is None


def test_one_bound_of_a_benchmark_is_enough(folder: Path) -> None:
    (found,) = _target(
        folder, "canaries: [{operation: age, benchmark: {high: 9s}}]"
    ).canaries

    assert found.benchmark
    assert (found.benchmark.low, found.benchmark.high) == (None, 9.0)


def test_a_default_timeout_may_outlast_the_interval(folder: Path) -> None:
    (found,) = _target(
        folder, "canaries: [{operation: age, interval: 10s}]"
    ).canaries

    assert found.timeout > found.interval


@pytest.mark.parametrize(
    ("more", "via"),
    [
        ("host: gpu1", "sftp"),
        ("host: gpu1\n    canary_files: {directory: /srv}", "sftp"),
        ("host: gpu1\n    canary_files: {via: url}", "url"),
        ("labels: {}", "url"),
        ("canary_files: {directory: /srv}", "url"),
    ],
)
def test_files_go_by_sftp_with_a_host_and_by_url_without(
    folder: Path, more: str, via: str
) -> None:
    assert _target(folder, more, HOST).canary_files.via == via


def test_an_input_is_found_beside_the_file(folder: Path) -> None:
    enhance, swap = _target(
        folder,
        "canaries:\n"
        "    - {operation: enhance, input: face.jpg}\n"
        "    - operation: swap\n"
        "      input: {source: face.jpg, target: cert.pem}",
    ).canaries

    assert isinstance(enhance, EnhanceCanary)
    assert isinstance(swap, SwapCanary)
    assert enhance.input == str(folder / "face.jpg")
    assert swap.input
    assert swap.input.source == str(folder / "face.jpg")
    assert swap.input.target == str(folder / "cert.pem")


def test_an_input_on_the_server_is_taken_as_it_is(folder: Path) -> None:
    (canary,) = _target(
        folder,
        "canary_files: {via: path}\n"
        "    canaries: [{operation: enhance, input: /srv//face.jpg}]",
    ).canaries

    assert isinstance(canary, EnhanceCanary)
    assert canary.input == "/srv/face.jpg"


def test_a_batch_is_accepted_before_its_backend_is_there(
    folder: Path,
) -> None:
    (canary,) = _target(folder, "canaries: [{operation: batch}]").canaries

    assert (canary.name, canary.interval) == ("batch", 3600.0)


def test_models_built_in_code_look_at_no_files() -> None:
    settings = Settings.model_validate(
        {
            "hosts": [
                {"name": "h", "ssh": {"address": "a", "key_file": "no"}}
            ],
            "access": {
                "tokens": [
                    {"name": "t", "token_file": "no", "scopes": ["read"]}
                ]
            },
            "targets": [
                {
                    "name": "a",
                    "url": "http://a",
                    "canaries": [{"operation": "age", "input": "no.jpg"}],
                }
            ],
        }
    )

    assert settings.hosts[0].ssh.key_file == Path("no")
    assert settings.secret == frozenset()
