#!/bin/sh
# Installs Hubbub for this platform from a release. Checks the archive's SHA-256 first.
#
#   sh install.sh [VERSION]
#
# HUBBUB_RELEASES  the URL or the local folder that holds the releases (default below)
# PREFIX           installs PREFIX/bin/hubbub and PREFIX/share/… (default /usr/local, or ~/.local if
#                  /usr/local cannot be written)
set -eu

releases=${HUBBUB_RELEASES:-https://github.com/hubbub-chat/hubbub/releases/download}
version=${1:-@VERSION@}
version=${version#v}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

case $version in
  [0-9]*) ;;
  *) fail 'Cannot choose a version: run install.sh VERSION, such as install.sh 1.2.3' ;;
esac

# The platform, as archive names spell it.
case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=macos ;;
  *) fail "Cannot install on $(uname -s): must be Linux or macOS; for Windows, download a release" ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "Cannot install on $(uname -m): must be x86_64 or arm64" ;;
esac
if [ "$os" = linux ] && [ -e /lib/ld-musl-x86_64.so.1 ] && ! [ -e /lib64/ld-linux-x86-64.so.2 ]; then
  fail "Cannot install on this system: the executable needs glibc, which musl systems lack"
fi

if [ -n "${PREFIX:-}" ]; then
  prefix=$PREFIX
elif [ -w /usr/local/bin ]; then
  prefix=/usr/local
else
  prefix=${HOME:?Cannot choose a folder: set PREFIX or HOME}/.local
fi

name=hubbub-$version-$os-$arch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# fetch FILE: copies a file of the release into the working folder.
fetch() {
  case $releases in
    http://* | https://*)
      url=$releases/v$version/$1
      if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --proto '=https,http' --output "$work/$1" "$url" ||
          fail "Cannot fetch $url"
      elif command -v wget >/dev/null; then
        wget --quiet --output-document "$work/$1" "$url" || fail "Cannot fetch $url"
      else
        fail "Cannot fetch $url: install curl or wget"
      fi
      ;;
    *) cp "$releases/$1" "$work/$1" || fail "Cannot copy $releases/$1" ;;
  esac
}

# sum_of FILE: prints its SHA-256 in hexadecimal.
sum_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  else
    fail "Cannot check the archive: install sha256sum or shasum"
  fi
}

fetch SHA256SUMS
fetch "$name.tar.gz"
wanted=$(awk -v file="$name.tar.gz" '$2 == file { print $1 }' "$work/SHA256SUMS")
[ -n "$wanted" ] || fail "Cannot check the archive: SHA256SUMS does not name $name.tar.gz"
found=$(sum_of "$work/$name.tar.gz")
[ "$wanted" = "$found" ] || fail "Refusing $name.tar.gz: its SHA-256 must be $wanted, received $found"

tar -xzf "$work/$name.tar.gz" -C "$work"

# put FILE TARGET MODE: writes a new file and renames it, so that a running executable can be replaced.
put() {
  mkdir -p "$(dirname "$2")"
  cp "$work/$name/$1" "$2.new"
  chmod "$3" "$2.new"
  mv -f "$2.new" "$2"
}

put hubbub "$prefix/bin/hubbub" 755
put hubbub.1 "$prefix/share/man/man1/hubbub.1" 644
put completions/hubbub.bash "$prefix/share/bash-completion/completions/hubbub" 644
put completions/_hubbub "$prefix/share/zsh/site-functions/_hubbub" 644
put completions/hubbub.fish "$prefix/share/fish/vendor_completions.d/hubbub.fish" 644

"$prefix/bin/hubbub" --version
case :${PATH:-}: in
  *:"$prefix/bin":*) ;;
  *) printf 'Add %s to your PATH.\n' "$prefix/bin" ;;
esac
