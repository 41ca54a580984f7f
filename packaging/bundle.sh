#!/bin/sh
# Make a folder that installs rlm-desk on a machine without a network: wheels of everything, the lock, a model, and the
# script that installs them. Run it in the source tree, on a machine of the same system, processor and Python version.
#
#   packaging/bundle.sh OUT [MODEL.gguf ...]
#
# PYTHON names the interpreter (python3). CMAKE_ARGS reaches llama.cpp's build, which is meant for other machines by
# default: AVX2, FMA and F16C on x86-64, no more; set CMAKE_ARGS for another processor or a GPU (see README.md here).
# LLAMA_WHEEL names a wheel of llama-cpp-python made before, so that llama.cpp need not be compiled again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
python=${PYTHON:-python3}
[ $# -ge 1 ] || { sed -n '2,10p' "$0" >&2; exit 2; }
out=$1; shift
[ ! -e "$out" ] || { echo "bundle: $out is already there: remove it, or name another folder." >&2; exit 2; }
for model in "$@"; do
  [ "$(head -c 4 "$model" 2>/dev/null)" = GGUF ] || { echo "bundle: $model is no GGUF file." >&2; exit 2; }
done

if [ -z "${CMAKE_ARGS:-}" ] && [ "$(uname -m)" = x86_64 ]; then
  export CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON"
fi

part=$out.part
rm -rf "$part"
mkdir -p "$part/wheels" "$part/models"
trap 'rm -rf "$part"' EXIT INT TERM
awk '/^[A-Za-z0-9]/ { llama = /^llama-cpp-python==/ } { print > (llama ? one : rest) }' \
  one="$part/llama.lock" rest="$part/others.lock" "$root/requirements.lock"
echo "bundle: wheels" >&2
"$python" -m pip wheel --quiet --require-hashes --requirement "$part/others.lock" --wheel-dir "$part/wheels"
if [ -n "${LLAMA_WHEEL:-}" ]; then
  cp "$LLAMA_WHEEL" "$part/wheels/"
else
  echo "bundle: compiling llama.cpp (about 5 minutes on 2 cores)" >&2  # no cache: it may hold a build for this machine
  "$python" -m pip wheel --quiet --no-cache-dir --no-deps --require-hashes --requirement "$part/llama.lock" \
    --wheel-dir "$part/wheels"
fi
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$part/wheels" "$root"
sed -n 's/^\([A-Za-z0-9].*[^ \\]\) *\\\{0,1\}$/\1/p' "$root/requirements.lock" > "$part/requirements.txt"  # names and versions
rm "$part/llama.lock" "$part/others.lock"
cp "$root/requirements.lock" "$root/LICENSE" "$part/"
cp "$here/install.sh" "$here/check.sh" "$here/rlm-desk.desktop" "$part/"
for model in "$@"; do
  echo "bundle: $(basename "$model")" >&2
  cp "$model" "$part/models/"
done
"$python" -c 'import sys, platform; print("%d.%d" % sys.version_info[:2], platform.system(), platform.machine())' > "$part/MADE-FOR"
sums=sha256sum
command -v sha256sum > /dev/null || sums="shasum -a 256"  # macOS
(cd "$part" && find . -type f ! -name SHA256SUMS -exec $sums {} + | sort -k 2 > SHA256SUMS)
mv "$part" "$out"
trap - EXIT INT TERM
echo "bundle: $out is ready ($(du -sh "$out" | cut -f 1)). Carry it over; there: sh install.sh [WHERE]" >&2
