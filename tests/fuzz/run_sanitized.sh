#!/bin/sh
# The parts in C under AddressSanitizer and UndefinedBehaviorSanitizer, in their fuzzers: the scanner for MINUTES, the
# rows for a tenth of that.
#
#     tests/fuzz/run_sanitized.sh [MINUTES [SEED]]
#
# Works on a copy, so that the installed extensions stay as they are. Needs gcc with its sanitizers. Any report of
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
for part in pings/arrays/csrc/scanner rows/csrc/rows; do
    package=$copy/repository/telemetry_tasks/formats/${part%/csrc/*}
    rm -f "$package"/_native*.so
    gcc -shared -fPIC -g -O1 -std=gnu11 -ffp-contract=off -fno-omit-frame-pointer -Wall -Wextra \
        -fsanitize=address,undefined -fno-sanitize-recover=all -DPy_LIMITED_API=0x030B0000 \
        -I"$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
        -o "$package/_native.abi3.so" "$copy/repository/telemetry_tasks/formats/$part.c"
done

cd "$copy/repository"
# malloc for everything, so that each object has its own guarded block; Python itself leaks on purpose
sanitized() {
    LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
        ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc \
        "$python" -m "$@" --minutes "$minutes" --seed "$seed"
}
sanitized tests.fuzz.fuzz_rows --share 0.1
sanitized tests.fuzz.fuzz_scan --kernels native
