<?php

declare(strict_types=1);

const WSA = 'http://www.w3.org/2005/08/addressing';
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';
const WSSE = OASIS . 'wssecurity-secext-1.0.xsd';
const WSU = OASIS . 'wssecurity-utility-1.0.xsd';
const X509 = OASIS . 'x509-token-profile-1.0#X509v3';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ALGORITHMS = [
    'sha1' => [DS . 'rsa-sha1', DS . 'sha1'],
    'sha256' => ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2001/04/xmlenc#sha256'],
];

/**
 * PHP's SoapClient with what Digipoort wants on top: WS-Addressing, and a signature over every one of its headers,
 * the Timestamp and the Body. It signs with DOM's C14N and openssl, and judges answers with the same.
 */
final class DigipoortClient extends SoapClient
{
    /** The last answer, as it came. */
    public string $answer = '';

    /** @param string $sha sha1 or sha256 */
    public function __construct(private string $url, private string $folder, private string $sha)
    {
        $context = stream_context_create(['ssl' => [
            'local_cert' => "$folder/client.pem",
            'local_pk' => "$folder/client.key",
            'cafile' => "$folder/ca.pem",
        ]]);
        parent::__construct("$url?wsdl", [
            'stream_context' => $context, 'cache_wsdl' => WSDL_CACHE_NONE, 'location' => $url,
            'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        ]);
    }

    public function __doRequest(
        string $request,
        string $location,
        string $action,
        int $version,
        bool $oneWay = false
    ): ?string {
        $document = new DOMDocument();
        $document->loadXML($request);
        $this->sign($document, $action);
        $this->answer = (string) parent::__doRequest($document->saveXML(), $location, $action, $version, $oneWay);
        return $this->answer;
    }

    private function sign(DOMDocument $document, string $action): void
    {
        $body = $document->getElementsByTagNameNS(SOAP, 'Body')[0];
        $header = $document->createElementNS(SOAP, $body->prefix . ':Header');
        $body->before($header);
        $parts = [$body];
        $uuid = vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex(random_bytes(16)), 4));
        foreach (['To' => $this->url, 'Action' => $action, 'MessageID' => "urn:uuid:$uuid"] as $name => $value) {
            $parts[] = self::add($header, WSA, "wsa:$name", $value);
        }
        $security = self::add($header, WSSE, 'wsse:Security');
        $security->setAttributeNS(SOAP, $body->prefix . ':mustUnderstand', '1');
        $pem = file_get_contents("$this->folder/client.pem");
        $token = self::add($security, WSSE, 'wsse:BinarySecurityToken', self::bare($pem), [
            'EncodingType' => OASIS . 'soap-message-security-1.0#Base64Binary', 'ValueType' => X509,
        ]);
        $timestamp = self::add($security, WSU, 'wsu:Timestamp');
        self::add($timestamp, WSU, 'wsu:Created', gmdate('Y-m-d\TH:i:s\Z'));
        self::add($timestamp, WSU, 'wsu:Expires', gmdate('Y-m-d\TH:i:s\Z', time() + 300));
        $parts[] = $timestamp;
        foreach ([$token, ...$parts] as $number => $part) {
            $part->setAttributeNS(WSU, 'wsu:Id', "id-$number");
        }
        $this->signature($security, $parts);
    }

    private function signature(DOMElement $security, array $parts): void
    {
        [$signatureMethod, $digestMethod] = ALGORITHMS[$this->sha];
        $signature = self::add($security, DS, 'ds:Signature');
        $info = self::add($signature, DS, 'ds:SignedInfo');
        self::add($info, DS, 'ds:CanonicalizationMethod', '', ['Algorithm' => EXCLUSIVE]);
        self::add($info, DS, 'ds:SignatureMethod', '', ['Algorithm' => $signatureMethod]);
        foreach ($parts as $part) {
            $reference = self::add($info, DS, 'ds:Reference', '', ['URI' => '#' . $part->getAttributeNS(WSU, 'Id')]);
            $transforms = self::add($reference, DS, 'ds:Transforms');
            self::add($transforms, DS, 'ds:Transform', '', ['Algorithm' => EXCLUSIVE]);
            self::add($reference, DS, 'ds:DigestMethod', '', ['Algorithm' => $digestMethod]);
            $digest = base64_encode(hash($this->sha, $part->C14N(true), true));
            self::add($reference, DS, 'ds:DigestValue', $digest);
        }
        $key = openssl_pkey_get_private(file_get_contents("$this->folder/client.key"));
        openssl_sign($info->C14N(true), $value, $key, $this->sha);
        self::add($signature, DS, 'ds:SignatureValue', base64_encode($value));
        $keyInfo = self::add($signature, DS, 'ds:KeyInfo');
        $reference = self::add($keyInfo, WSSE, 'wsse:SecurityTokenReference');
        self::add($reference, WSSE, 'wsse:Reference', '', ['URI' => '#id-0', 'ValueType' => X509]);
    }

    /**
     * What of an answer is signed by a certificate of the simulator's authority.
     *
     * @return array{covered: list<string>, algorithms: array{signature: string, digests: list<string>}}
     * @throws RuntimeException nothing is
     */
    public function signed(string $answer): array
    {
        $document = new DOMDocument();
        $document->loadXML($answer);
        $path = new DOMXPath($document);
        foreach (['s' => SOAP, 'o' => WSSE, 'u' => WSU, 'd' => DS] as $prefix => $namespace) {
            $path->registerNamespace($prefix, $namespace);
        }
        $security = '/s:Envelope/s:Header/o:Security';
        $token = $path->evaluate("string($security/o:BinarySecurityToken)");
        $certificate = "-----BEGIN CERTIFICATE-----\n" . chunk_split($token, 64, "\n") . "-----END CERTIFICATE-----\n";
        if (openssl_x509_checkpurpose($certificate, X509_PURPOSE_ANY, ["$this->folder/ca.pem"]) !== true) {
            throw new RuntimeException('the certificate of the answer is not trusted');
        }
        $info = $path->query("$security/d:Signature/d:SignedInfo")[0];
        $value = base64_decode($path->evaluate("string($security/d:Signature/d:SignatureValue)"));
        $method = $path->evaluate('string(d:SignatureMethod/@Algorithm)', $info);
        $sha = array_search($method, array_column(ALGORITHMS, 0), true) === 0 ? 'sha1' : 'sha256';
        if (openssl_verify($info->C14N(true), $value, $certificate, $sha) !== 1) {
            throw new RuntimeException('the signature is not good');
        }
        [$covered, $digests] = [[], []];
        foreach ($path->query('d:Reference', $info) as $reference) {
            // Only where a part may stand: nothing hidden elsewhere counts.
            $id = substr($reference->getAttribute('URI'), 1);
            $places = "/s:Envelope/s:Body | /s:Envelope/s:Header/* | $security/u:Timestamp";
            $found = $path->query("($places)[@u:Id='$id']");
            $algorithm = $path->evaluate('string(d:DigestMethod/@Algorithm)', $reference);
            $hash = $algorithm === ALGORITHMS['sha1'][1] ? 'sha1' : 'sha256';
            $digest = base64_decode($path->evaluate('string(d:DigestValue)', $reference));
            if ($found->length !== 1 || !hash_equals(hash($hash, $found[0]->C14N(true), true), $digest)) {
                throw new RuntimeException("the digest of $id is not good");
            }
            $covered[] = $found[0]->localName;
            $digests[$algorithm] = true;
        }
        return ['covered' => $covered, 'algorithms' => ['signature' => $method, 'digests' => array_keys($digests)]];
    }

    private static function add(
        DOMElement $parent,
        string $namespace,
        string $name,
        string $text = '',
        array $attributes = []
    ): DOMElement {
        $child = $parent->ownerDocument->createElementNS($namespace, $name);
        $child->appendChild($parent->ownerDocument->createTextNode($text));
        foreach ($attributes as $attribute => $value) {
            $child->setAttribute($attribute, $value);
        }
        return $parent->appendChild($child);
    }

    /** The base64 of the first certificate in a PEM file. */
    private static function bare(string $pem): string
    {
        return preg_replace('/\s+/', '', explode('-----', $pem)[2]);
    }
}
