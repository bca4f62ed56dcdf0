#!/usr/bin/env bash
# Set up Gradescope's image: the environment of requirements.lock, and a sandbox if there can be one. Runs once, as root,
# with a network; what it prints stands in the image's build log.
#
# AUTOGRADER_ENVIRONMENT names a virtual environment that is there already, with what the lock says: nothing is installed.
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Submissions run as users of their own: they need Python, and see nothing else of this.
place=/opt/autograder
venv=$place/venv
ready=${AUTOGRADER_ENVIRONMENT-}
export DEBIAN_FRONTEND=noninteractive UV_PYTHON_INSTALL_DIR=$place/python UV_LINK_MODE=copy UV_NO_CACHE=1

install_programs() {
    apt-get update -qq || echo "The lists of packages could not be renewed; going on with those that are there."
    apt-get install -qq -y --no-install-recommends python3 python3-venv >/dev/null
    # The stronger sandbox. Without it, or where the container doesn't let it work, each submission gets a user of its own.
    apt-get install -qq -y --no-install-recommends bubblewrap >/dev/null || echo "bubblewrap can't be installed."
}

make_environment() {
    python3 -m venv --clear "$place/uv"
    awk '/^[a-z]/ { on = /^uv==/ } on' "$here/requirements.lock" >"$place/uv/uv.txt"
    "$place/uv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$place/uv/uv.txt"
    local uv=$place/uv/bin/uv wanted
    wanted=$(sed -n 's/^ *"python": "\(3\.[0-9]*\)".*/\1/p' "$here/container.json")
    # A Python that uv installs below $place can be read by everybody; one in root's home could not.
    "$uv" venv --quiet --clear --python-preference only-managed --python "$wanted" "$venv" ||
        "$uv" venv --quiet --clear --python-preference only-system --python ">=3.11,<3.14" "$venv"
    "$uv" pip sync --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes "$here/requirements.lock"
}

mkdir -p "$place"
if [ -n "$ready" ]; then
    ln -sfn "$ready" "$venv"
else
    install_programs
    make_environment
fi
"$venv/bin/python" -m compileall -q "$here/grader"

# Tests, solutions and results are the grader's alone. run_autograder does the same again, for what comes later.
chmod -R go-rwx "$here"

# What is computed of the network, once for the image: a few hundred megabytes, the grader's alone too.
install -d -m 700 "$place/cache"
AUTOGRADER_CACHE=$place/cache PYTHONPATH=$here/grader TF_CPP_MIN_LOG_LEVEL=3 \
    "$venv/bin/python" -P -m autograder.gradescope --set-up "${here%/*}"
