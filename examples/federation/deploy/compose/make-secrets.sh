#!/bin/sh
# Makes the passwords that compose.yaml mounts, once: those that are there stay. Nothing of it belongs into a repository.
set -eu
cd "$(dirname "$0")/.."
mkdir -p secrets
for name in nats-primary another-cluster console grafana; do
  [ -e "secrets/$name" ] || head -c 24 /dev/urandom | base64 | tr -d '\n/+=' > "secrets/$name"
  # The users of the containers are none of this machine's: the folder keeps others out, not the file.
  chmod 444 "secrets/$name"
done
printf 'PROMLINE_CONSOLE_PASSWORD=%s\n' "$(cat secrets/console)" > .env
chmod 600 .env
