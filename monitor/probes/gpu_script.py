r"""The script that asks a GPU host for nvidia-smi's XML.

Everything in it is constant but two numbers that we format ourselves. It is
POSIX sh (dash, bash, busybox) and ends with `exit`, so it wants a shell of
its own. Its exit code is nvidia-smi's, or

- 75 when an nvidia-smi of an earlier look still runs, also two seconds
  later: closing a connection does not end it, so a lock keeps at most one
  stuck on a host. The gate's `pmon` takes the same lock for a second, and
  must not look like one that is stuck;
- 124, 137 or 143 when `timeout` ended it;
- 127 when there is no nvidia-smi.

Two limits guard it. The inner one ends a slow nvidia-smi. One in D state
cannot be ended and `timeout` would wait for it; then the outer limit ends
everything around it. The stuck one keeps the lock, and of the connection no
more than standard error.

The lock lies in /tmp (or TMPDIR) under the user's number. A lock file that
somebody else put there is not used: /tmp is everybody's. Every program that
is started costs the host a millisecond; the shell does what it can itself.
"""

_MARGIN = 3
"""Seconds of a look left for: killing (1), the outer limit (1), the way."""
_PATIENCE = 2
"""Seconds that we wait for the lock, taken from nvidia-smi's own."""

# fd 3 takes the exit code, 5 is the connection. Holds no single quote: it
# stands in some.
_FETCH = r"""
exec 5>&1
code=$(
  {
    {
      "$@" nvidia-smi -q -x </dev/null 3>&- 5>&-
      echo $? >&3
    } |
      sed -e "/<supported_clocks>.*<\/supported_clocks>/d" \
          -e "/<supported_clocks>/,/<\/supported_clocks>/d" >&5
  } 3>&1
)
exit "${code:-1}"
"""

_SCRIPT = r"""
LC_ALL=C
PATH=${PATH:-/bin}:/usr/local/bin:/usr/bin:/bin:/usr/lib/wsl/lib
export LC_ALL PATH
user=
if [ -r /proc/self/status ]; then
  while read -r name user _; do
    [ "$name" != Uid: ] || break
  done </proc/self/status
fi
lock=${TMPDIR:-/tmp}/facefusion-monitor-nvidia-smi.${user:-$(id -u)}.lock
waited=0 limit= guard=
if command -v timeout >/dev/null; then
  limit="timeout -k 1 @LIMIT@" guard="timeout -k 1 @GUARD@"
fi
fetch() {
  $guard /bin/sh -c '@FETCH@' sh $limit
}
[ -e "$lock" ] || ( set -C; umask 077; : >"$lock" ) 2>/dev/null
if command -v flock >/dev/null &&
  [ -f "$lock" ] && [ ! -h "$lock" ] && [ -O "$lock" ]; then
  {
    while flock -n 9; [ $? -eq 1 ]; do
      [ "$waited" -lt @PATIENCE@ ] || exit 75
      sleep 1
      waited=$((waited + 1))
      [ -z "$limit" ] || limit="timeout -k 1 $((@LIMIT@ - waited))"
      [ -z "$guard" ] || guard="timeout -k 1 $((@GUARD@ - waited))"
    done
    fetch
    exit $?
  } 9<"$lock"
fi
fetch
exit $?
"""


def script(within: float) -> str:
    """Return the script for a look that must end within `within` seconds."""
    limit = max(1, int(within) - _MARGIN)
    return (
        _SCRIPT.replace("@LIMIT@", f"{limit:d}")
        .replace("@GUARD@", f"{limit + 2:d}")
        .replace("@PATIENCE@", f"{min(_PATIENCE, limit - 1):d}")
        .replace("@FETCH@", _FETCH)
    )
