"""What the command line says of itself, and of bad usage."""

import pytest

from monitor.cli.app import run


@pytest.mark.parametrize(
    "words", ["2 unhealthy", "3 unknown", "64 bad", "78 bad", "130"]
)
def test_the_help_tells_the_exit_codes(
    capsys: pytest.CaptureFixture[str], words: str
) -> None:
    code = run(["--help"])

    told = " ".join(capsys.readouterr().out.split())
    assert code == 0
    assert words in told


@pytest.mark.parametrize("group", ["config", "maintenance"])
def test_a_group_alone_shows_its_help_and_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], group: str
) -> None:
    code = run([group])

    out, err = capsys.readouterr()
    assert code == 64
    assert "Commands" in out
    assert err == "cannot tell what to do: name one of the commands above\n"


def test_a_reason_of_ours_is_not_wrapped_in_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run(["simulate", "--port", "0", "--fault", "slow=often"])

    assert code == 64
    assert capsys.readouterr().err.startswith("cannot read 'slow=often': ")


WRONG = {
    "check --format yaml": (
        "Invalid value for '--format': 'yaml' is not one of 'text', 'json'."
        " See 'facefusion-monitor check --help'."
    ),
    "status --nope": (
        "No such option: --nope. See 'facefusion-monitor status --help'."
    ),
    "maintenance end": (
        "Missing argument 'ID'."
        " See 'facefusion-monitor maintenance end --help'."
    ),
    "demo --port many": (
        "Invalid value for '--port': it must be a whole number."
        " See 'facefusion-monitor demo --help'."
    ),
    "simulate --speed fast": (
        "Invalid value for '--speed': it must be a number."
        " See 'facefusion-monitor simulate --help'."
    ),
    "history a --limit 0": (
        "Invalid value for '--limit': it must be greater than or equal to 1."
        " See 'facefusion-monitor history --help'."
    ),
    "chek": (
        "No such command 'chek'. Did you mean 'check'?"
        " See 'facefusion-monitor --help'."
    ),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.items())
def test_bad_usage_names_the_help_of_its_command(
    capsys: pytest.CaptureFixture[str], arguments: str, said: str
) -> None:
    code = run(arguments.split())

    assert code == 64
    assert capsys.readouterr().err == (
        f"cannot understand the command: {said}\n"
    )
