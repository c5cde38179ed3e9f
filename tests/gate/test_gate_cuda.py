"""What a service has to use a GPU with, and nothing of it is ever run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.gate.cuda import nvcc_version, observe_cuda
from monitor.gate.gaps import Gaps
from monitor.gate.gpuuse import libraries_loaded, nvidia_devices
from monitor.gate.processes import read_process
from monitor.gate.protocol import Refused
from monitor.gate.pythons import PythonPlace, find_python, python_of_unit
from monitor.gate.roots import ROOT
from monitor.gate.sitepackages import PackagesFound, gpu_packages
from tests.gate.fake_host import FakeHost

UNIT = {"manager": "systemd", "unit": "facefusion.service", "port": 7870}
BARE = {"manager": "process", "directory": "/opt/facefusion", "port": 7870}
VENV = "opt/ff"
PYTHON = "/opt/ff/bin/python"
SITE = f"{VENV}/lib/python3.11/site-packages"
NVCC = "Cuda compilation tools, release 12.8, V12.8.93"
Denied = Callable[[str], None]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    made = FakeHost(tmp_path, monkeypatch)
    places = (f"{made.tools}/nvcc", "/nowhere/bin/nvcc")
    monkeypatch.setattr("monitor.gate.cuda._NVCC_PLACES", places)
    return made


@pytest.fixture
def denied(monkeypatch: pytest.MonkeyPatch) -> Denied:
    """Whoever runs the tests may read everything: deny it by name."""
    real = os.listdir

    def deny(end: str) -> None:
        def listed(path: str) -> list[str]:
            if str(path).endswith(end):
                raise PermissionError(13, "Permission denied", path)
            return real(path)

        monkeypatch.setattr(os, "listdir", listed)

    return deny


def install(host: FakeHost, *names: str, site: str = SITE) -> None:
    for name in names:
        host.write(f"{site}/{name}.dist-info/METADATA", "")


def give_providers(host: FakeHost, *names: str, site: str = SITE) -> None:
    for name in names:
        file = f"onnxruntime/capi/libonnxruntime_providers_{name}.so"
        host.write(f"{site}/{file}", "")


def runs(host: FakeHost, pid: int = 70) -> None:
    host.process(pid)
    host.group("system.slice/facefusion.service", [pid])
    host.tool(
        "systemctl",
        f"printf 'LoadState=loaded\\nMainPID={pid}\\n"
        "ControlGroup=/system.slice/facefusion.service\\n'",
    )


def look(question: dict[str, object]) -> tuple[dict, Gaps]:  # type: ignore[type-arg]
    gaps = Gaps("cuda")
    return observe_cuda(question, gaps), gaps


def whats(gaps: Gaps) -> list[str]:
    return [one["what"] for one in gaps.entries]


def packages(host: FakeHost, python: str = PYTHON) -> PackagesFound | None:
    return gpu_packages(PythonPlace(python, str(host.folder)), Gaps("cuda"))


def named(found: PackagesFound | None) -> list[str]:
    assert found is not None
    return [f"{one['name']} {one['version']}" for one in found.packages]


def test_a_server_that_runs_is_told_whole(host: FakeHost) -> None:
    runs(host)
    install(host, "onnxruntime_gpu-1.24.4", "numpy-2.0.0", "pip-24.0")
    give_providers(host, "cuda", "shared")
    library = "/x/libonnxruntime_providers_cuda.so"
    host.write("proc/70/maps", f"7f00-7f01 r-xp 0 08:01 9 {library}\n")
    for number, leads in enumerate(
        ("/dev/nvidia0", "/dev/null", "socket:[1]")
    ):
        link = host.folder / "proc/70/fd" / str(number)
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(leads)
    host.tool("nvcc", f"echo '{NVCC}'")

    answer, gaps = look(UNIT)

    assert answer == {
        "nvcc": "12.8.93",
        "pid": 70,
        "python": PYTHON,
        "packages": [{"name": "onnxruntime-gpu", "version": "1.24.4"}],
        "providers": ["cuda"],
        "loaded": ["libonnxruntime_providers_cuda"],
        "devices": ["/dev/nvidia0"],
    }
    assert gaps.entries == []


def test_its_python_is_never_run(host: FakeHost) -> None:
    runs(host)
    trap = host.write("opt/ff/bin/python", "#!/bin/sh\ntouch $0.was-run\n")
    trap.chmod(0o755)
    install(host, "onnxruntime_gpu-1.24.4")

    look(UNIT)

    assert sorted(one.name for one in trap.parent.iterdir()) == ["python"]


def test_of_several_servers_the_newest_is_looked_at(host: FakeHost) -> None:
    host.process(70, ticks=9000)
    host.process(71, ticks=5000)

    answer, _ = look(BARE)

    assert answer["pid"] == 70


def test_without_a_process_the_unit_names_the_python(host: FakeHost) -> None:
    argv = f"argv[]={PYTHON} facefusion.py run ; ignore_errors=no"
    host.tool(
        "systemctl",
        "case $* in *ExecStart*) echo 'ExecStart={ path=/bin/sh ; argv[]=x ; "
        f"}} {{ path={PYTHON} ; {argv} ; }}';; "
        "*) printf 'LoadState=loaded\\nMainPID=0\\nControlGroup=\\n';; esac",
    )
    install(host, "onnxruntime-1.20.0")

    answer, gaps = look(UNIT)

    assert (answer["pid"], answer["python"]) == (None, PYTHON)
    assert answer["packages"] == [{"name": "onnxruntime", "version": "1.20.0"}]
    assert (answer["loaded"], answer["devices"]) == (None, None)
    assert whats(gaps) == ["nvcc"]


def test_a_unit_that_starts_no_python_is_a_gap(host: FakeHost) -> None:
    host.tool("systemctl", "echo 'ExecStart={ path=/opt/start.sh ; }'")
    gaps = Gaps("cuda")

    assert python_of_unit("facefusion.service", gaps, 5) is None
    assert "its ExecStart= names none" in gaps.entries[0]["because"]


@pytest.mark.usefixtures("host")
def test_a_bare_process_that_is_not_there_is_a_gap() -> None:
    answer, gaps = look(BARE)

    assert (answer["python"], answer["packages"]) == (None, None)
    assert whats(gaps) == ["python", "nvcc"]


def test_a_question_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(Refused):
        look({"manager": "systemd", "unit": "--help"})


@pytest.mark.parametrize(
    ("cmdline", "cwd", "python"),
    [
        (
            ("/a/../ff/bin/python3", "run.py"),
            "/opt/facefusion",
            "/ff/bin/python3",
        ),
        (
            ("venv/bin/python", "facefusion.py"),
            "/opt/ff",
            "/opt/ff/venv/bin/python",
        ),
        (("venv/bin/python", "facefusion.py"), None, None),
        (("python", "facefusion.py"), "/opt/ff", None),
        (("/bin/bash", "start.sh"), "/opt/ff", None),
    ],
)
def test_the_python_is_what_the_command_line_names(
    host: FakeHost,
    cmdline: tuple[str, ...],
    cwd: str | None,
    python: str | None,
) -> None:
    host.process(70, cmdline=cmdline, cwd=cwd)
    process = read_process(70, 0.0, {})
    assert process is not None
    gaps = Gaps("cuda")

    place = find_python(process, gaps)

    assert (place.path if place else None) == python
    assert whats(gaps) == ([] if python else ["python"])


def test_in_a_container_its_own_files_count(host: FakeHost) -> None:
    host.process(70, contained=True)
    install(host, "torch-2.1.0")
    install(host, "torch-2.9.1+cu128", site=f"proc/70/root/{SITE}")

    answer, _ = look(BARE)

    assert answer["packages"] == [{"name": "torch", "version": "2.9.1+cu128"}]


def test_a_container_that_we_may_not_look_into_is_a_gap(
    host: FakeHost,
) -> None:
    host.process(70, contained=True)

    answer, gaps = look(BARE)

    assert answer["packages"] is None
    assert "the container of process 70" in gaps.entries[0]["because"]


def test_only_what_uses_a_gpu_is_told(host: FakeHost) -> None:
    install(
        host,
        "onnxruntime_gpu-1.24.4",
        "nvidia_cudnn_cu12-9.10.2.21",
        "nvidia-cublas-cu12-12.8.4.1",
        "tensorrt_cu12-10.1.0",
        "Torch-2.9.1",
        "torchvision-0.2",
        "a_secret_project-1.0",
        "tensorrt_cu12_libs-10.1.0",
        "onnxruntime_gpu",
        "onnx-1.2",
    )

    assert named(packages(host)) == [
        "nvidia-cublas-cu12 12.8.4.1",
        "nvidia-cudnn-cu12 9.10.2.21",
        "onnxruntime-gpu 1.24.4",
        "tensorrt-cu12 10.1.0",
        "torch 2.9.1",
    ]


def test_lib64_that_leads_to_lib_counts_once(host: FakeHost) -> None:
    install(host, "torch-2.9.1")
    install(host, "tensorrt-1.0", site=f"{VENV}/lib/tk8.6/site-packages")
    (host.folder / VENV / "lib64").symlink_to("lib")
    (host.folder / VENV / "lib/python3.1").symlink_to("python3.11")

    assert named(packages(host)) == ["torch 2.9.1"]


def test_providers_without_a_folder_of_onnxruntime_are_none(
    host: FakeHost,
) -> None:
    install(host, "torch-2.9.1")

    found = packages(host)

    assert found is not None
    assert found.providers == []


@pytest.mark.parametrize(
    ("says", "base_providers"),
    [("true", ["cuda", "tensorrt"]), ("false", [])],
)
def test_a_virtual_environment_may_use_those_of_its_base(
    host: FakeHost, says: str, base_providers: list[str]
) -> None:
    install(host, "torch-2.9.1")
    base = "usr/local/lib/python3.11/dist-packages"
    install(host, "onnxruntime_gpu-1.24.4", "torch-1.0", site=base)
    give_providers(host, "cuda", "tensorrt", site=base)
    host.write(
        f"{VENV}/pyvenv.cfg",
        f"home = /usr/bin\ninclude-system-site-packages = {says}\n",
    )

    found = packages(host)

    assert named(found) == [
        *(["onnxruntime-gpu 1.24.4"] if base_providers else []),
        "torch 2.9.1",
    ]
    assert found is not None
    assert found.providers == base_providers


@pytest.mark.parametrize("python", ["/usr/bin/python3.11", "/usr/bin/python3"])
def test_of_several_pythons_its_own_counts(
    host: FakeHost, python: str
) -> None:
    host.write("usr/bin/python3.11", "")
    (host.folder / "usr/bin/python3").symlink_to("python3.11")
    for number in ("3.10", "3.11"):
        site = f"usr/lib/python{number}/site-packages"
        install(host, f"torch-2.{number}", site=site)
    install(host, "tensorrt-10.0", site="usr/lib/python3/dist-packages")

    assert named(packages(host, python)) == ["tensorrt 10.0", "torch 2.3.11"]


def test_a_python_without_a_version_among_several_is_a_gap(
    host: FakeHost,
) -> None:
    for number in ("3.10", "3.11"):
        install(
            host, "torch-2", site=f"opt/ff/lib/python{number}/site-packages"
        )
    gaps = Gaps("cuda")

    found = gpu_packages(PythonPlace(PYTHON, str(host.folder)), gaps)

    assert found is None
    assert whats(gaps) == ["packages"]


def test_a_python_without_packages_is_a_gap(host: FakeHost) -> None:
    gaps = Gaps("cuda")

    assert gpu_packages(PythonPlace(PYTHON, str(host.folder)), gaps) is None
    assert gaps.entries[0]["because"] == (
        "cannot find the packages of /opt/ff/bin/python"
    )


@pytest.mark.parametrize(
    ("end", "what"), [("site-packages", "packages"), ("capi", "providers")]
)
def test_what_may_not_be_listed_is_a_gap_with_its_path(
    host: FakeHost, denied: Denied, end: str, what: str
) -> None:
    install(host, "torch-2.9.1")
    give_providers(host, "cuda")
    denied(end)
    gaps = Gaps("cuda")

    found = gpu_packages(PythonPlace(PYTHON, str(host.folder)), gaps)

    assert found is None or found.providers is None
    assert whats(gaps) == [what]
    assert f"cannot list /{SITE}" in gaps.entries[0]["because"]


def test_what_a_process_has_may_be_hidden(
    host: FakeHost, denied: Denied
) -> None:
    host.process(70)
    denied("70/fd")
    gaps = Gaps("cuda")

    assert libraries_loaded(70, "S", gaps) is None
    assert nvidia_devices(70, gaps) is None
    assert whats(gaps) == ["loaded", "devices"]
    assert "that is for its own user and root" in gaps.entries[0]["because"]


def test_a_process_that_waits_in_the_kernel_is_not_asked(
    host: FakeHost,
) -> None:
    host.write("proc/70/maps", "/x/libcudnn.so.9\n")
    gaps = Gaps("cuda")

    assert libraries_loaded(70, "D", gaps) is None
    assert libraries_loaded(70, "R", gaps) == ["libcudnn"]
    assert "it waits in the kernel" in gaps.entries[0]["because"]


def test_a_descriptor_that_is_closed_meanwhile_is_left_out(
    host: FakeHost,
) -> None:
    host.write("proc/70/fd/0", "no link")

    assert nvidia_devices(70, Gaps("cuda")) == []


@pytest.mark.usefixtures("host")
def test_without_nvcc_there_is_a_gap() -> None:
    gaps = Gaps("cuda")

    assert nvcc_version(gaps, 5) is None
    assert "cannot find nvcc" in gaps.entries[0]["because"]


def test_an_nvcc_that_hangs_is_ended(host: FakeHost) -> None:
    host.tool("nvcc", "exec sleep 60")
    gaps = Gaps("cuda")

    assert nvcc_version(gaps, 0.1) is None
    assert "did not answer in time" in gaps.entries[0]["because"]


def test_an_nvcc_that_says_no_version_is_none(host: FakeHost) -> None:
    host.tool("nvcc", "echo hello")

    assert nvcc_version(Gaps("cuda"), 5) is None


def test_the_real_machine_is_looked_at_without_a_fault() -> None:
    gaps = Gaps("cuda")

    assert ROOT.folder == "/"
    answer = observe_cuda({"manager": "process", "directory": "/none"}, gaps)

    assert answer["pid"] is None
