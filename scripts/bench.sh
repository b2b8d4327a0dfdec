#!/bin/sh
# What make bench compares with, each outside of our own environment: Python tools in .venv/tools/bench (group peers of
# pyproject.toml: some pin older libraries than we do), npm ones in .venv/tools/npm, links in .venv/tools/bin.
# Whatever cannot be had is left out of the tables, and the page says so.
set -eu
cd "$(dirname "$0")/.."
tools=.venv/tools
mkdir -p "$tools/bin"

missing=""
for pair in openssl:openssl zip:zip unzip:unzip node:nodejs npm:npm; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # shellcheck disable=SC2086  (a list of words)
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
  else
    echo "bench: not Debian, or not root, so without$missing" >&2
  fi
fi

.venv/bin/python -m pip install --quiet --group bench
if [ ! -x "$tools/bench/bin/python" ]; then
  .venv/bin/python -m venv --without-pip "$tools/bench"    # pip fills it from outside: no ensurepip needed
fi
.venv/bin/python -m pip --python "$tools/bench/bin/python" install --quiet --group peers ||
  echo "bench: not all of the Python tools are to be had" >&2
# The program itself, without the Python script before it, whose name another package has as well.
native=$(ls "$tools"/bench/lib/python3*/site-packages/sourcemeta_jsonschema/jsonschema-"$(uname -s | tr A-Z a-z)-$(uname -m | sed s/aarch64/arm64/)" 2>/dev/null || true)
[ -z "$native" ] || ln -sf "$(realpath "$native")" "$tools/bin/sourcemeta-jsonschema"

if command -v npm >/dev/null && [ ! -x "$tools/npm/node_modules/.bin/ajv" ]; then
  npm install --silent --no-audit --no-fund --prefix "$tools/npm" ajv-cli@5.0.0 ajv-formats@3.0.1 ||
    echo "bench: no ajv-cli to be had" >&2
fi
