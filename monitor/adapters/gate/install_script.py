"""The script that installs the gate on a host."""

import hashlib
import re
from base64 import b64encode
from shlex import quote

from monitor.adapters.gate.acting_files import CONFIG, SUDOERS
from monitor.adapters.gate.installing import GATE, JOURNAL, PYTHON, Plan


def script(plan: Plan) -> str:
    """Return the script that does it, for root or by `sudo -n`.

    Everything in it is our own: no answer of a host is in it. It looks at
    everything before it changes anything, and what it changes is whole or
    as before, wherever it ends.
    """
    acting = plan.acting
    values = {
        "USER": quote(plan.user),
        "HOME": quote(f"/var/lib/{plan.user}"),
        "LINES": quote("\n".join(plan.lines)),
        "KEYS": quote(" ".join(key.split()[1] for key in plan.keys)),
        "RULES": quote(acting.rules if acting else ""),
        "SERVICES": quote(acting.config if acting else ""),
        "SUDOERS": SUDOERS,
        "SUDOERSFOLDER": SUDOERS.rpartition("/")[0],
        "CONFIG": CONFIG,
        "DIRECTORY": quote(plan.directory),
        "PROGRAM": b64encode(plan.program).decode(),
        "DIGEST": hashlib.sha256(plan.program).hexdigest(),
        "GATE": GATE,
        "PYTHON": PYTHON,
        "JOURNAL": JOURNAL,
    }
    filled = re.sub(r"@([A-Z]+)@", lambda hit: values[hit[1]], _SCRIPT)
    return (
        'as=; [ "$(id -u)" = 0 ] || as="sudo -n"\n'
        f"$as /bin/sh <<'FACEFUSION'\n{filled}\nFACEFUSION\n"
    )


# In functions, called by the last line: a script that arrives in half does
# nothing. Inside ~/.ssh only names without a slash are used: whoever owns the
# home may put a symbolic link in its place meanwhile, but not move us.
_SCRIPT = r"""
set -eu
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
user=@USER@ ours=@LINES@ keys=@KEYS@ directory=@DIRECTORY@
rules=@RULES@ services=@SERVICES@
gate=@GATE@ program= lines= sudoers= config=
fail() { echo "cannot install the gate: $1" >&2; exit 1; }
forget() {
  for made in "$program" "$lines" "$sudoers" "$config"; do
    [ -z "$made" ] || rm -f "$made"
  done
}
trap forget EXIT
trap 'exit 1' HUP INT TERM

look_at_host() {
  [ "$(id -u)" = 0 ] || fail "this login is not root and may not sudo"
  @PYTHON@ -c 'import sys; sys.exit(sys.version_info < (3, 8))' \
    2>/dev/null ||
    fail "@PYTHON@ is missing or older than 3.8; install python3"
  for tool in base64 getent mktemp; do
    command -v "$tool" >/dev/null || fail "$tool is missing there"
  done
  [ ! -d "$gate" ] || fail "$gate is a directory"
}

look_at_acting() {
  [ -n "$rules" ] || return 0
  @PYTHON@ -I -c 'import os, sys
sys.exit(sys.version_info < (3, 9) or os.pidfd_open(os.getpid()) < 0)' \
    2>/dev/null ||
    fail "acting needs Python 3.9 and Linux 5.3, and this machine has not;\
 take act_key_file out of the settings to observe only"
  for tool in sudo visudo; do
    command -v "$tool" >/dev/null ||
      fail "$tool is missing there, and acting needs it; install sudo, or take\
 act_key_file out of the settings"
  done
  [ -d @SUDOERSFOLDER@ ] && [ ! -d @SUDOERS@ ] && [ ! -d @CONFIG@ ] ||
    fail "@SUDOERSFOLDER@ is no directory, or @SUDOERS@ or @CONFIG@ is one"
}

look_at_user() {
  home=$(getent passwd "$user" | cut -d: -f6)
  [ -n "$home" ] && cd -P "$home" 2>/dev/null && [ "$PWD" != / ] ||
    fail "the user $user has no home directory"
  home=$PWD
  case $(ls -ld .) in
  ?????w* | ????????w*)
    fail "others may write to $home, so sshd would not believe what is in it;\
 chmod go-w $home"
    ;;
  esac
  [ ! -h .ssh ] && [ ! -h .ssh/authorized_keys ] ||
    fail "$home/.ssh/authorized_keys is, or lies behind, a symbolic link;\
 put the line there by hand"
  [ ! -e .ssh ] || [ -d .ssh ] || fail "$home/.ssh is no directory"
  [ ! -e .ssh/authorized_keys ] || [ -f .ssh/authorized_keys ] ||
    fail "$home/.ssh/authorized_keys is no regular file"
}

look_at_directory() {
  [ -n "$directory" ] || return 0
  where=$(cd -P "$directory" 2>/dev/null && pwd -P) || where=$directory
  case $home/ in
  "$where"/*)
    fail "canary_files.directory $directory holds the home of $user, whose\
 login files the gate could then write; use one of its own"
    ;;
  esac
}

make_user() {
  command -v useradd >/dev/null ||
    fail "there is no user $user, and no useradd to make one"
  useradd --system --create-home --home-dir @HOME@ --shell /bin/sh \
    --password '*' "$user"
  chown root: @HOME@
  chmod 755 @HOME@
}

let_read_journal() {
  getent group @JOURNAL@ >/dev/null || return 0
  usermod -aG @JOURNAL@ "$user"
}

bring_program() {
  mkdir -p "${gate%/*}"
  program=$(mktemp "$gate.XXXXXX")
  base64 -d >"$program" <<'PROGRAM'
@PROGRAM@
PROGRAM
  chown root: "$program"
  chmod 755 "$program"
  @PYTHON@ -I -c 'import hashlib, sys
data = open(sys.argv[1], "rb").read()
sys.exit(hashlib.sha256(data).hexdigest() != sys.argv[2])' \
    "$program" @DIGEST@ || fail "the program did not arrive whole"
}

bring_acting() {  # sudo reads no file with a dot in its name
  [ -n "$rules" ] || return 0
  sudoers=$(mktemp "@SUDOERS@.XXXXXX")
  printf '%s' "$rules" >"$sudoers"
  chown root: "$sudoers"
  chmod 440 "$sudoers"
  visudo -cf "$sudoers" >/dev/null ||
    fail "visudo there does not accept what sudo is to be told"
  config=$(mktemp "@CONFIG@.XXXXXX")
  @PYTHON@ -I -c 'import json, sys
services, path = json.loads(sys.argv[1]), sys.argv[2]
try:
    with open(path, "rb") as file:
        if json.load(file).get("contained") is True:
            services["contained"] = True
except (OSError, ValueError, AttributeError):
    pass
print(json.dumps(services, indent=1))' "$services" @CONFIG@ >"$config"
  chown root: "$config"
  chmod 644 "$config"
}

put_acting() {
  [ -n "$rules" ] || return 0
  mv -f "$config" @CONFIG@
  mv -f "$sudoers" @SUDOERS@
}

drop_acting() {
  [ -n "$rules" ] || rm -f @SUDOERS@ @CONFIG@
}

enter_ssh() {
  mkdir -p "$home/.ssh"
  cd -P "$home/.ssh"
  [ "$PWD" = "$home/.ssh" ] || fail "somebody moved $home/.ssh meanwhile"
  chown root: .
  chmod 755 .
  [ ! -h authorized_keys ] || fail "somebody moved $home/.ssh/authorized_keys"
}

bring_line() {
  lines=$(mktemp ./authorized_keys.XXXXXX)
  @PYTHON@ -I -c 'import os, sys
keys, ours = map(os.fsencode, sys.argv[1:])
gone = [*keys.split(), *(b"@GATE@ %s\" " % one for one in (b"act", b"reboot"))]
kept = []
if os.path.exists("authorized_keys"):
    with open("authorized_keys", "rb") as file:
        there = file.read().split(b"\n")
    kept = [one for one in there if not any(word in one for word in gone)]
    while kept and not kept[-1]:
        kept.pop()
sys.stdout.buffer.write(b"\n".join([*kept, ours, b""]))' \
    "$keys" "$ours" >"$lines"
  chown root: "$lines"
  chmod 644 "$lines"
}

label() {  # where SELinux is at work, sshd reads what is labelled for it
  command -v restorecon >/dev/null || return 0
  restorecon "$gate" "$home/.ssh" "$home/.ssh/authorized_keys" || true
  [ -z "$rules" ] || restorecon @SUDOERS@ @CONFIG@ || true
}

install_gate() {
  look_at_host
  look_at_acting
  if id "$user" >/dev/null 2>&1; then look_at_user; look_at_directory; fi
  bring_program
  bring_acting
  id "$user" >/dev/null 2>&1 || make_user
  look_at_user
  look_at_directory
  let_read_journal
  enter_ssh
  bring_line
  mv -f "$program" "$gate"
  put_acting
  mv -f "$lines" authorized_keys
  drop_acting
  label
  echo installed
}

install_gate
"""
