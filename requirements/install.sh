#!/bin/sh
# Makes the environment from a lock file: install.sh VENV run|dev
# Needs a Python of 3.11 or later and nothing else; PYTHON=/path/to/python chooses which.
set -eu

venv=$1
lock=requirements/$2.txt

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if is_recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    {
        if [ -n "${PYTHON:-}" ]; then
            echo "PYTHON=$PYTHON is no Python of 3.11 or later."
        elif command -v python3 >/dev/null; then
            echo "Tallystick needs Python 3.11 or later; python3 here is $(python3 -V 2>&1)."
        else
            echo "Tallystick needs Python 3.11 or later, and no python3 was found."
        fi
        echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or say PYTHON=/path/to/python."
    } >&2
    return 1
}

make_environment() {
    python=$(find_python)
    echo "Making $venv with $("$python" -V)."
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv --clear "$venv"
    elif "$python" -c 'import venv, pip' 2>/dev/null; then
        # Debian parts ensurepip from Python; the pip outside can fill an environment without one.
        "$python" -m venv --clear --without-pip "$venv"
        "$python" -m pip --python "$venv/bin/python" install --quiet pip
    else
        echo "$python cannot make environments: it lacks venv and pip." >&2
        echo "Debian, Ubuntu: apt install python3-venv. Then run make again." >&2
        return 1
    fi
}

if ! is_recent "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    make_environment
fi

# pip tells of each package in several lines; one line that counts them says as much. Its errors stay.
show_progress() {
    awk -v total="$(grep -c '^[a-z]' "$lock")" -v tty="$([ -t 1 ] && echo yes)" '
        /^Collecting / { count++; if (tty) printf "\r  %d of at most %d packages", count, total }
        /^Installing collected/ { printf "%s  %d packages fetched, now unpacking.\n", tty ? "\r" : "", count }
        /^pip ended with / { status = $4 }
        { fflush() }
        END { exit status }'
}

install_locked() {
    { "$venv/bin/python" -m pip install --progress-bar off --require-hashes --requirement "$lock" \
        && echo "pip ended with 0" || echo "pip ended with $?"; } | show_progress
}

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0
echo "Installing what $lock names (at first several hundred megabytes: both database engines come along)."
install_locked
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
echo "Compiling the loops that every event passes (once)."
"$venv/bin/python" -c 'from tallystick.bootstrap.engines import warm_up; warm_up()'
