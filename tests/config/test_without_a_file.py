"""Without a file one variable is the configuration."""

from pathlib import Path

import pytest

from monitor.config import load
from monitor.domain.errors import ConfigurationError


def test_the_guides_address_is_watched_without_canaries(
    tmp_path: Path,
) -> None:
    settings = load(None, {}, tmp_path)

    (target,) = settings.targets
    assert target.name == "facefusion"
    assert target.url == "http://localhost:7870"
    assert target.canaries == ()
    assert settings.hosts == ()


def test_the_variable_says_which_server_it_is(tmp_path: Path) -> None:
    environ = {"FACEFUSION_URL": "http://192.168.1.10:9002/"}

    settings = load(None, environ, tmp_path)

    assert settings.targets[0].url == "http://192.168.1.10:9002"


def test_an_empty_variable_is_as_none(tmp_path: Path) -> None:
    settings = load(None, {"FACEFUSION_URL": ""}, tmp_path)

    assert settings.targets[0].url == "http://localhost:7870"


def test_a_bad_variable_is_named_without_what_it_holds(
    tmp_path: Path,
) -> None:
    environ = {"FACEFUSION_URL": "http://admin:hunter2@localhost"}

    with pytest.raises(ConfigurationError) as caught:
        load(None, environ, tmp_path)

    assert str(caught.value) == (
        "cannot use FACEFUSION_URL: the address holds a user name or a "
        "password; leave them out: addresses are shown in metrics and logs"
    )
