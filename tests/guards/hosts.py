"""Guards of what we do on a GPU host, and of what we believe from there."""

from tests.guards.guard import Guard

GUARDS = (
    Guard(
        says="the gate touches nothing outside its directory",
        file="monitor/gate/filepaths.py",
        line="    if not path.startswith(start):\n        return None",
        without="    if not path.startswith(start):\n"
        '        return [path.rsplit("/", 1)[-1]]',
        tests="tests/gate/test_gate_files.py",
    ),
    Guard(
        says="a folder that everybody may write to is not used",
        file="monitor/gate/filepaths.py",
        line="        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:",
        without="        if mode < 0:",
        tests="tests/gate/test_gate_files.py",
    ),
    Guard(
        says="a file that is there is never overwritten",
        file="monitor/gate/files.py",
        line="os.link(half, name, src_dir_fd=folder, dst_dir_fd=folder)",
        without="os.rename(half, name, src_dir_fd=folder, dst_dir_fd=folder)",
        tests="tests/gate/test_gate_files.py",
    ),
    Guard(
        says="from elsewhere only this run's pictures are given out",
        file="monitor/gate/fetching.py",
        line="    elif not _PICTURES.match(os.pread(file, _HEAD, 0)):",
        without="    elif file < 0:",
        tests="tests/gate/test_gate_files.py",
    ),
    Guard(
        says="one nvidia-smi at a time on a host",
        file="monitor/gate/smilock.py",
        line="    except BlockingIOError:\n        return False",
        without="    except BlockingIOError:\n        return True",
        tests="tests/gate/test_gate_nvidia_smi.py",
    ),
    Guard(
        says="no nvidia-smi is started beside one that hangs",
        file="monitor/probes/gpu.py",
        line="        if held is not None:\n"
        "            return self._without_asking(held, kernel, at)",
        without="        if held is not None and held.because == '':\n"
        "            return self._without_asking(held, kernel, at)",
        tests="tests/probes/test_gpu_probe.py",
    ),
    Guard(
        says="a unit's name is no option of systemctl",
        file="monitor/gate/units.py",
        line='"--no-pager", "-p", _SHOWN, "--", name]',
        without='"--no-pager", "-p", _SHOWN, name]',
        tests="tests/gate/test_gate_units.py",
    ),
    Guard(
        says="nothing of a foreign cursor reaches journalctl",
        file="monitor/gate/journal.py",
        line="    is_one = bool(_CURSOR.match(text) or _SINCE.match(text))",
        without="    is_one = bool(_CURSOR or _SINCE.match(text))",
        tests="tests/gate/test_gate_logs_journal.py",
    ),
    Guard(
        says="a line without an end takes no memory",
        file="monitor/gate/lines.py",
        line="        if end > self._longest:",
        without="        if end < 0:",
        tests="tests/gate/test_gate_protocol_lines.py",
    ),
    Guard(
        says="a child that is late is ended",
        file="monitor/gate/lanes.py",
        line="        if self._child and self._task and now >="
        " self._task.deadline:",
        without="        if self._child and self._task and now < 0:",
        tests="tests/gate/test_gate_server_lanes.py",
    ),
    Guard(
        says="a host tells only of the servers on it",
        file="monitor/engine/reported.py",
        line="        if target is None or target.host != host:",
        without="        if target is None:",
        tests="tests/engine/test_reported.py",
    ),
    Guard(
        says="only the key with this fingerprint is recorded",
        file="monitor/daemon/host_keys.py",
        line="        if key.fingerprint == fingerprint:",
        without="        if fingerprint:",
        tests="tests/cli/test_host_accept_key.py",
    ),
    Guard(
        says="no second key of a kind is trusted",
        file="monitor/adapters/ssh/record_key.py",
        line="        if old.kind == key.kind and not old.revoked:",
        without="        if old.blob == key.blob:",
        tests="tests/adapters/test_ssh_record_key.py",
    ),
    Guard(
        says="users' file names are masked",
        file="monitor/domain/joblog/log.py",
        line="                evidence=mask(one.text, self.directory),",
        without="                evidence=one.text,",
        tests="tests/domain/test_joblog_log.py",
    ),
    Guard(
        says="an Xid counts once, however often it is read",
        file="monitor/domain/kernel/memory.py",
        line="        if not _was_forgotten(event, known) and not any(\n"
        "            _is_one(event, other) for other in same\n"
        "        ):",
        without="        if not _was_forgotten(event, known):",
        tests="tests/domain/test_kernel_memory.py",
    ),
)
