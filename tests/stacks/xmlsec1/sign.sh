#!/bin/sh
# Sign a SOAP body for Digipoort with xmlsec1; the signed envelope goes to standard output.
#
#   sign.sh FOLDER sha1|sha256 URL ACTION BODY.xml | curl ... --data-binary @- URL
set -eu
folder=$1 sha=$2 url=$3 action=$4 body=$5

oasis=http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-
wsu=${oasis}wssecurity-utility-1.0.xsd
exclusive=http://www.w3.org/2001/10/xml-exc-c14n#
case $sha in
sha1) signature=http://www.w3.org/2000/09/xmldsig#rsa-sha1 digest=http://www.w3.org/2000/09/xmldsig#sha1 ;;
*) signature=http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 digest=http://www.w3.org/2001/04/xmlenc#sha256 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  cat <<XML
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:wsu="$wsu">
<soap:Header>
<wsse:Security xmlns:wsse="${oasis}wssecurity-secext-1.0.xsd" soap:mustUnderstand="1">
<wsse:BinarySecurityToken wsu:Id="token" EncodingType="${oasis}soap-message-security-1.0#Base64Binary" ValueType="${oasis}x509-token-profile-1.0#X509v3">$(openssl x509 -in "$folder/client.pem" -outform DER | base64 -w 0)</wsse:BinarySecurityToken>
<wsu:Timestamp wsu:Id="timestamp"><wsu:Created>$(date -u +%Y-%m-%dT%H:%M:%SZ)</wsu:Created></wsu:Timestamp>
<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="$exclusive"/>
<ds:SignatureMethod Algorithm="$signature"/>
XML
  for part in timestamp to action message body; do
    echo "<ds:Reference URI=\"#$part\"><ds:Transforms><ds:Transform Algorithm=\"$exclusive\"/></ds:Transforms>"
    echo "<ds:DigestMethod Algorithm=\"$digest\"/><ds:DigestValue/></ds:Reference>"
  done
  cat <<XML
</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>
<wsse:SecurityTokenReference><wsse:Reference URI="#token" ValueType="${oasis}x509-token-profile-1.0#X509v3"/></wsse:SecurityTokenReference>
</ds:KeyInfo></ds:Signature>
</wsse:Security>
<wsa:To wsu:Id="to">$url</wsa:To>
<wsa:Action wsu:Id="action">$action</wsa:Action>
<wsa:MessageID wsu:Id="message">urn:uuid:$(cat /proc/sys/kernel/random/uuid)</wsa:MessageID>
</soap:Header>
<soap:Body wsu:Id="body">$(cat "$body")</soap:Body>
</soap:Envelope>
XML
} >"$work/template.xml"

# --id-attr for each element that has a wsu:Id: xmlsec1 knows only what it is told.
xmlsec1 --sign --privkey-pem "$folder/client.key" --output "$work/signed.xml" \
  --id-attr:Id "$wsu:Timestamp" --id-attr:Id http://schemas.xmlsoap.org/soap/envelope/:Body \
  --id-attr:Id http://www.w3.org/2005/08/addressing:To \
  --id-attr:Id http://www.w3.org/2005/08/addressing:Action \
  --id-attr:Id http://www.w3.org/2005/08/addressing:MessageID "$work/template.xml"
cat "$work/signed.xml"
