#!/bin/sh
# Verify an answer of Digipoort with xmlsec1, and its signer with openssl; prints the names of the signed parts.
#
#   verify.sh FOLDER ANSWER.xml
set -eu
folder=$1 answer=$2

wsa=http://www.w3.org/2005/08/addressing
wsu=http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -n 's/.*<[a-z]*:BinarySecurityToken [^>]*>\([^<]*\)<.*/\1/p' "$answer" | base64 -d |
  openssl x509 -inform DER -out "$work/signer.pem"
openssl verify -CAfile "$folder/ca.pem" "$work/signer.pem" >&2
cmp "$work/signer.pem" "$folder/service.pem" # the certificate of the service, and not just any of that CA

xmlsec1 --verify --pubkey-cert-pem "$work/signer.pem" \
  --id-attr:Id "$wsu:Timestamp" --id-attr:Id http://schemas.xmlsoap.org/soap/envelope/:Body \
  --id-attr:Id "$wsa:To" --id-attr:Id "$wsa:Action" --id-attr:Id "$wsa:MessageID" --id-attr:Id "$wsa:RelatesTo" \
  "$answer" >&2

grep -o '<Reference URI="#[^"]*"' "$answer" | sed 's/.*"#\(.*\)"/\1/' | while read -r id; do
  grep -o "<[A-Za-z]*:[A-Za-z]* [^>]*:Id=\"$id\"" "$answer" | sed 's/^<[A-Za-z]*:\([A-Za-z]*\) .*/\1/'
done
