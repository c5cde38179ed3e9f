"""Whoever has the key of an installed gate gets little, and ends nothing."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.gate import files
from monitor.gate.asked import Asked
from monitor.gate.files import files_verb
from monitor.gate.gaps import Gaps
from monitor.gate.hello import Way
from monitor.gate.log import NamedLogs
from monitor.gate.main import Options, Usage
from monitor.gate.observe import PARTS, parts_for
from monitor.gate.outcome import Outcome
from monitor.gate.protocol import LONGEST_LINE, Refused
from tests.gate.fake_host import unix_now


def refusal(do: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        do()
    assert caught.value.because.startswith("cannot ")
    return caught.value


def put(folder: Path, name: str, size: int = 1) -> dict[str, object]:
    data = base64.b64encode(b"x" * size).decode()
    request: dict[str, object] = {"do": "put", "name": name, "data": data}
    return files_verb(request, str(folder), Gaps("files"))


def get(
    path: Path, folder: Path, newer_than: float | None = None
) -> dict[str, object]:
    request: dict[str, object] = {"do": "get", "path": str(path)}
    if newer_than is not None:
        request["newer_than"] = newer_than
    return files_verb(request, str(folder), Gaps("files"))


def test_a_question_of_too_many_parts_is_refused() -> None:
    parts: dict[str, object] = {f"p{number}": {} for number in range(33)}

    flaw = refusal(lambda: Asked({"id": "1", "parts": parts}))

    assert flaw.reason == "bad_request"


def test_an_answer_of_nothing_but_gaps_fits_a_line() -> None:
    names = [f"{number}" + "ü" * 900 for number in range(32)]
    asked = Asked({"id": "1", "parts": {name: {} for name in names}})
    for name in names:
        gaps = Gaps(name[:20])
        for _ in range(200):
            gaps.add("\x01" * 300, "\x01" * 300)
        asked.take(name, Outcome(because="\x01" * 300, gaps=gaps.entries))

    line = asked.line(1.0, None)

    gaps_told = json.loads(line)["gaps"]
    assert len(line) <= LONGEST_LINE
    assert {gap["part"] for gap in gaps_told} >= {name[:64] for name in names}


def test_no_more_files_are_put_than_have_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_OURS_AT_MOST", 2)
    put(tmp_path, "a.jpg")
    put(tmp_path, "b.jpg")

    flaw = refusal(lambda: put(tmp_path, "c.jpg"))

    assert flaw.reason == "too_large"
    assert "2 files" in flaw.because
    assert {one.name for one in tmp_path.iterdir()} == {"a.jpg", "b.jpg"}


def test_no_more_bytes_are_put_than_have_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_OURS_BYTES", 100)
    put(tmp_path, "a.jpg", 60)

    assert refusal(lambda: put(tmp_path, "b.jpg", 41)).reason == "too_large"

    put(tmp_path, "c.jpg", 40)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_of_others_take_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_OURS_AT_MOST", 1)
    (tmp_path / "theirs").write_text("x")
    os.chown(tmp_path / "theirs", 65534, 65534)

    assert put(tmp_path, "a.jpg")["size"] == 1


def test_a_new_file_elsewhere_that_is_no_picture_is_not_given_out(
    tmp_path: Path,
) -> None:
    ours = tmp_path / "ours"
    ours.mkdir()
    log = tmp_path / "auth.log"
    log.write_text("a secret")

    flaw = refusal(lambda: get(log, ours, unix_now() - 60))

    assert flaw.reason == "forbidden"
    assert "secret" not in flaw.because


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x0a\x00\x00\x00WEBP",
        b"II*\x00",
        b"MM\x00*",
        b"BM\x0a\x00\x0a\x00\x00\x00\x00\x00",
    ],
)
def test_a_new_picture_elsewhere_is_given_out(
    head: bytes, tmp_path: Path
) -> None:
    ours = tmp_path / "ours"
    ours.mkdir()
    output = tmp_path / "output"
    output.write_bytes(head + b"more")

    answer = get(output, ours, unix_now() - 60)

    assert base64.b64decode(str(answer["data"])) == head + b"more"


def test_what_is_in_our_directory_may_be_anything(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("text")

    assert get(tmp_path / "notes", tmp_path)["size"] == 4


def test_an_installed_gate_reads_the_logs_that_its_key_names(
    tmp_path: Path,
) -> None:
    log = tmp_path / "ff.log"
    log.write_text("a line\n")
    options = Options(["observe", "--log", f"{log}", "--log", "/var/other"])
    question: dict[str, object] = {
        "source": "file",
        "path": f"{tmp_path}//./ff.log",
    }

    answer = parts_for(options.way)["log"](question, Gaps("log"))

    assert answer["lines"] == [{"at": None, "text": "a line"}]


@pytest.mark.parametrize("path", ["/etc/passwd", "/var/log/ff.log.1"])
def test_an_installed_gate_reads_no_other_file(path: str) -> None:
    way = Options(["observe", "--log", "/var/log/ff.log"]).way

    flaw = refusal(
        lambda: parts_for(way)["log"](
            {"source": "file", "path": path}, Gaps("log")
        )
    )

    assert flaw.reason == "forbidden"
    assert "--log" in flaw.because


def test_a_journal_needs_no_name() -> None:
    logs = NamedLogs(())

    flaw = refusal(
        lambda: logs.observe({"source": "journal", "unit": 7}, Gaps("log"))
    )

    assert flaw.reason == "bad_request"


def test_a_gate_that_was_sent_reads_what_its_user_may() -> None:
    assert parts_for(Way("stdin", "observe", None)) is PARTS


@pytest.mark.parametrize("option", ["--directory", "--log"])
@pytest.mark.parametrize("path", ["/.", "/./", "//", "x", "/a/../b"])
def test_no_option_names_the_root_or_less(option: str, path: str) -> None:
    with pytest.raises(Usage):
        Options(["observe", option, path])
