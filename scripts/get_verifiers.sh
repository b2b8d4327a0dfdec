#!/bin/sh
# Get the receivers' tools that tests/interop runs, into build/verifiers. What cannot be had is left out,
# and the tests that need it skip and say so. Debian's tools come from the machine's own mirror.
set -u
cd "$(dirname "$0")/.."
place=$PWD/build/verifiers
mkdir -p "$place/debs"

# debian RELEASE PACKAGE...: unpack packages of a Debian release, without installing them
debian() {
  release=$1; shift
  site=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep '/debian$' | head -1)
  lists=$place/apt-$release
  mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $release main" > "$lists/sources.list"
  set -- "$@" -- -o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=- \
    -o "Dir::State::lists=$lists/lists" -o "Dir::Cache=$lists/cache"
  packages=; while [ "$1" != -- ]; do packages="$packages $1"; shift; done; shift
  apt-get -qq "$@" update || return 1
  for package in $packages; do
    (cd "$place/debs" && apt-get -qq "$@" download "$package") && dpkg -x "$place"/debs/"${package}"_*.deb "$place/root" ||
      echo "get_verifiers: $package of $release is not to be had" >&2
  done
}

if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
  . /etc/os-release
  debian "$VERSION_CODENAME" signify-openbsd minisign libsodium23 libbsd0 libmd0
  debian sid cosign
else
  echo "get_verifiers: no apt-get here: no signify-openbsd, minisign, cosign" >&2
fi
if command -v npm >/dev/null; then
  npm install --silent --no-audit --no-fund --prefix "$place/npm" @sigstore/verify@3.1.1 @sigstore/bundle@4 @sigstore/protobuf-specs ||
    npm install --silent --no-audit --no-fund --prefix "$place/npm" @sigstore/verify@3.1.1 ||
    echo "get_verifiers: @sigstore/verify is not to be had" >&2
else
  echo "get_verifiers: no npm here: no @sigstore/verify" >&2
fi
.venv/bin/python -m pip install --quiet bagit bdbag securesystemslib || echo "get_verifiers: no pip" >&2
ls "$place/root/usr/bin" 2>/dev/null
