"""Files of which nothing can be read, or not all."""

import os
from pathlib import Path

import pytest

from monitor.config import find, load
from monitor.domain.errors import ConfigurationError

GOOD = "targets: [{name: studio, url: 'http://192.168.1.10:9002'}]\n"


def _refused(folder: Path, data: bytes) -> str:
    (folder / "a.yml").write_bytes(data)
    with pytest.raises(ConfigurationError) as caught:
        load(Path("a.yml"), {}, folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "a.yml:1: the file is empty"),
        (b"\xef\xbb\xbf", "a.yml:1: the file is empty"),
        (b"a: b\nc: \xff\n", "a.yml:2: the file is not UTF-8 here"),
        (GOOD.encode("utf-16"), "a.yml:1: the file is not UTF-8 here"),
        (b"log: \0\n", "a.yml:1: a control character"),
        (b"#" * (1024 * 1024 + 1), "a.yml: the file is larger than 1 MiB"),
        (b"\t", "a.yml:1: a tab where YAML has spaces"),
        (b"[" * 100_000, "a.yml:1: nested deeper than 32 levels"),
        (b"- " * 100_000, "a.yml:1: nested deeper than 32 levels"),
        (b"null", "a.yml:1: the file is no mapping"),
        (b"\r@", "a.yml:2: not YAML"),
        (b"%YAML 9.9\n---\n", "a.yml:1: not YAML"),
    ],
)
def test_the_file_is_refused_in_one_sentence(
    folder: Path, data: bytes, said: str
) -> None:
    error = _refused(folder, data)

    assert error.startswith(f"cannot use {said}")
    assert ";" in error
    assert len(error.splitlines()) == 1


def test_a_byte_order_mark_is_no_flaw(folder: Path) -> None:
    (folder / "a.yml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())

    settings = load(Path("a.yml"), {}, folder)

    assert settings.targets[0].name == "studio"


def test_a_hundred_flaws_are_listed_and_the_rest_counted(
    folder: Path,
) -> None:
    unknown = "".join(f"zz{number}: 1\n" for number in range(130))

    error = _refused(folder, (unknown + GOOD).encode())

    assert len(error.splitlines()) == 101
    assert error.splitlines()[-1] == "cannot use a.yml: 30 more like these"


def test_defaults_cannot_blow_the_file_up(folder: Path) -> None:
    labels = ", ".join(f"a{number}: b" for number in range(3000))
    targets = ", ".join(["{}"] * 3000)

    error = _refused(
        folder,
        f"targets: [{targets}]\ndefaults: {{labels: {{{labels}}}}}".encode(),
    )

    assert error.startswith("cannot use a.yml:2: defaults times hosts")


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no such file") as caught:
        load(Path("nowhere.yml"), {}, folder)

    assert str(caught.value).startswith("cannot use nowhere.yml: ")
    assert "--config" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("secrets", "cannot use secrets: is a directory; name a file in it"),
        ("a\0b", "cannot use a\\x00b: no file can have that name"),
        ("face.jpg/a.yml", "cannot use face.jpg/a.yml: not a directory"),
    ],
)
def test_what_is_no_file_is_named(folder: Path, name: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(Path(name), {}, folder)

    assert str(caught.value).startswith(said)


def test_the_file_here_comes_before_that_of_the_system(folder: Path) -> None:
    system = folder / "system.yml"
    system.touch()

    without = find(None, folder, system)
    (folder / "facefusion-monitor.yml").touch()
    with_one = find(None, folder, system)

    assert without == system
    assert with_one == Path("facefusion-monitor.yml")
    assert find(None, folder / "secrets", folder / "none.yml") is None


def test_a_place_where_we_may_not_look_is_an_error(folder: Path) -> None:
    too_long = folder / ("a" * 300)

    with pytest.raises(ConfigurationError, match="let our user read it"):
        find(None, folder, too_long)


def test_no_more_is_read_than_may_be_used(folder: Path) -> None:
    with (folder / "a.yml").open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(ConfigurationError, match="larger than 1 MiB"):
        load(Path("a.yml"), {}, folder)


def test_a_link_to_nowhere_is_not_passed_over(folder: Path) -> None:
    (folder / "facefusion-monitor.yml").symlink_to(folder / "gone.yml")

    with pytest.raises(ConfigurationError, match="no such file"):
        load(None, {}, folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_key_that_our_user_may_not_read_is_named(folder: Path) -> None:
    (folder / "secrets" / "observe").chmod(0)

    error = _refused(
        folder,
        b"hosts: [{name: a, ssh: {address: a, key_file: secrets/observe}}]\n"
        + GOOD.encode(),
    )

    assert "secrets/observe: cannot be read" in error
