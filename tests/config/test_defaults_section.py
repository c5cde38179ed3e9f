"""`defaults` is laid beneath every host and every target."""

from pathlib import Path

from monitor.config import Settings, load

HEAD = """defaults:
  status: {interval: 20s, failures: 5}
  labels: {site: cellar, rack: a}
  backend: {character_id: c}
  gpu: {interval: 1m}
  host: {interval: 2m}
  ssh: {user: watcher, key_file: secrets/observe}
  canaries: [{operation: enhance}]
hosts:
  - name: gpu1
    ssh: {address: 192.168.1.10, port: 2222}
  - name: gpu2
    ssh: {address: 192.168.1.11, user: root}
    gpu: {interval: 5s}
targets:
  - name: studio
    url: http://192.168.1.10:9002
    status: {failures: 2}
    labels: {site: studio}
    canaries: [{operation: age}]
  - name: attic
    url: http://192.168.1.11:9002
    backend:
"""


def _loaded(folder: Path, text: str = HEAD) -> Settings:
    (folder / "a.yml").write_text(text)
    return load(Path("a.yml"), {}, folder)


def test_mappings_are_merged_deeply(folder: Path) -> None:
    studio, attic = _loaded(folder).targets

    assert (studio.status.interval, studio.status.failures) == (20.0, 2)
    assert (attic.status.interval, attic.status.failures) == (20.0, 5)
    assert studio.labels == {"site": "studio", "rack": "a"}


def test_lists_are_replaced(folder: Path) -> None:
    studio, attic = _loaded(folder).targets

    assert [canary.name for canary in studio.canaries] == ["age"]
    assert [canary.name for canary in attic.canaries] == ["enhance-gfpgan_1.4"]


def test_nothing_behind_a_key_switches_a_default_off(folder: Path) -> None:
    studio, attic = _loaded(folder).targets

    assert studio.backend
    assert studio.backend.character_id == "c"
    assert attic.backend is None


def test_hosts_take_what_is_for_hosts(folder: Path) -> None:
    gpu1, gpu2 = _loaded(folder).hosts

    assert (gpu1.ssh.user, gpu1.ssh.port) == ("watcher", 2222)
    assert gpu1.ssh.key_file == folder / "secrets" / "observe"
    assert (gpu1.gpu.interval, gpu1.host.interval) == (60.0, 120.0)
    assert (gpu2.ssh.user, gpu2.gpu.interval) == ("root", 5.0)


def test_a_host_by_name_is_for_targets(folder: Path) -> None:
    text = HEAD.replace("host: {interval: 2m}", "host: gpu1")

    settings = _loaded(folder, text)

    assert [target.host for target in settings.targets] == ["gpu1", "gpu1"]
    assert settings.hosts[0].host.interval == 30.0


def test_anchors_and_merge_keys_work_too(folder: Path) -> None:
    text = """targets:
  - &a
    name: studio
    url: http://a
    status: &fast {interval: 10s, failures: 1}
  - <<: *a
    name: attic
    status: {<<: [{failures: 4}, *fast], successes: 3}
"""

    studio, attic = _loaded(folder, text).targets

    assert attic.url == studio.url
    assert attic.status.interval == 10.0
    assert (attic.status.failures, attic.status.successes) == (4, 3)


def test_empty_sections_are_as_if_absent(folder: Path) -> None:
    text = (
        "access:\nserver:\ndefaults:\nhosts:\n"
        "targets: [{name: a, url: 'http://a', status: , labels: }]"
    )

    settings = _loaded(folder, text)

    assert settings.access.tokens == ()
    assert settings.targets[0].status.failures == 3


def test_a_default_may_fit_only_together_with_the_target(
    folder: Path,
) -> None:
    text = """defaults:
  status: {timeout: 40s}
  recovery: {auto: [restart]}
targets:
  - name: a
    url: http://a
    status: {interval: 1m}
    recovery: {allow: [restart]}
"""

    (target,) = _loaded(folder, text).targets

    assert target.status.timeout == 40.0
    assert target.recovery.auto == ("restart",)


def test_lists_of_others_may_bring_the_host(folder: Path) -> None:
    text = (
        "targets: [{name: a, url: 'http://a', host: gpu9}]\n"
        "targets_from: [{file: fleet/*.yml}]\n"
    )

    assert _loaded(folder, text).targets[0].host == "gpu9"
