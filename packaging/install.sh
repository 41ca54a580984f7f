#!/bin/sh
# Install rlm-desk from this folder, without a network.
#
#   sh install.sh [WHERE]        WHERE is the folder to install into: ~/.local/share/rlm-desk-app
#
# PYTHON names the interpreter (python3). Models in models/ are imported and checked by their hashes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
where=${1:-$HOME/.local/share/rlm-desk-app}
python=${PYTHON:-python3}
cd "$here"
sums=sha256sum
command -v sha256sum > /dev/null || sums="shasum -a 256"  # macOS
$sums --quiet --check SHA256SUMS || { echo "install: this folder is not as it was made: carry it over again." >&2; exit 1; }
made=$(cat MADE-FOR)
this=$("$python" -c 'import sys, platform; print("%d.%d" % sys.version_info[:2], platform.system(), platform.machine())')
[ "$made" = "$this" ] || {
  echo "install: this folder was made for Python $made, and $python is $this." >&2
  echo "  Name another interpreter (PYTHON=python3.12 sh install.sh), or make the folder on a machine like this one." >&2
  exit 1
}
"$python" -m venv "$where"
"$where/bin/python" -m pip install --quiet --no-index --find-links wheels --requirement requirements.txt
"$where/bin/python" -m pip install --quiet --no-index --no-deps wheels/rlm_desk-*.whl
for model in models/*.gguf; do
  [ -e "$model" ] || continue
  case $model in *-0000[2-9]-of-*|*-000[1-9]?-of-*) continue ;; esac  # later files of one model come with the first
  "$where/bin/rlm-desk" models import "$model"
done
if [ "$(uname -s)" = Linux ]; then
  entries=${XDG_DATA_HOME:-$HOME/.local/share}/applications
  mkdir -p "$entries"
  sed "s|^Exec=.*|Exec=\"$where/bin/rlm-desk\"|" rlm-desk.desktop > "$entries/rlm-desk.desktop"
fi
echo "install: done. Try it: $where/bin/rlm-desk demo"
echo "  then:  sh check.sh $where"
