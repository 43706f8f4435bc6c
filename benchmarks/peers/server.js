'use strict';
// Two peers on node, both with mutual TLS and without a store.
//   xml-crypto  verifies all that must be signed and signs the answer; no XSD
//   soap        node-soap's own server on the WSDL; it checks no signature and signs nothing
// Arguments: mode, key, certificate, trusted CAs, WSDL, folder with node_modules. Prints its port.

const fs = require('fs');
const https = require('https');
const path = require('path');
const { createRequire } = require('module');
const { randomUUID } = require('crypto');

const [mode, keyFile, certificateFile, caFile, wsdlFile, packages] = process.argv.slice(2);
const from = createRequire(path.join(packages, 'package.json'));
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const WSA = 'http://www.w3.org/2005/08/addressing';
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const TOKEN = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const KOPPELVLAK = 'http://logius.nl/digipoort/koppelvlakservices/1.2/';
const ACTION = 'http://logius.nl/digipoort/wus/2.0/aanleverservice/1.2/AanleverService/aanleverenResponse';

const key = fs.readFileSync(keyFile);
const certificate = fs.readFileSync(certificateFile);
const tls = { key, cert: certificate, ca: fs.readFileSync(caFile), requestCert: true, rejectUnauthorized: true };

function xmlCrypto() {
  const { SignedXml } = from('xml-crypto');
  const { DOMParser } = from('@xmldom/xmldom');
  const first = certificate.toString().match(/-----BEGIN CERTIFICATE-----([^-]+)/)[1].replace(/\s/g, '');

  function judged(xml) {
    const document = new DOMParser().parseFromString(xml, 'text/xml');
    const token = document.getElementsByTagNameNS(WSSE, 'BinarySecurityToken')[0].textContent.replace(/\s/g, '');
    const publicCert = `-----BEGIN CERTIFICATE-----\n${token.match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
    const check = new SignedXml({ publicCert, idMode: 'wssecurity' });
    check.loadSignature(document.getElementsByTagNameNS(DS, 'Signature')[0]);
    if (!check.checkSignature(xml)) throw new Error('the signature is wrong');
    const signed = check.getSignedReferences().join('');
    for (const name of ['Body', 'Timestamp', 'To', 'Action', 'MessageID', 'ReplyTo']) {
      if (!signed.includes(`:${name} `) && !signed.includes(`:${name}>`)) throw new Error(`${name} is not signed`);
    }
    return document;
  }

  function answer(document) {
    const text = (namespace, name) => document.getElementsByTagNameNS(namespace, name)[0].textContent;
    const id = text(WSA, 'MessageID');
    const created = new Date();
    const times = [created, new Date(created.getTime() + 600000)].map((time) => time.toISOString());
    const xml =
      `<soapenv:Envelope xmlns:soapenv="${SOAP}" xmlns:wsa="${WSA}" xmlns:u="${WSU}"><soapenv:Header>` +
      `<s:Security xmlns:s="${WSSE}"><u:Timestamp u:Id="w_25"><u:Created>${times[0]}</u:Created>` +
      `<u:Expires>${times[1]}</u:Expires></u:Timestamp><s:BinarySecurityToken u:Id="token" ` +
      `EncodingType="${TOKEN}soap-message-security-1.0#Base64Binary" ValueType="${TOKEN}x509-token-profile-1.0#X509v3">` +
      `${first}</s:BinarySecurityToken></s:Security><wsa:To u:Id="w_21">${WSA}/anonymous</wsa:To>` +
      `<wsa:MessageID u:Id="w_22">${id}</wsa:MessageID><wsa:Action u:Id="w_23">${ACTION}</wsa:Action>` +
      `<wsa:RelatesTo u:Id="w_24">${id}</wsa:RelatesTo></soapenv:Header><soapenv:Body u:Id="w_20">` +
      `<aanleverResponse xmlns="${KOPPELVLAK}"><kenmerk>${randomUUID()}</kenmerk>` +
      `<berichtsoort>${text(KOPPELVLAK, 'berichtsoort')}</berichtsoort><tijdstempelAangeleverd>${times[0]}` +
      '</tijdstempelAangeleverd><identiteitBelanghebbende>' +
      `<nummer>${text(KOPPELVLAK, 'nummer')}</nummer><type>${text(KOPPELVLAK, 'type')}</type>` +
      '</identiteitBelanghebbende></aanleverResponse></soapenv:Body></soapenv:Envelope>';
    const signing = new SignedXml({
      privateKey: key,
      signatureAlgorithm: RSA_SHA256,
      canonicalizationAlgorithm: C14N,
      idMode: 'wssecurity',
      getKeyInfoContent: () =>
        `<s:SecurityTokenReference xmlns:s="${WSSE}"><s:Reference URI="#token" ` +
        `ValueType="${TOKEN}x509-token-profile-1.0#X509v3"/></s:SecurityTokenReference>`,
    });
    for (const name of ['Timestamp', 'To', 'MessageID', 'Action', 'RelatesTo', 'Body']) {
      const xpath = `//*[local-name(.)='${name}']`;
      signing.addReference({ xpath, transforms: [C14N], digestAlgorithm: SHA256 });
    }
    signing.computeSignature(xml, { location: { reference: "//*[local-name(.)='Security']", action: 'append' } });
    return signing.getSignedXml();
  }

  return https.createServer(tls, (request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      let status = 200;
      let body;
      try {
        body = answer(judged(Buffer.concat(parts).toString()));
      } catch (error) {
        status = 500;
        body = String(error.stack);
      }
      const content = Buffer.from(body);
      response.writeHead(status, { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': content.length });
      response.end(content);
    });
  });
}

function nodeSoap() {
  const soap = from('soap');
  const server = https.createServer(tls, (request, response) => response.writeHead(404).end());
  const aanleveren = (delivered) => ({
    kenmerk: randomUUID(),
    berichtsoort: delivered.berichtsoort,
    aanleverkenmerk: delivered.aanleverkenmerk,
    tijdstempelAangeleverd: new Date().toISOString(),
    identiteitBelanghebbende: delivered.identiteitBelanghebbende,
  });
  const services = soapServices(fs.readFileSync(wsdlFile, 'utf8'), aanleveren);
  // Loaded by its path, so that the XSD beside it is found.
  server.on('listening', () =>
    soap.listen(server, {
      path: '/wus/2.0/aanleverservice/1.2',
      services,
      xml: fs.readFileSync(wsdlFile, 'utf8'),
      uri: wsdlFile,
      enableChunkedEncoding: false,
    }),
  );
  return server;
}

function soapServices(wsdl, aanleveren) {
  const named = (element) => wsdl.match(new RegExp(`<(?:\\w+:)?${element} [^>]*name="([^"]+)"`))[1];
  return { [named('service')]: { [named('port')]: { aanleveren } } };
}

const server = mode === 'soap' ? nodeSoap() : xmlCrypto();
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
