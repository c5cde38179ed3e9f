"""The one constant script of a host without Python.

POSIX sh (dash, bash, busybox), with what every Linux has. It reads what to
look at from standard input, two lines a request: a word and a name, which
is a path or a unit. Names are data: on the way they are octal numbers, so
that no character of them ever meets the parser of a shell.

Every line that it prints begins with a word of ours: a process that has a
line break in its name cannot write one.
"""

from collections.abc import Sequence

_FUNCTIONS = r"""
LC_ALL=C TZ=UTC
PATH=${PATH:-/bin}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL TZ PATH
newline='
'
limited() {
  if command -v timeout >/dev/null; then timeout 4 "$@"; else "$@"; fi
}
first() {
  value=
  IFS= read -r value <"$2" || [ -n "$value" ] || return 0
  printf '%s %s\n' "$1" "$value"
}
clock() {
  printf 'now %s\n' "$(date +%s)"
  printf 'ticks %s\n' "$(getconf CLK_TCK || echo 100)"
  first uptime /proc/uptime
  first boot_id /proc/sys/kernel/random/boot_id
}
machine() {
  first load /proc/loadavg
  first driver_module /sys/module/nvidia/version
  while read -r name value _; do
    case $name in
      cpu[0-9]*) printf 'cpu %s\n' "$name" ;;
    esac
  done </proc/stat
  while read -r name value _; do
    case $name in
      MemTotal: | MemAvailable:) printf '%s %s\n' "$name" "$value" ;;
    esac
  done </proc/meminfo
  [ ! -d /sys/bus/pci/devices ] || printf 'bus there\n'
  for device in /sys/bus/pci/devices/*; do
    vendor= class=
    read -r vendor <"$device/vendor"
    read -r class <"$device/class"
    case "$vendor $class" in
      "0x10de 0x03"*) ;;
      *) continue ;;
    esac
    owner=$(readlink "$device/driver")
    case ${owner##*/} in
      '' | nvidia) printf 'gpu %s\n' "${device##*/}" ;;
    esac
  done
  for process in /proc/[0-9]*; do
    name=
    IFS= read -r name <"$process/comm"
    [ "$name" = nvidia-smi ] || continue
    printf 'driver %s\n' "${process##*/}"
    first stat "$process/stat"
    first wchan "$process/wchan"
  done
}
disk() {
  limited df -P -k -- "$1" 2>&1 | sed 's/^/size /'
  limited df -P -i -- "$1" | sed 's/^/inodes /'
}
sockets() {
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ ! -r "$table" ] || printf 'table %s\n' "$table"
    grep ' 0A ' "$table" | sed 's/^/tcp /'
  done
}
process() {
  [ -r "/proc/$1/stat" ] || return 0
  printf 'pid %s\n' "$1"
  first stat "/proc/$1/stat"
  while read -r name value rest; do
    case $name in
      Uid: | VmRSS: | NSpid:) printf '%s %s\n' "$name" "$value $rest" ;;
    esac
  done <"/proc/$1/status"
  tr '\012\000' ' \012' <"/proc/$1/cmdline" | sed 's/^/arg /'
  sed 's/^/cgroup /' "/proc/$1/cgroup"
  cwd=$(readlink "/proc/$1/cwd") && case $cwd in
    *"$newline"*) ;;
    *) printf 'cwd %s\n' "$cwd" ;;
  esac
  if [ -r "/proc/$1/fd" ]; then
    printf 'descriptors seen\n'
    ls -l "/proc/$1/fd" |
      sed -n 's/.*-> socket:\[\([0-9]*\)\]$/inode \1/p'
  fi
  first again "/proc/$1/stat"
}
systemd() {
  if ! command -v systemctl >/dev/null; then
    printf 'missing systemctl\n'
    return 0
  fi
  shown=$(limited systemctl show --no-pager -p LoadState,ActiveState \
    -p SubState,Result,MainPID,NRestarts,StateChangeTimestampMonotonic \
    -p ExecMainCode,ExecMainStatus,UnitFileState,Restart,Job,ControlGroup \
    -- "$1")
  printf '%s\n' "$shown" | sed 's/^/unit /'
  case $newline$shown in
    *"${newline}Job="[1-9]*)
      limited systemctl list-jobs --no-pager --no-legend -- "$1" |
        sed 's/^/job /'
      ;;
  esac
  group=${shown##*"${newline}ControlGroup="}
  group=${group%%"$newline"*}
  case $group in
    "$shown" | '' | /) return 0 ;;
  esac
  for root in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
  do
    for list in "$root$group/cgroup.procs" "$root$group"/*/cgroup.procs; do
      [ -r "$list" ] || continue
      while read -r member; do
        process "$member"
      done <"$list"
    done
  done
}
processes() {
  real=$(cd -P -- "$1" && pwd -P) && case $real in
    *"$newline"*) ;;
    *) printf 'real %s\n' "$real" ;;
  esac
  [ -e /proc/1 ] && printf 'others seen\n'
  for candidate in /proc/[0-9]*; do
    line=
    IFS= read -r line <"$candidate/cmdline"
    case $line in
      *facefusion.py* | *run.py*) process "${candidate##*/}" ;;
    esac
  done
}
look() {
  case $1 in
    clock) clock ;;
    machine) machine ;;
    disk) disk "$2" ;;
    systemd) systemd "$2" ;;
    process) processes "$2" ;;
    sockets) sockets ;;
  esac
}
number=0
while IFS= read -r word && IFS= read -r name_; do
  printf '@ %s\n' "$number"
  number=$((number + 1))
  look "$word" "$name_" </dev/null 2>/dev/null
done
printf '@ end\n'
"""


def asking(requests: Sequence[tuple[str, str]]) -> str:
    """Return a script that answers the requests, a section each.

    Raises ValueError for a name with a line break or a NUL.
    """
    lines = [line for request in requests for line in request]
    if any(set(line) & {"\n", "\0"} for line in lines):
        raise ValueError("a name of more than one line")
    data = "".join(f"{line}\n" for line in lines)
    octal = "".join(f"\\0{byte:03o}" for byte in data.encode())
    return f"printf %b '{octal}' | {{\n{_FUNCTIONS}}}\n"
