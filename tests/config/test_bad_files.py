"""Each flaw has a file in bad/ that is named after it.

The comment at the top of the file is the error that it must give, word for
word; `{folder}` stands for the folder that the file is in.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.config import load
from monitor.domain.errors import ConfigurationError

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yml"))


def _expected(text: str) -> list[str]:
    return [
        line.removeprefix("# ")
        for line in text.splitlines()
        if line.startswith("# cannot use ")
    ]


@pytest.mark.parametrize("bad", FILES, ids=lambda file: file.stem)
def test_a_flaw_is_named_with_its_line_and_with_what_would_help(
    bad: Path, folder: Path, environ: Mapping[str, str]
) -> None:
    text = bad.read_text()
    (folder / bad.name).write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        load(Path(bad.name), environ, folder)

    said = str(caught.value).replace(str(folder), "{folder}")
    assert said.splitlines() == _expected(text)


def test_no_error_repeats_a_secret_or_a_password(
    folder: Path, environ: Mapping[str, str]
) -> None:
    said = ""
    for bad in FILES:
        (folder / bad.name).write_text(bad.read_text())

        with pytest.raises(ConfigurationError) as caught:
            load(Path(bad.name), environ, folder)

        said += str(caught.value)

    assert "hunter2" not in said


def test_every_bad_file_expects_something() -> None:
    assert len(FILES) > 150
    assert all(_expected(file.read_text()) for file in FILES)
