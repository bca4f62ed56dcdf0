#!/bin/sh
# Print the first Python that can make this project's environment; exit 1, silently, where there is none.
#
#   sh tools/find_python.sh            any version that pyproject.toml allows, the user's `python3` first
#   sh tools/find_python.sh 3.12       that version
#   sh tools/find_python.sh /opt/py    that program
#
# Looked at: PATH, then pyenv's versions (whose shims may lie first on PATH and refuse to start). A Python without `venv`
# and `ensurepip` (Debian packs them apart, as python3-venv) will not do.
set -u
allowed="3.13 3.12 3.11"

works() {
    "$1" -c '
import sys
wanted = sys.argv[1].split()
if "%d.%d" % sys.version_info[:2] not in wanted:
    raise SystemExit(1)
import ensurepip, venv
' "$2" >/dev/null 2>&1
}

wanted=${1-}
case ${wanted#python} in
    "") versions=$allowed; names="python3 python3.13 python3.12 python3.11 python" ;;
    3.[0-9]*) versions=${wanted#python}; names="python$versions python3 python" ;;
    *) versions=$allowed; names=$wanted ;;
esac

for name in $names; do
    if works "$name" "$versions"; then
        command -v "$name"
        exit 0
    fi
done
[ "$names" != "$wanted" ] || exit 1  # a program was named; no other will do
for version in $versions; do
    for program in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python3; do
        if works "$program" "$version"; then
            echo "$program"
            exit 0
        fi
    done
done
exit 1
