#!/bin/sh
# Installs what `make test` needs from the system: on Debian as root or with sudo. Elsewhere it names each missing
# program with the command that installs it, and fails before anything runs.
set -eu

missing=""
need() { # program, Debian package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    command -v google-chrome >/dev/null 2>&1 || [ -n "${CHROMIUM:-}" ] || missing="$missing chromium"
need xz xz-utils
need ip iproute2
need git git
need systemd-analyze systemd
need node nodejs
need npm npm
"${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    as_root="none"
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != none ]; then
    echo "installing what the tests need:$missing"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086  # one word a package
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
    exit 0
fi
echo "The tests need programs that are not installed. As root, on Debian or Ubuntu:" >&2
for package in $missing; do
    echo "  apt-get install $package" >&2
done
exit 1
