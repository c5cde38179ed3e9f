import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.ssh.frames import Frame, Framed, command
from monitor.domain.errors import Unreadable

WORD = "0123456789abcdef0123456789abcdef"
BEGIN = f"ffmon-{WORD}-begin:".encode()
END = f"\nffmon-{WORD}-end:".encode()


def _printed(body: bytes, code: int = 0) -> bytes:
    return BEGIN + body + END + str(code).encode() + b"."


def _run_locally(
    script: str, shell: str = "/bin/sh"
) -> tuple[Frame, bytes, bytes]:
    frame = Frame()
    done = subprocess.run(  # noqa: S603  our own constant command
        ["/bin/sh", "-c", command(10).replace("/bin/sh", shell)],
        input=frame.around(script),
        capture_output=True,
        check=False,
        timeout=30,
    )
    return frame, done.stdout, done.stderr


@given(
    noise=st.binary(max_size=50),
    body=st.binary(max_size=200),
    code=st.integers(0, 255),
    after=st.binary(max_size=50),
)
def test_whatever_is_printed_around_it_the_output_is_cut_out(
    noise: bytes, body: bytes, code: int, after: bytes
) -> None:
    stdout = noise + _printed(body, code) + after

    framed = Frame(WORD).cut_out(stdout, noise + BEGIN + b"oops")

    assert framed == Framed(code=code, stdout=body, stderr=b"oops")


@given(st.binary(max_size=100), st.integers(0, 130))
def test_output_that_is_cut_short_is_refused(body: bytes, kept: int) -> None:
    whole = _printed(body, 7)
    shown = whole[: min(kept, len(whole) - 1)]

    assert not Frame(WORD).is_whole(shown)
    with pytest.raises(Unreadable):
        Frame(WORD).cut_out(shown, b"")


@given(st.binary())
def test_output_without_our_word_is_refused(stdout: bytes) -> None:
    with pytest.raises(Unreadable, match="cannot see that the shell started"):
        Frame(WORD).cut_out(stdout, b"")


def test_the_end_of_another_run_is_not_ours() -> None:
    other = Frame("f" * 32)

    with pytest.raises(Unreadable, match="cannot see that the script ended"):
        Frame(WORD).cut_out(BEGIN + other.around("")[-60:], b"")


def test_complaints_from_before_the_shell_are_all_that_is_known() -> None:
    framed = Frame(WORD).cut_out(_printed(b""), b"no mark in here")

    assert framed.stderr == b"no mark in here"


@pytest.mark.parametrize("code", [b"", b"x", b"-1", b"1" * 5000])
def test_a_code_that_is_none_is_no_end(code: bytes) -> None:
    with pytest.raises(Unreadable, match="ended"):
        Frame(WORD).cut_out(BEGIN + END + code + b".", b"")


def test_every_run_has_a_word_of_its_own() -> None:
    words = {Frame().word for _ in range(100)}

    assert len(words) == 100
    assert all(len(word) == 32 for word in words)


def test_the_command_names_nothing_but_its_limit() -> None:
    assert command(4.2) == (
        "exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
        "/sbin:/bin LC_ALL=C timeout -k 2 6 /bin/sh"
    )


@pytest.mark.parametrize(
    ("script", "code", "stdout"),
    [
        ("echo hi", 0, b"hi\n"),
        ("printf hi", 0, b"hi"),
        ("exit 7", 7, b""),
        ("false", 1, b""),
        ("/bin/sh -c 'kill -9 $$'", 137, b""),
        ("# a comment", 0, b""),
        ("cat <<'END'\n'a' \"$b\" `c` \\\nEND", 0, b"'a' \"$b\" `c` \\\n"),
        ("printf '\\n\\n'", 0, b"\n\n"),
        ("printf '\\377\\000'", 0, b"\xff\x00"),
        ("no-such-command", 127, b""),
    ],
)
def test_a_real_shell_keeps_to_the_frame(
    script: str, code: int, stdout: bytes
) -> None:
    frame, out, err = _run_locally(script)

    framed = frame.cut_out(out, err)

    assert (framed.code, framed.stdout) == (code, stdout)


def test_a_script_cannot_read_what_follows_it() -> None:
    """bash reads a script as it goes, so that the rest is there to take."""
    if not Path("/bin/bash").exists():
        pytest.skip("no bash here")

    frame, out, err = _run_locally("cat; echo done", "/bin/bash")

    assert frame.cut_out(out, err).stdout == b"done\n"


def test_a_script_that_is_no_shell_is_refused() -> None:
    frame, out, err = _run_locally("if (")

    with pytest.raises(Unreadable, match="ended"):
        frame.cut_out(out, err)
