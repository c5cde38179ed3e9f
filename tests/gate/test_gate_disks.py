"""Room on file systems; one that hangs is one gap."""

import os
import threading
from collections.abc import Iterator

import pytest

from monitor.gate.disks import observe_disks
from monitor.gate.gaps import Gaps
from monitor.gate.protocol import Refused
from tests.gate.conftest import Tree


def observed(
    *paths: object, **more: object
) -> tuple[list[dict[str, object]], list[str]]:
    gaps = Gaps("disks")
    answer = observe_disks({"paths": list(paths), **more}, gaps)
    disks = answer["disks"]
    assert isinstance(disks, list)
    return disks, [f"{gap['what']}: {gap['because']}" for gap in gaps.entries]


def test_room_is_for_an_ordinary_user(tree: Tree) -> None:
    (tree.folder / "data").mkdir()
    real = os.statvfs(tree.folder)

    [disk], gaps = observed("/data", "/data")

    assert gaps == []
    assert disk["path"] == "/data"
    assert disk["total"] == real.f_blocks * real.f_frsize
    free = disk["free"]
    assert isinstance(free, int)
    assert abs(free - real.f_bavail * real.f_frsize) < 1 << 30
    assert disk["inodes_total"] == (real.f_files or None)


def test_what_is_not_there_is_a_gap_beside_what_is(tree: Tree) -> None:
    (tree.folder / "data").mkdir()

    disks, gaps = observed("/data", "/none", "/\ud800")

    assert [disk["path"] for disk in disks] == ["/data"]
    assert gaps == [
        "/none: cannot look: No such file or directory",
        "/\ud800: cannot look: it is no name of a file",
    ]


class Statvfs:
    """File systems of which one hangs until the test ends."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def __call__(self, path: str) -> os.statvfs_result:
        if path.endswith("hangs"):
            self.over.wait(30)
        # bsize, frsize, blocks, bfree, bavail, files, ffree, favail, …
        return os.statvfs_result((1, 4096, 100, 60, 50, 0, 9, 8, 0, 255))


@pytest.fixture
def _hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    statvfs = Statvfs()
    monkeypatch.setattr(os, "statvfs", statvfs)
    yield
    statvfs.over.set()


@pytest.mark.usefixtures("_hanging")
def test_a_dead_file_system_is_one_gap() -> None:
    disks, gaps = observed("/hangs", "/data", within=0.5)

    assert disks == [
        {
            "path": "/data",
            "total": 409_600,
            "free": 204_800,
            "inodes_total": None,
            "inodes_free": None,
        }
    ]
    assert gaps == ["/hangs: cannot look: the file system does not answer"]


@pytest.mark.usefixtures("_hanging")
def test_where_an_earlier_look_is_stuck_nobody_looks_again() -> None:
    disks, gaps = observed("/hangs", "/data", avoid=["/hangs"])

    assert [disk["path"] for disk in disks] == ["/data"]
    assert gaps == ["/hangs: cannot look: an earlier look still waits there"]


@pytest.mark.parametrize(
    "paths",
    [None, [], "/", ["relative"], ["/a\0b"], [7], ["/" * 1025], ["/"] * 17],
)
def test_paths_that_make_no_sense_are_refused(paths: object) -> None:
    with pytest.raises(Refused, match="cannot look"):
        observe_disks({"paths": paths}, Gaps("disks"))
