#!/bin/sh
# The receivers' tools that tests drive, on Debian, as root: what is missing here, those tests skip and say so.
# cosign comes from Debian sid, unpacked into .venv/tools and not installed; ministack gets an environment of its
# own there, since it pins older libraries than we do.
set -eu
cd "$(dirname "$0")/.."
command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] ||
  { echo "tools: not Debian, or not root; nothing installed" >&2; exit 0; }

# command:package
missing=""
for pair in openssl:openssl ssh-keygen:openssh-client unzip:unzip strace:strace signify-openbsd:signify-openbsd \
  minisign:minisign softhsm2-util:softhsm2 pkcs11-tool:opensc node:nodejs chromedriver:chromium-driver \
  chromium:chromium firefox-esr:firefox-esr npm:npm java:default-jre-headless \
  man:man-db groff:groff mandoc:mandoc zsh:zsh fish:fish pdfinfo:poppler-utils; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
  apt-get update -qq
  # shellcheck disable=SC2086  (a list of words)
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
fi

tools=.venv/tools
mkdir -p "$tools/bin"
if command -v npm >/dev/null && [ ! -d "$tools/npm/node_modules/@sigstore/verify" ]; then
  npm install --silent --no-audit --no-fund --prefix "$tools/npm" @sigstore/verify@3.1.1 @sigstore/bundle@4 \
    @sigstore/protobuf-specs >&2 || echo "tools: no @sigstore/verify to be had; its tests will skip" >&2
fi
sources=/etc/apt/sources.list.d/debian.sources
if ! command -v cosign >/dev/null && [ ! -x "$tools/bin/cosign" ] && [ -f "$sources" ]; then
  work=$(mktemp -d)
  mkdir -p "$work/parts" "$work/lists/partial" "$work/archives/partial"
  # The machine's own mirror, of another suite.
  awk 'BEGIN { RS = ""; ORS = "\n\n" } NR == 1' "$sources" | sed 's/^Suites:.*/Suites: sid/' >"$work/parts/sid.sources"
  options="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$work/parts
    -o Dir::State::lists=$work/lists -o Dir::Cache::archives=$work/archives -o APT::Sandbox::User=root"
  # shellcheck disable=SC2086
  if apt-get $options update -qq && (cd "$work" && apt-get $options download -qq cosign); then
    dpkg -x "$work"/cosign_*.deb "$work/root"
    cp "$work/root/usr/bin/cosign" "$tools/bin/"
    dpkg-deb -W --showformat '${Package} ${Version}\n' "$work"/cosign_*.deb >"$tools/cosign.version"
  else
    echo "tools: no cosign to be had; its tests will skip" >&2
  fi
  rm -rf "$work"
fi
if [ ! -x "$tools/ministack/bin/ministack" ]; then
  "${PYTHON:-python3}" -m venv "$tools/ministack" && "$tools/ministack/bin/pip" install --quiet ministack cryptography ||
    echo "tools: no ministack to be had; its tests will skip" >&2
  [ ! -x "$tools/ministack/bin/ministack" ] || ln -sf ../ministack/bin/ministack "$tools/bin/ministack"
fi
# axe-core and the Nu HTML checker, for the pages we make; the checker needs a Java runtime.
if command -v npm >/dev/null && [ ! -d "$tools/npm/node_modules/vnu-jar" ]; then
  npm install --silent --no-audit --no-fund --prefix "$tools/npm" axe-core@4.14.1 vnu-jar@26.9.27 ||
    echo "tools: no axe-core or vnu-jar to be had; their tests will skip" >&2
fi
# In which the DAG of docs/schedules.md is run: about 300 MB and some minutes, so only where it is asked for.
if [ -n "${AIRFLOW:-}" ] && [ ! -x "$tools/airflow/bin/airflow" ]; then
  "${PYTHON:-python3}" -m venv "$tools/airflow" && "$tools/airflow/bin/pip" install --quiet "apache-airflow>=3,<4" ||
    echo "tools: no Airflow to be had; its test will skip" >&2
fi
