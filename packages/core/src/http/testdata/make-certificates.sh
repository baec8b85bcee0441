#!/bin/sh
# Makes the certificates of the TLS tests. They are checked in, because the tests must run without openssl; run this again only to
# change them. Valid until 2125, but for `expired`. The keys guard nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/ca.key" -out ca.pem \
  -subj '/CN=promline test CA' -days 36500 -addext 'keyUsage=critical,keyCertSign,cRLSign'

# issue NAME SUBJECT_ALT_NAMES NOT_BEFORE NOT_AFTER
issue() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$work/$1.csr" -subj "/CN=$1"
  printf 'subjectAltName=%s\n' "$2" >"$work/$1.ext"
  touch "$work/index.txt"
  printf '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=%s\ndatabase=%s/index.txt\nserial=%s/serial\npolicy=p\ndefault_md=sha256\nunique_subject=no\n[p]\ncommonName=supplied\n' \
    "$work" "$work" "$work" >"$work/ca.cnf"
  openssl ca -batch -notext -config "$work/ca.cnf" -create_serial -rand_serial -cert ca.pem -keyfile "$work/ca.key" \
    -in "$work/$1.csr" -out "$1.pem" -extfile "$work/$1.ext" -startdate "$3" -enddate "$4"
}
issue server 'DNS:localhost,IP:127.0.0.1' 20250101000000Z 21250101000000Z
issue other-host 'DNS:other.example' 20250101000000Z 21250101000000Z
issue expired 'DNS:localhost,IP:127.0.0.1' 20200101000000Z 20210101000000Z
issue client 'DNS:client' 20250101000000Z 21250101000000Z
