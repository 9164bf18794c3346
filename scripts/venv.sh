#!/bin/sh
# Makes the virtual environment $1 with the first Python of at least 3.11 found, or says what is missing.
set -eu
target=${1:-.venv}
modern='import sys; sys.exit(sys.version_info < (3, 11))'

found=
for candidate in ${PYTHON:-} python3 python python3.13 python3.12 python3.11 python3.14; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$modern" 2>/dev/null; then
        found=$candidate
        break
    fi
done
if [ -z "$found" ]; then
    echo "Sightlines needs Python 3.11 or newer, and none was found on PATH." >&2
    echo "Install one, or name it: PYTHON=/path/to/python3.11 make run" >&2
    exit 1
fi
if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "This Python ($found, $version) cannot make virtual environments: its venv module is missing." >&2
    echo "On Debian or Ubuntu: sudo apt-get install python$version-venv" >&2
    exit 1
fi
if [ -x "$target/bin/python" ] && "$target/bin/python" -c "$modern" 2>/dev/null; then
    exit 0
fi
echo "Making $target with $("$found" -V)."
"$found" -m venv "$target"
