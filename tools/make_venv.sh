#!/bin/sh
# Make a virtual environment that holds exactly what requirements.lock says and this package, or bring one up to date.
#
#   sh tools/make_venv.sh FOLDER [PYTHON]     PYTHON: a version or a program, as tools/find_python.sh takes it
#
# uv does the installing, several times faster than pip. It comes from the lock itself, by pip, into the environment: nothing
# is expected of the machine but Python. Where uv cannot install, pip does the same work. Either compiles every module, which
# takes most of the time and pays at once: the sandbox sees the environment read-only, and can't keep what it would compile.
set -eu
venv=$1
wanted=${2-}

if ! "$venv/bin/python" -c 'import pip, sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
    if ! python=$(sh tools/find_python.sh "$wanted"); then
        echo "No Python 3.11, 3.12 or 3.13 with its venv module was found${wanted:+: $wanted is none}." >&2
        echo "Tip: install one (on Debian: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3." >&2
        exit 1
    fi
    echo "Setting up $venv with $("$python" --version), $python"
    "$python" -m venv --clear "$venv"
fi

python=$venv/bin/python
locked_uv=$venv/uv.txt
awk '/^[a-z]/ { on = /^uv==/ } on' requirements.lock >"$locked_uv"
"$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$locked_uv"
if "$python" -m uv pip sync --quiet --compile-bytecode --python "$python" --require-hashes requirements.lock; then
    "$python" -m uv pip install --quiet --python "$python" --no-deps --no-build-isolation -e .
else
    echo "uv could not install the environment; pip tries, which takes longer." >&2
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
touch "$venv/.ready"
