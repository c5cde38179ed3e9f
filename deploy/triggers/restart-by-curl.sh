#!/bin/sh
# restart.sh for where there is only curl (7.76 or newer) and jq, such as a
# chat bot's container. The same words, and the same exit codes.
set -u
if [ $# -ne 3 ] || [ -z "$1" ] || [ -z "$2" ] || [ -z "$3" ]; then
  echo "cannot restart anything: usage: ${0##*/} TARGET KEY REASON, none of them empty" >&2
  exit 64
fi
target=$1 key=$2 reason=$3
api=${FACEFUSION_MONITOR_URL:-http://127.0.0.1:10777}/api/v1

# ask METHOD PATH [KEY BODY]: the token goes through standard input, not
# through arguments that everybody on the machine can read. Sending again is
# safe, as the key is the same. 3 is what curl says nothing better about.
ask() {
  set -- "$1" "$2" "${3:-}" "${4:-}"
  printf 'header = "Authorization: Bearer %s"\n' "$(cat "$FACEFUSION_MONITOR_TOKEN_FILE")" |
    curl --config - --silent --fail-with-body --max-time 60 \
      --retry 3 --retry-delay 2 --retry-connrefused \
      --request "$1" ${3:+--header "Idempotency-Key: $3"} \
      ${4:+--header 'Content-Type: application/json' --data "$4"} "$api/$2"
}

# tell ANSWER: what the monitor refused; whatever else it was, nobody knows.
tell() {
  said=$(printf '%s' "$1" | jq -r '.detail // empty')
  echo "${said:-cannot reach the monitor at $api, or it gave no answer}" >&2
  case $(printf '%s' "$1" | jq -r '.status // empty') in
    404 | 422) exit 64 ;;
    4??) exit 1 ;;
  esac
  exit 3
}

body=$(jq -n --arg reason "$reason" '{action: "restart", reason: $reason}')
name=$(printf '%s' "$target" | jq -sRr @uri)
plan=$(ask POST "targets/$name/plans" "$key plan" "$body") || tell "$plan"
id=$(printf '%s' "$plan" | jq -r .id)

body=$(jq -n --arg name "$target" '{confirm: $name}')
change=$(ask POST "plans/$id/apply" "$key apply" "$body") || tell "$change"
id=$(printf '%s' "$change" | jq -r .id)

tries=0
while [ "$tries" -lt 240 ]; do # 20 minutes
  change=$(ask GET "changes/$id") && case $(printf '%s' "$change" | jq -r .outcome) in
    null | '') ;;
    succeeded) printf '%s\n' "$change"; exit 0 ;;
    failed | gave_up) printf '%s\n' "$change"; exit 2 ;;
    interrupted) printf '%s\n' "$change"; exit 3 ;;
    *) printf '%s\n' "$change"; exit 1 ;;
  esac
  tries=$((tries + 1))
  sleep "${EVERY:-5}"
done
exit 3
