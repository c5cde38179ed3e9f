#!/bin/sh
# Restart a sick server from a runbook tool (Rundeck, StackStorm, cron, …):
#
#   restart.sh TARGET KEY REASON
#
# KEY names the occasion (the incident, the run of the tool): started again
# with it nothing is done twice. What comes of it is the exit code:
#   0 it was restarted, and works     1 nothing was done; standard error says why
#   2 it was restarted, and is sick   3 nobody knows: look before you do more
# Needs FACEFUSION_MONITOR_TOKEN_FILE (scopes read, operate), and FACEFUSION_MONITOR_URL
# where the monitor is elsewhere.
set -u
if [ $# -ne 3 ] || [ -z "$1" ] || [ -z "$2" ] || [ -z "$3" ]; then
  echo "cannot restart anything: usage: ${0##*/} TARGET KEY REASON, none of them empty" >&2
  exit 64
fi
target=$1 key=$2 reason=$3

plan=$(facefusion-monitor plan restart "$target" --reason "$reason" \
  --idempotency-key "$key plan" --format json) || exit $?
id=$(printf '%s' "$plan" | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])') || exit 3

facefusion-monitor apply "$id" --confirm "$target" --wait 20m \
  --idempotency-key "$key apply" --format json
