"""Files are touched in one directory, and nobody leads us out of it."""

import base64
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.gate.filepaths import steps_below
from monitor.gate.files import files_verb
from monitor.gate.gaps import Gaps
from monitor.gate.protocol import Refused
from tests.gate.fake_host import unix_now

IMAGE = b"\xff\xd8 an image"
NAME = "ffmon-00112233.jpg"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir(mode=0o755)
    return folder


def do(directory: Path | str | None, what: str, **request: object) -> dict:  # type: ignore[type-arg]
    where = None if directory is None else str(directory)
    return files_verb({"do": what, **request}, where, Gaps("files"))


def put(directory: Path | None, **more: object) -> dict:  # type: ignore[type-arg]
    data = base64.b64encode(IMAGE).decode()
    return do(directory, "put", **{"name": NAME, "data": data, **more})


def refused(directory: Path | None, what: str, **request: object) -> str:
    """Return why it is refused, reason first."""
    with pytest.raises(Refused) as flaw:
        put(directory, **request) if what == "put" else do(
            directory, what, **request
        )
    assert flaw.value.because.startswith("cannot ")
    return f"{flaw.value.reason}: {flaw.value.because}"


def test_what_is_put_is_there_whole(ours: Path) -> None:
    before = unix_now()

    answer = put(ours, mode="644")

    assert (ours / NAME).read_bytes() == IMAGE
    assert stat.S_IMODE((ours / NAME).stat().st_mode) == 0o644
    assert answer["size"] == len(IMAGE)
    assert abs(answer["mtime"] - before) < 60
    assert [one.name for one in (ours).iterdir()] == [NAME]


def test_a_mode_is_the_owners_and_the_groups_by_default(ours: Path) -> None:
    put(ours)

    assert stat.S_IMODE((ours / NAME).stat().st_mode) == 0o640


def test_the_directory_is_made_once(tmp_path: Path) -> None:
    put(tmp_path / "new")
    put(tmp_path / "new", name="other.jpg")

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o755


def test_a_file_that_is_there_is_never_written_over(ours: Path) -> None:
    (ours / NAME).write_text("theirs")

    because = refused(ours, "put")

    assert "file exists" in because
    assert (ours / NAME).read_text() == "theirs"
    assert [one.name for one in (ours).iterdir()] == [NAME]


def test_a_link_in_the_place_of_a_file_is_not_followed(
    ours: Path, tmp_path: Path
) -> None:
    (ours / NAME).symlink_to(tmp_path / "victim")
    (ours / f"{NAME}.part").symlink_to(tmp_path / "victim")

    refused(ours, "put")

    assert not (tmp_path / "victim").exists()


def test_half_a_file_of_a_crash_is_replaced(ours: Path) -> None:
    (ours / f"{NAME}.part").write_text("half")

    put(ours)

    assert (ours / NAME).read_bytes() == IMAGE


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "/etc/x",
        ".hidden",
        "-rf",
        "a\n",
        "ä",
        None,
        7,
        "x" * 121,
    ],
)
def test_a_name_is_one_plain_name(ours: Path, name: object) -> None:
    assert "cannot use name" in refused(ours, "put", name=name)


@pytest.mark.parametrize(
    "mode", ["777", "755", "646", "4644", "64", "rw-", 640, None, "66x"]
)
def test_a_mode_gives_no_rights_away(ours: Path, mode: object) -> None:
    assert "cannot use mode" in refused(ours, "put", mode=mode)


@pytest.mark.parametrize("data", [None, "%%%", "ä", "abc"])
def test_data_is_base64(ours: Path, data: object) -> None:
    assert "cannot use data" in refused(ours, "put", data=data)


def test_a_directory_that_everybody_may_write_is_refused(ours: Path) -> None:
    ours.chmod(0o777)
    because = refused(ours, "put")
    ours.chmod(0o1777)
    put(ours)

    assert because.startswith("forbidden")
    assert "chmod o-w" in because
    assert (ours / NAME).exists()


def test_a_directory_that_is_a_link_is_refused(
    ours: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(ours)

    for what in ("put", "list"):
        assert refused(link, what)
    assert [one.name for one in (ours).iterdir()] == []


@pytest.mark.parametrize("what", ["put", "list", "remove"])
@pytest.mark.parametrize("directory", [None, Path("/")])
def test_without_a_directory_of_ours_nothing_is_done(
    what: str, directory: Path | None
) -> None:
    assert refused(directory, what, path="/x/y").startswith("forbidden")


def test_an_unknown_errand_is_refused(ours: Path) -> None:
    assert "cannot use do" in refused(ours, "chmod")
    assert "cannot use do" in refused(ours, "__init__")


def test_a_file_comes_in_chunks(ours: Path) -> None:
    put(ours)
    path = str(ours / NAME)

    first = do(ours, "get", path=path, limit=5)
    second = do(ours, "get", path=path, limit=500, offset=5)
    behind = do(ours, "get", path=path, offset=500)

    assert base64.b64decode(first["data"] + "") == IMAGE[:5]
    assert base64.b64decode(second["data"]) == IMAGE[5:]
    assert (first["more"], second["more"]) == (True, False)
    assert (behind["data"], behind["more"]) == ("", False)
    assert first["size"] == len(IMAGE)


@pytest.mark.parametrize("offset", [-1, "0", True, 1 << 40])
def test_an_offset_is_a_place_in_a_file(ours: Path, offset: object) -> None:
    assert "offset" in refused(ours, "get", path="/x", offset=offset)


def test_an_output_elsewhere_is_got_when_it_is_new(
    ours: Path, tmp_path: Path
) -> None:
    mtime = put(ours)["mtime"]
    output = tmp_path / "output.jpg"
    output.write_bytes(IMAGE)

    answer = do(None, "get", path=str(output), newer_than=mtime)

    assert base64.b64decode(answer["data"]) == IMAGE


def test_an_older_file_elsewhere_is_refused(
    ours: Path, tmp_path: Path
) -> None:
    output = tmp_path / "output.jpg"
    output.write_bytes(b"face")
    os.utime(output, (unix_now() - 100, unix_now() - 100))

    because = refused(ours, "get", path=str(output), newer_than=unix_now())

    assert "older than" in because


@pytest.mark.parametrize("newer_than", [None, 1, "now", True, 1e30])
def test_a_file_elsewhere_needs_the_time_of_this_run(
    ours: Path, newer_than: object
) -> None:
    because = refused(ours, "get", path="/etc/passwd", newer_than=newer_than)

    assert because.startswith("forbidden")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
@pytest.mark.parametrize("inside", [True, False])
def test_only_a_regular_file_is_got(
    ours: Path, tmp_path: Path, kind: str, *, inside: bool
) -> None:
    path = (ours if inside else tmp_path) / "thing"
    if kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()

    because = refused(ours, "get", path=str(path), newer_than=unix_now())

    assert "no regular file" in because


def test_a_file_made_by_the_kernel_gives_nothing_away() -> None:
    because = refused(
        None, "get", path="/proc/self/environ", newer_than=unix_now() - 9999
    )

    assert "no picture" in because


def test_a_file_too_large_is_refused(ours: Path) -> None:
    with (ours / "big").open("wb") as file:
        file.truncate((32 << 20) + 1)

    assert refused(ours, "get", path=str(ours / "big")).startswith("too_large")


def test_a_missing_file_is_told(ours: Path) -> None:
    assert "no such file" in refused(ours, "get", path=str(ours / "no"))
    assert do(ours, "remove", path=str(ours / "no")) == {"removed": False}


def test_a_file_of_ours_is_removed(ours: Path) -> None:
    put(ours)
    (ours / "run").mkdir()
    (ours / "run/out.jpg").write_text("x")

    assert do(ours, "remove", path=str(ours / NAME)) == {"removed": True}
    assert do(ours, "remove", path=f"{ours}/run/out.jpg") == {"removed": True}
    assert [one.name for one in (ours).iterdir()] == ["run"]
    assert [one.name for one in (ours / "run").iterdir()] == []


def test_nothing_else_is_removed(ours: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("theirs")
    (ours / "way").symlink_to(outside)
    (ours / "folder").mkdir()
    (tmp_path / "ours2").write_text("x")

    for path in (
        outside / "x",
        ours / "way/x",
        ours / "way",
        ours / "folder",
        ours,
        tmp_path / "ours2",
        ours / "a/a/a/a/a/a/a/a/a",
    ):
        refused(ours, "remove", path=str(path))
    refused(ours, "remove", path=f"{ours}/../outside/x")

    assert (outside / "x").exists()
    assert (ours / "way").is_symlink()


def test_a_folder_on_the_way_that_everybody_may_write_is_refused(
    ours: Path,
) -> None:
    (ours / "run").mkdir()
    (ours / "run").chmod(0o777)
    (ours / "run/x").write_text("x")

    assert refused(ours, "remove", path=f"{ours}/run/x")


def test_the_files_of_the_directory_are_listed(ours: Path) -> None:
    answer = put(ours)
    (ours / "folder").mkdir()
    (ours / "link").symlink_to(ours / NAME)

    assert do(ours, "list") == {"entries": [{"name": NAME, **answer}]}


def test_a_denied_directory_says_what_helps(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_args: object, **_more: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("monitor.gate.filepaths.os.open", deny)
        because = refused(ours, "list")

    assert because.startswith("forbidden")
    assert "give our user access" in because


@given(st.text(alphabet="/.ab") | st.text())
def test_no_way_leads_out_of_the_directory(path: str) -> None:
    steps = steps_below("/a", path)

    assert steps is None or not {"..", ".", ""} & set(steps)
