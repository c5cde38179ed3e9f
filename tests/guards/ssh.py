"""Guards of the hosts that we reach over SSH."""

from tests.guards.guard import Guard

GUARDS = (
    Guard(
        says="a host key that nobody recorded is refused",
        file="monitor/adapters/ssh/trust.py",
        line="        raise self._refusal(\n"
        '            f"{_shown(kind, blob)} is not in {self._file}", blob\n'
        "        )",
        without="        return",
        tests="tests/hosts/test_ssh_real_trust.py",
    ),
    Guard(
        says="a changed host key is refused",
        file="monitor/adapters/ssh/trust.py",
        line="            raise self._changed(kind, blob, old)",
        without="            return",
        tests="tests/hosts/test_ssh_real_trust.py",
    ),
    Guard(
        says="an output outside our directory is never removed",
        file="monitor/adapters/ssh/sftp_rules.py",
        line='    return path.startswith(directory.rstrip("/") + "/")',
        without="    return bool(path or directory)",
        tests="tests/hosts/test_ssh_real_sftp_clean.py",
    ),
    Guard(
        says="an output that is no regular file is never touched",
        file="monitor/adapters/ssh/sftp_rules.py",
        line="    if not entry.is_file:",
        without="    if entry is None:",
        tests="tests/hosts/test_ssh_real_sftp_clean.py"
        " tests/hosts/test_ssh_real_sftp_fetch.py",
    ),
    Guard(
        says="an output older than the request is never touched",
        file="monitor/adapters/ssh/sftp_rules.py",
        line="    if not since or entry.mtime < since:",
        without="    if not since:",
        tests="tests/hosts/test_ssh_real_sftp_clean.py"
        " tests/hosts/test_ssh_real_sftp_fetch.py",
    ),
    Guard(
        says="another canary's upload is never removed",
        file="monitor/adapters/ssh/sftp_rules.py",
        line="    return UPLOAD.fullmatch(name) is not None",
        without="    return name is None",
        tests="tests/hosts/test_ssh_real_sftp_clean.py",
    ),
)
