#!/bin/sh
# The scanner in C under AddressSanitizer and UndefinedBehaviorSanitizer, in the fuzzer.
#
#     tests/fuzz/run_sanitized.sh [MINUTES [SEED]]
#
# Works on a copy, so that the installed extension stays as it is. Needs gcc with its sanitizers. Any report of
# theirs, and any disagreement of the fuzzer, ends it with an error. PYTHON names the interpreter.
set -eu

minutes=${1:-10}
seed=${2:-1}
repository=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-$repository/.venv/bin/python}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

mkdir "$copy/repository"
ln -s "$repository/../shared" "$copy/shared"
cp -r "$repository/telemetry_tasks" "$repository/tests" "$copy/repository/"
scan=$copy/repository/telemetry_tasks/formats/scan
rm -f "$scan"/_native*.so
gcc -shared -fPIC -g -O1 -std=gnu11 -ffp-contract=off -fno-omit-frame-pointer -Wall -Wextra \
    -fsanitize=address,undefined -fno-sanitize-recover=all -DPy_LIMITED_API=0x030B0000 \
    -I"$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
    -o "$scan/_native.abi3.so" "$scan/native/scanner.c"

cd "$copy/repository"
# malloc for everything, so that each object has its own guarded block; Python itself leaks on purpose
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
    ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc \
    "$python" -m tests.fuzz.fuzz_scan --minutes "$minutes" --seed "$seed" --kernels native
