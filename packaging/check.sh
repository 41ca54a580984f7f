#!/bin/sh
# Check an installation: it starts, its bundled model answers, nothing opens a network socket.
#
#   sh check.sh [WHERE]
set -eu

where=${1:-$HOME/.local/share/rlm-desk-app}
desk=$where/bin/rlm-desk
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT INT TERM
export RLM_DESK_DATA_DIR="$data"
step() { echo "check: $*" >&2; }
quietly() { "$@" > "$data/log" 2>&1 || { tail -n 20 "$data/log" >&2; echo "check: FAILED: $*" >&2; exit 1; }; }

step "it starts"
"$desk" --version
step "what is installed fits together"
quietly "$where/bin/python" -m pip check
step "the bundled model is planned and loads"
quietly "$desk" models fit desk-tiny
step "a question over documents longer than the window is answered"
"$desk" demo --plain --tokens 20k > "$data/log" 2>&1 || {
  # A wrong answer of a demonstration model is no broken installation.
  [ $? -eq 1 ] && grep -qx wrong "$data/log" || { tail -n 20 "$data/log" >&2; exit 1; }
  echo "check: it answered, wrongly this time: the bundled model is a demonstration" >&2
}
step "no process opens a network socket"
quietly "$desk" doctor --offline
echo "check: all of it holds"
