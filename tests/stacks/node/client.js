// A vendor's client on node-soap: every WS-Addressing header, the Timestamp and the Body are signed, and the
// answers are judged by xml-crypto. Prints one JSON object with what it saw; contract.py says what stands in it.
//
//   node client.js https://localhost:8443 kantoor folder-with-a-revoked-certificate omzetbelasting.xbrl
'use strict';

const fs = require('fs');
const https = require('https');
const { randomUUID, X509Certificate } = require('crypto');
const axios = require('axios');
const soap = require('soap');
const { DOMParser } = require('@xmldom/xmldom');
const { SignedXml } = require('xml-crypto');

const WSA = 'http://www.w3.org/2005/08/addressing';
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const ALGORITHMS = {
  sha1: {
    signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
  },
  sha256: {
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  },
};

function certificates(file) {
  const blocks = fs.readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g);
  return blocks.map((block) => new X509Certificate(block));
}

function only(document, namespace, name) {
  const found = document.getElementsByTagNameNS(namespace, name);
  if (found.length !== 1) throw new Error(`${found.length} times ${name} instead of once`);
  return found[0];
}

class Vendor {
  constructor(base, folder) {
    this.base = base;
    this.authorities = certificates(`${folder}/ca.pem`);
    this.key = fs.readFileSync(`${folder}/client.key`);
    const chain = fs.readFileSync(`${folder}/client.pem`);
    this.certificate = new X509Certificate(chain).toString(); // the first of the chain
    const agent = new https.Agent({ key: this.key, cert: chain, ca: fs.readFileSync(`${folder}/ca.pem`) });
    this.http = axios.create({ httpsAgent: agent, proxy: false });
    this.http.interceptors.request.use((request) => {
      this.contentType = request.headers['Content-Type'];
      return request;
    });
  }

  async service(path, security) {
    const url = this.base + path;
    const client = await soap.createClientAsync(`${url}?wsdl`, { request: this.http, disableCache: true });
    client.addSoapHeader((method, location, action) =>
      `<wsa:Action xmlns:wsa="${WSA}">${action}</wsa:Action>` +
      `<wsa:MessageID xmlns:wsa="${WSA}">urn:uuid:${randomUUID()}</wsa:MessageID>` +
      `<wsa:ReplyTo xmlns:wsa="${WSA}"><wsa:Address>${WSA}/anonymous</wsa:Address></wsa:ReplyTo>` +
      `<wsa:To xmlns:wsa="${WSA}">${url}</wsa:To>`);
    client.setSecurity(new soap.WSSecurityCert(this.key, this.certificate, '', security));
    return client;
  }

  signing(path, sha) {
    return this.service(path, {
      ...ALGORITHMS[sha],
      additionalReferences: ['wsa:Action', 'wsa:MessageID', 'wsa:ReplyTo', 'wsa:To'],
      signatureTransformations: ['http://www.w3.org/2001/10/xml-exc-c14n#'],
      signerOptions: { idMode: 'wssecurity' }, // wsu:Id; without it an Id without a namespace
    });
  }

  // What of an answer is signed by a certificate of the simulator's authority; throws if nothing is.
  signed(xml) {
    const document = new DOMParser().parseFromString(xml, 'text/xml');
    const der = Buffer.from(only(document, WSSE, 'BinarySecurityToken').textContent, 'base64');
    const signer = new X509Certificate(der);
    this.trust(signer);
    const signature = new SignedXml({ idMode: 'wssecurity', publicCert: signer.toString() });
    signature.loadSignature(only(document, DS, 'Signature'));
    if (!signature.checkSignature(xml)) throw new Error('the signature of the answer is not good');
    return {
      // The parts as they were digested: nothing else of the answer may be believed.
      covered: signature.getSignedReferences().map(
        (part) => new DOMParser().parseFromString(part, 'text/xml').documentElement.localName),
      algorithms: {
        signature: signature.signatureAlgorithm,
        digests: [...new Set(signature.getReferences().map((one) => one.digestAlgorithm))],
      },
    };
  }

  trust(certificate) {
    const now = new Date();
    if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) throw new Error('not valid now');
    const issuer = this.authorities.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey));
    if (!issuer) throw new Error(`${certificate.subject} comes from an authority that is not known`);
    if (issuer.fingerprint256 !== certificate.fingerprint256) this.trust(issuer);
  }
}

function delivery(content, berichtsoort, aanleverkenmerk) {
  return {
    berichtsoort,
    aanleverkenmerk,
    identiteitBelanghebbende: { nummer: '001000044B37', type: 'Fi' },
    rolBelanghebbende: 'Intermediair',
    berichtInhoud: { mimeType: 'text/xml', bestandsnaam: 'ob.xbrl', inhoud: content.toString('base64') },
    autorisatieAdres: 'http://geenausp.nl',
  };
}

async function fault(client, content) {
  try {
    await client.aanleverenAsync(content);
  } catch (error) {
    return error.root.Envelope.Body.Fault.detail.aanleverFault;
  }
  throw new Error('there was no fault');
}

async function statuses(client, operation, kenmerk) {
  const [answer] = await client[`${operation}Async`]({ kenmerk, autorisatieAdres: 'http://geenausp.nl' });
  const rows = answer[`${operation}Return`]?.StatusResultaat ?? [];
  return rows.map((row) => row.statuscode);
}

async function finalStatuses(client, kenmerk) {
  for (const until = Date.now() + 20000; ;) {
    const codes = await statuses(client, 'getStatussenProces', kenmerk);
    if (codes.includes('500') || Date.now() > until) return codes;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

async function run(vendor, sha, content) {
  const aanleveren = await vendor.signing('/wus/2.0/aanleverservice/1.2', sha);
  const [delivered] = await aanleveren.aanleverenAsync(delivery(content, 'Omzetbelasting', `node-${sha}`));
  const raw = aanleveren.lastResponse;
  let tampered = '';
  try {
    vendor.signed(raw.replace('<wsa:RelatesTo', '<wsa:RelatesTo a="b"'));
  } catch (error) {
    tampered = error.message;
  }
  const stub = await vendor.signing('/cpl/aanleverservice/1.2', sha);
  const [atStub] = await stub.aanleverenAsync(delivery(content, 'Omzetbelasting', 'Happyflow'));
  vendor.signed(stub.lastResponse);
  const status = await vendor.signing('/wus/2.0/statusinformatieservice/1.2', sha);
  const seen = {
    statuses: await finalStatuses(status, delivered.kenmerk),
    new: await statuses(status, 'getNieuweStatussenProces', delivered.kenmerk),
    newAgain: await statuses(status, 'getNieuweStatussenProces', delivered.kenmerk),
  };
  return {
    kenmerk: delivered.kenmerk,
    stubKenmerk: atStub.kenmerk,
    ...vendor.signed(raw),
    statusCovered: vendor.signed(status.lastResponse).covered,
    tampered,
    ...seen,
    fault: await fault(aanleveren, delivery(content, 'Onbestaand', `node-${sha}`)),
  };
}

async function main([base, folder, revoked, file]) {
  const vendor = new Vendor(base, folder);
  const content = fs.readFileSync(file);
  const report = { sha1: await run(vendor, 'sha1', content), sha256: await run(vendor, 'sha256', content) };

  const stock = await vendor.service('/wus/2.0/aanleverservice/1.2', {}); // as it comes out of the box
  report.stock = await fault(stock, delivery(content, 'Omzetbelasting', 'stock'));

  const mtom = await vendor.signing('/wus/2.0/aanleverservice/1.2', 'sha256');
  const [mtomDelivered] = await mtom.aanleverenAsync(delivery(content, 'Omzetbelasting', 'mtom'), { forceMTOM: true });
  report.mtom = {
    kenmerk: mtomDelivered.kenmerk,
    contentType: vendor.contentType,
    covered: vendor.signed(mtom.lastResponse).covered,
  };

  report.refused = await new Vendor(base, revoked).signing('/wus/2.0/aanleverservice/1.2', 'sha1').then(
    () => '', (error) => error.message);
  console.log(JSON.stringify(report));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
