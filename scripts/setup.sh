#!/bin/sh
# Finds a Python that can run scripts/setup.py and hands over to it. The venv's own Python will not do: there may be no
# venv yet. `python3` comes first, but may be a pyenv shim of a version that is not installed (.python-version asks for
# 3.10), so every candidate is tried by running it.
cd "$(dirname "$0")/.." || exit 1
for python in python3 python3.10 python3.11 python3.12 python3.13 python3.9 python /usr/bin/python3 /usr/local/bin/python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
        exec "$python" -m scripts.setup "$@"
    fi
done
echo "setup: no Python 3.8 or newer answers on this machine: install one with pip (Debian: apt-get install python3-pip) and run again" >&2
exit 1
