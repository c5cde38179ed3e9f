"""What a gate may answer about files, and what is believed of it."""

import base64
from pathlib import Path

import pytest

from monitor.adapters.gate.files import GateFiles
from monitor.adapters.gate.folder import CHUNK
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import CannotReach, CannotTouch, ConfigurationError
from monitor.ports import Placed
from tests.adapters.test_gate_nvidia import FoundGate
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate

DIRECTORY = "/var/tmp/ffmon"  # noqa: S108  on a host that is not there
OUTPUT = f"{DIRECTORY}/result.png"


@pytest.fixture
def gate() -> FoundGate:
    found = FoundGate(FakeGate(FakeClock()))
    found.fake.way = "installed"
    found.fake.will_file("put", {"mtime": 1000.9, "size": 5})
    found.fake.will_file("get", _piece(b"x", 1))
    return found


@pytest.fixture
def files(gate: FoundGate, tmp_path: Path) -> GateFiles:
    settings = SshSettings(
        address="127.0.0.1",
        port=1,
        user="ffmon",
        key_file=tmp_path / "none",
        known_hosts_file=tmp_path / "none",
    )
    return GateFiles(SshHost("gpu1", settings, FakeClock()), gate, DIRECTORY)


def _piece(
    data: bytes, size: int, *, mtime: object = 1001.0
) -> dict[str, object]:
    return {
        "data": base64.b64encode(data).decode(),
        "size": size,
        "mtime": mtime,
        "more": True,
    }


async def _placed(files: GateFiles, gate: FoundGate) -> Placed:
    placed = await files.place([b"image"], within=5)
    gate.fake.filed.clear()
    return placed


async def _flaw(files: GateFiles, gate: FoundGate, *answers: object) -> str:
    placed = await _placed(files, gate)
    gate.fake.will_file("get", *answers)  # type: ignore[arg-type]  # odd ones too
    with pytest.raises(CannotTouch) as caught:
        await files.fetch(placed, OUTPUT, within=5)
    return str(caught.value)


async def test_an_image_is_put_under_a_name_that_nobody_guesses(
    files: GateFiles, gate: FoundGate
) -> None:
    placed = await files.place([b"image"], within=5)

    put, look = gate.fake.filed
    assert placed.locations == (f"{DIRECTORY}/{put['name']}",)
    assert base64.b64decode(str(put["data"])) == b"image"
    assert (put["mode"], look["do"]) == ("644", "get")


async def test_an_output_comes_in_pieces(
    files: GateFiles, gate: FoundGate
) -> None:
    placed = await _placed(files, gate)
    size = CHUNK + 3
    gate.fake.will_file(
        "get", _piece(b"a" * CHUNK, size), _piece(b"end", size)
    )

    data = await files.fetch(placed, OUTPUT, within=5)

    assert data == b"a" * CHUNK + b"end"
    assert [one["offset"] for one in gate.fake.filed] == [0, CHUNK]
    assert {one["newer_than"] for one in gate.fake.filed} == {1000}


async def test_an_empty_output_is_empty(
    files: GateFiles, gate: FoundGate
) -> None:
    placed = await _placed(files, gate)
    gate.fake.will_file("get", _piece(b"", 0))

    assert await files.fetch(placed, OUTPUT, within=5) == b""


async def test_an_output_that_changes_meanwhile_is_refused(
    files: GateFiles, gate: FoundGate
) -> None:
    for answers in (
        (_piece(b"a", 9), _piece(b"b", 8)),
        (_piece(b"a", 9), _piece(b"", 9)),
        (_piece(b"ab", 1),),
    ):
        assert "it changed while it was read" in await _flaw(
            files, gate, *answers
        )


async def test_an_output_of_before_is_refused(
    files: GateFiles, gate: FoundGate
) -> None:
    flaw = await _flaw(files, gate, _piece(b"a", 1, mtime=999.9))

    assert "not newer than the inputs" in flaw


async def test_a_huge_output_is_not_read(
    files: GateFiles, gate: FoundGate
) -> None:
    flaw = await _flaw(files, gate, _piece(b"a", (32 << 20) + 1))

    assert "larger than 33554432 bytes" in flaw
    assert len(gate.fake.filed) == 1


@pytest.mark.parametrize("mtime", [None, "1001", -1, float("inf")])
async def test_a_time_that_is_none_is_refused(
    files: GateFiles, gate: FoundGate, mtime: object
) -> None:
    assert "it has no mtime" in await _flaw(
        files, gate, _piece(b"a", 1, mtime=mtime)
    )


async def test_data_that_is_no_base64_is_refused(
    files: GateFiles, gate: FoundGate
) -> None:
    flaw = await _flaw(files, gate, {**_piece(b"a", 1), "data": "*"})

    assert "it is garbled" in flaw


async def test_what_was_put_in_vain_is_removed(
    files: GateFiles, gate: FoundGate
) -> None:
    full = CannotReach("cannot put it: no space left", reason="gate_refused")
    gate.fake.will_file("put", {"mtime": 1.0, "size": 1}, full)

    with pytest.raises(CannotTouch, match="no space left"):
        await files.place([b"one", b"two"], within=5)

    puts = [one for one in gate.fake.filed if one["do"] == "put"]
    removed = [one for one in gate.fake.filed if one["do"] == "remove"]
    assert [one["path"] for one in removed] == [
        f"{DIRECTORY}/{one['name']}" for one in puts
    ]


async def test_cleaning_removes_ours_and_what_is_left_behind(
    files: GateFiles, gate: FoundGate
) -> None:
    placed = await files.place([b"image"], within=5)
    old = f"ffmon-{'b' * 32}.jpg"
    other = f"ffmon-{'c' * 32}.jpg"
    gate.fake.will_file(
        "list",
        {
            "entries": [
                {"name": old, "mtime": -3000.0},
                {"name": other, "mtime": 900.0},
                {"name": "result.png", "mtime": 1002.0},
                {"name": "notes.txt", "mtime": -9000.0},
                {"name": 7},
                "rubbish",
            ]
        },
    )
    gate.fake.filed.clear()

    await files.clean(placed, OUTPUT, within=5)

    removed = [one["path"] for one in gate.fake.filed if one["do"] == "remove"]
    assert removed == [
        *placed.locations,
        f"{DIRECTORY}/{old}",
        OUTPUT,
    ]


async def test_an_output_elsewhere_or_of_before_stays(
    files: GateFiles, gate: FoundGate
) -> None:
    placed = await files.place([b"image"], within=5)
    entry = {"name": "result.png", "mtime": 999.0}
    gate.fake.will_file("list", {"entries": [entry]})
    gate.fake.filed.clear()

    await files.clean(placed, OUTPUT, within=5)
    await files.clean(placed, "/srv/result.png", within=5)

    removed = {one["path"] for one in gate.fake.filed if one["do"] == "remove"}
    assert removed == set(placed.locations)


async def test_what_cannot_be_removed_is_told(
    files: GateFiles, gate: FoundGate
) -> None:
    placed = await files.place([b"image"], within=5)
    denied = CannotReach("cannot remove it", reason="gate_refused")
    gate.fake.will_file("remove", denied)

    with pytest.raises(CannotTouch, match="cannot remove it"):
        await files.clean(placed, None, within=5)


async def test_without_a_gate_it_is_sftp(
    files: GateFiles, gate: FoundGate
) -> None:
    gate.lost = CannotReach("cannot start it", reason="gate_refused")

    with pytest.raises(CannotTouch, match="the key file"):
        await files.place([b"image"], within=5)

    assert gate.fake.filed == []


async def test_images_that_others_placed_are_refused(
    files: GateFiles,
) -> None:
    with pytest.raises(CannotTouch, match="not placed by us"):
        await files.fetch(Placed(locations=("x",)), OUTPUT, within=5)


async def test_an_output_that_is_no_plain_path_is_refused(
    files: GateFiles, gate: FoundGate
) -> None:
    placed = await _placed(files, gate)

    for output in ("relative", "/a/../b", ""):
        with pytest.raises(CannotTouch, match="cannot take the output"):
            await files.fetch(placed, output, within=5)

    assert gate.fake.filed == []


def test_the_root_is_no_directory(files: GateFiles, gate: FoundGate) -> None:
    with pytest.raises(ConfigurationError, match="it is the root"):
        GateFiles(SshHost.__new__(SshHost), gate, "/")

    assert files
