"""What `init` sees of a server and of its machine."""

from pathlib import Path

import pytest

from monitor.adapters.ssh.settings import SshSettings
from monitor.daemon.look_around import look_at_machine, look_at_server
from monitor.domain.answer import Answer
from monitor.domain.errors import CannotReach
from tests.fakes.clock import FakeClock
from tests.fakes.shell import FakeNvidiaSmi, FakeShell, ran

URL = "http://192.168.1.10:9002"
SSH = SshSettings(
    address="192.168.1.10",
    user="ffmon",
    key_file=Path("observe"),
    known_hosts_file=Path("known_hosts"),
)
CAPTURES = Path(__file__).parents[1] / "captures" / "nvidia_smi"
TWO = (CAPTURES / "two_gpus.xml").read_bytes()


class Pages:
    """Answers the addresses it knows; nobody answers at the others."""

    def __init__(self, **bodies: bytes) -> None:
        self._bodies = {f"{URL}/{n}": body for n, body in bodies.items()}

    async def get(self, url: str, *, within: float, limit: int) -> Answer:
        if url not in self._bodies:
            raise CannotReach(f"cannot reach {url}: refused", reason="refused")
        assert within <= 10
        assert limit <= 2**21
        return Answer(
            code=200, content_type="", body=self._bodies[url], duration=0.012
        )


async def test_a_silent_server_answered_nothing() -> None:
    seen = await look_at_server(URL, Pages())

    assert (seen.answered, seen.status) == (False, None)
    assert seen.because == f"cannot reach {URL}/api/v1/status: refused"
    assert seen.recognised.dialect == ""


async def test_a_server_without_the_guides_api_answered_all_the_same() -> None:
    page = b'{"version": "5.50.0", "dependencies": []}'

    seen = await look_at_server(URL, Pages(config=page))

    assert seen.answered
    assert seen.recognised.dialect == "gradio"
    assert seen.because.startswith("cannot reach ")


@pytest.mark.parametrize(("code", "takes"), [(0, True), (1, False)])
async def test_gpus_are_seen_and_whether_files_could_go_there(
    code: int, *, takes: bool
) -> None:
    clock = FakeClock()
    shell, smi = (
        FakeShell(clock, ran(code=code)),
        FakeNvidiaSmi(clock, ran(TWO)),
    )

    seen = await look_at_machine(SSH, shell, smi, clock)

    assert (seen.reached, len(seen.gpus)) == (True, 2)
    assert seen.takes_files is takes
    assert "rm" not in shell.scripts[0].split()


async def test_a_machine_that_falls_silent_takes_no_files() -> None:
    clock = FakeClock()
    smi, shell = (
        FakeNvidiaSmi(clock, ran(TWO)),
        FakeShell(clock, FakeShell.HANGS),
    )

    seen = await look_at_machine(SSH, shell, smi, clock)

    assert (seen.reached, seen.takes_files) == (True, False)


async def test_a_machine_without_nvidia_smi_was_reached() -> None:
    clock = FakeClock()
    smi = FakeNvidiaSmi(clock, ran(code=127))

    seen = await look_at_machine(SSH, FakeShell(clock, ran()), smi, clock)

    assert (seen.reached, seen.gpus) == (True, ())
    assert "nvidia-smi" in seen.because


async def test_a_machine_that_lets_nobody_in_says_why() -> None:
    clock = FakeClock()
    refused = CannotReach("cannot trust host: SHA256:abc", reason="host_key")

    smi = FakeNvidiaSmi(clock, refused)
    shell = FakeShell(clock, refused)

    seen = await look_at_machine(SSH, shell, smi, clock)

    assert (seen.reached, seen.because) == (False, str(refused))
