"""The journal of a host is a real journald's; only the kernel is played."""

import json

import pytest

from tests.machines.host import FIRST_LINE, SystemdHost
from tests.machines.waiting import until

pytestmark = [pytest.mark.machines, pytest.mark.slow]
XID = "NVRM: Xid (PCI:0000:0a:00): 79, pid='<unknown>', name=<unknown>"


def kernel_lines(host: SystemdHost, *options: str) -> list[dict[str, str]]:
    """Return what is there; nothing while journald opens its first file."""
    words = f"journalctl -k -o json --no-pager {' '.join(options)}"
    lines = host.as_user(words, check=False).splitlines()
    told = [json.loads(line) for line in lines]
    return [line for line in told if line["MESSAGE"] != FIRST_LINE]


def test_an_ordinary_user_reads_what_the_kernel_said(
    host: SystemdHost,
) -> None:
    host.write_kernel_line(XID)
    host.write_kernel_line("NVRM: another, with a comma; and more")

    lines = until(lambda: kernel_lines(host), lambda found: len(found) == 2)

    assert lines[0]["MESSAGE"] == XID
    assert lines[1]["MESSAGE"] == "NVRM: another, with a comma; and more"
    assert lines[0]["_TRANSPORT"] == "kernel"
    assert lines[0]["_BOOT_ID"] == host.boot_id().replace("-", "")


def test_a_cursor_goes_on_after_the_last_line(host: SystemdHost) -> None:
    host.write_kernel_line("before")
    (before,) = until(lambda: kernel_lines(host), bool)
    cursor = before["__CURSOR"]
    host.write_kernel_line("after")

    after = until(
        lambda: kernel_lines(host, f"--after-cursor='{cursor}'"), bool
    )

    assert [line["MESSAGE"] for line in after] == ["after"]


def test_a_new_boot_has_a_kernel_log_of_its_own(host: SystemdHost) -> None:
    host.write_kernel_line("of the first boot")
    first = until(lambda: kernel_lines(host), bool)

    host.reboot()
    host.write_kernel_line("of the second boot")
    lines = until(lambda: kernel_lines(host), bool)

    assert [line["MESSAGE"] for line in lines] == ["of the second boot"]
    assert lines[0]["_BOOT_ID"] != first[0]["_BOOT_ID"]


def test_dmesg_shows_the_played_kernel_and_not_the_real_one(
    host: SystemdHost,
) -> None:
    host.write_kernel_line(XID)

    first, second = host.as_user("dmesg").splitlines()

    assert first.endswith(FIRST_LINE)
    assert second.endswith(XID)


def test_facefusions_lines_are_in_the_journal_of_its_unit(
    host: SystemdHost,
) -> None:
    host.log_line("[FACEFUSION.CORE] a line of ours")

    words = "journalctl -u facefusion.service -o cat --no-pager"
    said = until(
        lambda: host.as_user(words, check=False), lambda text: "ours" in text
    )

    assert "[FACEFUSION.CORE] a line of ours" in said.splitlines()
    assert "* Running on local URL:  http://0.0.0.0:7860" in said


def test_the_journal_outlives_a_reboot(host: SystemdHost) -> None:
    host.log_line("[FACEFUSION.CORE] before the reboot")
    words = "journalctl -u facefusion.service -o cat --no-pager -b -1"
    host.reboot()

    assert "before the reboot" in host.as_user(words)
