#!/bin/sh
# Make .venv with evidencekit (editable) and the development group. Needs only Python 3.11 or newer.
set -eu
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "setup: $python is older than 3.11; name another: make PYTHON=python3.12" >&2; exit 1; }
if ! "$python" -m venv .venv >/dev/null 2>&1; then
  # Debian splits ensurepip off into python3-venv; any pip on the machine can fill a bare environment.
  rm -rf .venv
  "$python" -m venv --without-pip .venv
  "$python" -m pip --python .venv/bin/python install --quiet pip ||
    { rm -rf .venv; echo "setup: this Python has neither ensurepip nor pip; on Debian: apt install python3-venv" >&2; exit 1; }
fi
.venv/bin/python -m pip install --quiet --upgrade 'pip>=25.1'    # the first pip that knows dependency groups
# FULL=1 adds what optional tests need: real stores, browsers, tokens, a cluster, a fuzzer; without it they skip and say so.
if [ -n "${FULL:-}" ]; then
  .venv/bin/python -m pip install --quiet --editable '.[ssh,fast,pdf,pkcs11,aws,cluster]' --group dev --group full
else
  .venv/bin/python -m pip install --quiet --editable '.[ssh,fast]' --group dev
fi
touch .venv/ready
