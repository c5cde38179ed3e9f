"""The systemd units of a machine."""

TARGET = """\
[Unit]
Description=A machine with FaceFusion
DefaultDependencies=no
Wants=systemd-journald.service systemd-journald.socket dbus.socket
Wants=systemd-journald-dev-log.socket systemd-journal-flush.service
Wants=access.service facefusion.service
"""
ACCESS = """\
[Unit]
Description=OpenSSH server
DefaultDependencies=no
Before=shutdown.target
Conflicts=shutdown.target
[Service]
ExecStart=/usr/sbin/sshd -D -e -f /etc/ssh/machine_sshd_config
KillMode=mixed
Restart=always
RestartSec=100ms
TimeoutStopSec=1
"""
FACEFUSION = """\
[Unit]
Description=FaceFusion
DefaultDependencies=no
After=systemd-journald.socket
Before=shutdown.target
Conflicts=shutdown.target
StartLimitIntervalSec={limit_interval}
[Service]
User=faceops
WorkingDirectory=/opt/facefusion
Environment=GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860
Environment=PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EnvironmentFile=-/etc/default/facefusion
ExecStart=/usr/bin/python3 facefusion.py run
Restart={restart}
RestartSec=1
KillSignal=SIGINT
TimeoutStopSec=4
StandardError={log}
StandardOutput={log}
[Install]
WantedBy=machine.target
"""
JOURNALD = """\
[Journal]
Storage=persistent
SystemMaxUse=32M
Audit=no
ForwardToSyslog=no
ForwardToWall=no
"""
MASKED = (
    *("systemd-journald-audit.socket", "systemd-tmpfiles-setup.service"),
    *("systemd-remount-fs.service", "systemd-update-utmp.service"),
    *("systemd-tmpfiles-clean.timer", "apt-daily.timer"),
)
SSHD = """\
{options}Port 22
HostKey /etc/ssh/machine_host_key
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UseDNS no
PrintMotd no
PidFile none
SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
Subsystem sftp internal-sftp
"""
VERB = """\
#!/bin/sh
# Runs last: what the supervisor does next depends on it.
echo "$1" >/var/lib/machine-verb
"""
DMESG = """\
#!/bin/sh
# The kernel is everybody's: show what this machine's would have said.
exec {real} -F /var/log/machine-kernel.log "$@"
"""
