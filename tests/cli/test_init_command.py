"""`init`, as a person meets it, on a simulated host."""

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from monitor.cli.app import run
from monitor.cli.new_file import NotWritten, write_new
from monitor.config import load
from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost

FILE = "facefusion-monitor.yml"
CLOSED = "http://127.0.0.1:1"


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, keys: Path
) -> Iterator[SimulatedHost]:
    folder = tmp_path_factory.mktemp("host")
    host = SimulatedHost("studio", workdir=folder / "studio")
    fleet = Fleet(host)
    asyncio.run(fleet.start())
    write_configuration([host], keys, listen="127.0.0.1:0")
    yield host
    asyncio.run(fleet.stop())


class House:
    def __init__(
        self,
        host: SimulatedHost,
        folder: Path,
        said: pytest.CaptureFixture[str],
    ) -> None:
        self.host = host
        self.folder = folder
        self._said = said

    @property
    def ssh(self) -> tuple[str, ...]:
        return (
            *("--ssh", f"ffmon@127.0.0.1:{self.host.ssh_port}"),
            *("--key-file", "observe"),
        )

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def init(self, *arguments: str) -> Said:
        code = run(["init", *arguments])
        out, err = self._said.readouterr()
        return Said(code, out, err)


@pytest.fixture
def house(
    running: SimulatedHost,
    keys: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[House]:
    monkeypatch.chdir(tmp_path)
    for name in ("observe", "known_hosts"):
        shutil.copy(keys / name, tmp_path / name)
    yield House(running, tmp_path, capsys)
    for fault in ("refused", "not_found", "bad_gateway"):
        running.faults.switch_off(fault)


def test_a_server_is_described_in_a_file_that_is_accepted(
    house: House,
) -> None:
    said = house.init(house.host.url)

    read = load(house.file, {}, house.folder)
    assert (said.code, said.err) == (0, "")
    assert f"{house.host.url}/api/v1/status answered 200" in said.out
    assert "dialect: rest: /api/v1/status answered 200" in said.out
    assert "run `facefusion-monitor config check`" in said.out
    assert read.targets[0].url == house.host.url


def test_with_ssh_the_gpus_are_seen_and_the_host_is_in_the_file(
    house: House,
) -> None:
    said = house.init(house.host.url, *house.ssh)

    read = load(house.file, {}, house.folder)
    assert said.code == 0
    assert said.out.count("RTX 3090") == 2
    assert read.targets[0].host == read.hosts[0].name
    assert read.hosts[0].ssh.port == house.host.ssh_port
    assert read.hosts[0].ssh.key_file == house.folder / "observe"


def test_a_file_elsewhere_names_its_keys_by_their_whole_path(
    house: House,
) -> None:
    (house.folder / "etc").mkdir()

    said = house.init(house.host.url, *house.ssh, "--output", "etc/mine.yml")

    read = load(house.folder / "etc/mine.yml", {}, house.folder)
    assert said.code == 0
    assert "config check --config etc/mine.yml" in said.out
    assert read.hosts[0].ssh.key_file == house.folder / "observe"


def test_an_unknown_host_key_is_shown_and_never_accepted(
    house: House,
) -> None:
    (house.folder / "known_hosts").write_text("")

    said = house.init(house.host.url, *house.ssh)

    assert said.code == 1
    assert "SHA256:" in said.err
    assert "ssh-keyscan" in said.err
    assert not house.file.exists()
    assert (house.folder / "known_hosts").read_text() == ""


def test_a_silent_server_is_an_error_and_leaves_no_file(
    house: House,
) -> None:
    said = house.init(CLOSED, *house.ssh)

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"cannot reach {CLOSED}/api/v1/status: ")
    assert "--force" in said.err
    assert sorted(p.name for p in house.folder.iterdir()) == [
        "known_hosts",
        "observe",
    ]


def test_by_force_a_silent_server_is_described_all_the_same(
    house: House,
) -> None:
    house.host.faults.switch_on("refused")

    said = house.init(house.host.url, "--force")

    assert said.code == 0
    assert "connection refused" in said.out
    assert load(house.file, {}, house.folder).targets[0].canaries == ()


@pytest.mark.parametrize("fault", ["not_found", "bad_gateway"])
def test_a_server_that_looks_like_nothing_known_is_an_error(
    house: House, fault: str
) -> None:
    house.host.faults.switch_on(fault)

    said = house.init(house.host.url)

    first, *_ = said.err.splitlines()
    assert (said.code, said.out) == (1, "")
    assert first.startswith(f"cannot recognise {house.host.url}: ")
    assert "--force" in said.err
    assert not house.file.exists()


@pytest.mark.parametrize("fault", ["not_found", "bad_gateway"])
def test_by_force_what_looks_like_nothing_known_is_described(
    house: House, fault: str
) -> None:
    house.host.faults.switch_on(fault)

    said = house.init(house.host.url, "--force")

    assert said.code == 0
    assert "dialect: none: " in said.out


def test_a_file_that_is_there_stops_it_before_it_looks(house: House) -> None:
    house.file.write_text("mine")

    said = house.init(CLOSED)

    assert said.code == 1
    assert said.err.startswith(f"cannot write {FILE}: ")
    assert "--output" in said.err
    assert house.file.read_text() == "mine"


def test_a_dash_prints_the_file_and_nothing_else(house: House) -> None:
    said = house.init(house.host.url, *house.ssh, "--output", "-")

    ssh = yaml.safe_load(said.out)["hosts"][0]["ssh"]
    assert (said.code, said.err) == (0, "")
    assert ssh["key_file"] == str(house.folder / "observe")
    assert not house.file.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("192.168.1.10:9002",),
        ("http://me:secret@127.0.0.1",),
        ("http://",),
        ("ftp://127.0.0.1",),
        (CLOSED, "--ssh", "127.0.0.1"),
        (CLOSED, "--ssh", "a b@127.0.0.1"),
        (CLOSED, "--ssh", "me@127.0.0.1:0"),
        (CLOSED, "--ssh", "me@127.0.0.1:70000"),
        (CLOSED, "--ssh", "me@-oProxyCommand=x"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_in_one_line(
    house: House, arguments: tuple[str, ...]
) -> None:
    said = house.init(*arguments)

    assert said.code == 64
    assert said.err.startswith("cannot use ")
    assert said.err.count("\n") == 1
    assert "secret" not in said.err


def test_force_overwrites_nothing(house: House) -> None:
    house.file.write_text("mine")

    said = house.init(house.host.url, "--force")

    assert said.code == 1
    assert house.file.read_text() == "mine"


def test_a_file_that_came_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "new.yml"
    file.symlink_to("nowhere")

    with pytest.raises(NotWritten, match="is there already"):
        write_new(file, "text")

    assert [p.name for p in tmp_path.iterdir()] == ["new.yml"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match=r"cannot write .*gone/new.yml: No"):
        write_new(tmp_path / "gone" / "new.yml", "text")


def test_a_new_file_can_be_read_by_others_as_the_umask_says(
    tmp_path: Path,
) -> None:
    before = os.umask(0o027)
    try:
        write_new(tmp_path / "new.yml", "text")
    finally:
        os.umask(before)

    mode = (tmp_path / "new.yml").stat().st_mode
    assert stat.S_IMODE(mode) == 0o640
