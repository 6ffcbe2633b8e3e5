#!/bin/sh
# Installs the servers that tests talk to, with Debian's apt, as root; what is there already stays.
# Without them those tests say what they miss and are skipped.
set -eu

wanted=""
command -v nats-server >/dev/null || wanted="$wanted nats-server"
command -v prometheus >/dev/null || wanted="$wanted prometheus"
command -v java >/dev/null || wanted="$wanted default-jre-headless"
command -v mvn >/dev/null || wanted="$wanted maven"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing:$wanted. They are installed by root, on Debian and its like." >&2
    exit 1
fi
apt-get update --quiet --quiet
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends $wanted
