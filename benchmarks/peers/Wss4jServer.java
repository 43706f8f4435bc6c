import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSDataRef;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * The work of aanleveren less the post office: mutual TLS, WSS4J verifies, XSD, signed answer; nothing is stored.
 *
 * <p>Arguments: key store (PKCS12), its password, file with the trusted CAs (PEM), XSD, threads. Prints its port.
 */
public final class Wss4jServer {
    private static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
    private static final String WSA = "http://www.w3.org/2005/08/addressing";
    private static final String KOPPELVLAK = "http://logius.nl/digipoort/koppelvlakservices/1.2/";
    private static final String ACTION =
            "http://logius.nl/digipoort/wus/2.0/aanleverservice/1.2/AanleverService/aanleverenResponse";
    private static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    private static final Set<String> MUST_BE_SIGNED = Set.of("Body", "Timestamp", "To", "Action", "MessageID", "ReplyTo");

    private final Merlin crypto = new Merlin();
    private final String alias;
    private final String password;
    private final DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
    private final Schema schema;

    private Wss4jServer(KeyStore keys, String password, KeyStore trust, String xsd) throws Exception {
        this.password = password;
        alias = keys.aliases().nextElement();
        crypto.setKeyStore(keys);
        crypto.setTrustStore(trust);
        builders.setNamespaceAware(true);
        builders.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        schema = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI).newSchema(new java.io.File(xsd));
    }

    public static void main(String[] arguments) throws Exception {
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.OFF); // WSS4J warns at each request
        String password = arguments[1];
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(arguments[0])) {
            keys.load(in, password.toCharArray());
        }
        KeyStore trust = trusted(arguments[2]);
        Wss4jServer work = new Wss4jServer(keys, password, trust, arguments[3]);

        HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 1024);
        server.setHttpsConfigurator(mutual(keys, password, trust));
        server.createContext("/", work::serve);
        server.setExecutor(Executors.newFixedThreadPool(Integer.parseInt(arguments[4])));
        server.start();
        System.out.println(server.getAddress().getPort());
    }

    private static KeyStore trusted(String file) throws Exception {
        KeyStore trust = KeyStore.getInstance(KeyStore.getDefaultType());
        trust.load(null, null);
        try (InputStream in = new FileInputStream(file)) {
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trust.setCertificateEntry("ca" + number++, one);
            }
        }
        return trust;
    }

    private static HttpsConfigurator mutual(KeyStore keys, String password, KeyStore trust) throws Exception {
        KeyManagerFactory own = KeyManagerFactory.getInstance("SunX509");
        own.init(keys, password.toCharArray());
        TrustManagerFactory others = TrustManagerFactory.getInstance("PKIX");
        others.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters settings = getSSLContext().getDefaultSSLParameters();
                settings.setNeedClientAuth(true);
                parameters.setSSLParameters(settings);
            }
        };
    }

    private void serve(HttpExchange exchange) throws IOException {
        int status = 200;
        byte[] answer;
        try {
            answer = answer(exchange.getRequestBody());
        } catch (Exception error) {
            status = 500;
            answer = String.valueOf(error).getBytes(StandardCharsets.UTF_8);
        }
        exchange.getResponseHeaders().set("Content-Type", "text/xml; charset=utf-8");
        exchange.sendResponseHeaders(status, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private byte[] answer(InputStream in) throws Exception {
        Document request = builders.newDocumentBuilder().parse(in);
        verify(request);
        Element body = child(request.getDocumentElement(), SOAP, "Body");
        Element content = child(body, KOPPELVLAK, "aanleverRequest");
        schema.newValidator().validate(new DOMSource(content));
        Element header = child(request.getDocumentElement(), SOAP, "Header");
        Document response = response(content, child(header, WSA, "MessageID").getTextContent());
        sign(response);
        ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty("omit-xml-declaration", "yes");
        transformer.transform(new DOMSource(response), new StreamResult(out));
        return out.toByteArray();
    }

    private void verify(Document request) throws Exception {
        Set<String> covered = new HashSet<>();
        List<WSSecurityEngineResult> results =
                new WSSecurityEngine().processSecurityHeader(request, null, null, crypto);
        for (WSSecurityEngineResult result : results) {
            Object references = result.get(WSSecurityEngineResult.TAG_DATA_REF_URIS);
            if (references == null) {
                continue;
            }
            for (Object reference : (List<?>) references) {
                covered.add(((WSDataRef) reference).getProtectedElement().getLocalName());
            }
        }
        if (!covered.containsAll(MUST_BE_SIGNED)) {
            throw new IllegalArgumentException("signed are only " + covered);
        }
    }

    private Document response(Element request, String messageId) throws Exception {
        Document made = builders.newDocumentBuilder().newDocument();
        Element envelope = made.createElementNS(SOAP, "soapenv:Envelope");
        made.appendChild(envelope);
        Element header = add(envelope, SOAP, "soapenv:Header", null);
        add(header, WSA, "wsa:To", WSA + "/anonymous");
        add(header, WSA, "wsa:MessageID", messageId);
        add(header, WSA, "wsa:Action", ACTION);
        add(header, WSA, "wsa:RelatesTo", messageId);
        Element body = add(envelope, SOAP, "soapenv:Body", null);
        Element content = add(body, KOPPELVLAK, "aanleverResponse", null);
        add(content, KOPPELVLAK, "kenmerk", UUID.randomUUID().toString());
        for (String name : List.of("berichtsoort", "aanleverkenmerk")) {
            add(content, KOPPELVLAK, name, child(request, KOPPELVLAK, name).getTextContent());
        }
        add(content, KOPPELVLAK, "tijdstempelAangeleverd", java.time.Instant.now().toString());
        content.appendChild(made.importNode(child(request, KOPPELVLAK, "identiteitBelanghebbende"), true));
        content.appendChild(made.importNode(child(request, KOPPELVLAK, "rolBelanghebbende"), true));
        Element receiver = add(content, KOPPELVLAK, "identiteitOntvanger", null);
        add(receiver, KOPPELVLAK, "nummer", "00000002003214394002");
        add(receiver, KOPPELVLAK, "type", "OIN");
        content.appendChild(made.importNode(child(request, KOPPELVLAK, "autorisatieAdres"), true));
        return made;
    }

    private void sign(Document response) throws Exception {
        WSSecHeader security = new WSSecHeader();
        security.insertSecurityHeader(response);
        WSSecTimestamp timestamp = new WSSecTimestamp();
        timestamp.setTimeToLive(600);
        timestamp.build(response, security);
        WSSecSignature signing = new WSSecSignature();
        signing.setUserInfo(alias, password);
        signing.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signing.setSignatureAlgorithm(RSA_SHA256);
        signing.setDigestAlgo(WSConstants.SHA256);
        signing.setSigCanonicalization(WSConstants.C14N_EXCL_OMIT_COMMENTS);
        List<WSEncryptionPart> parts = new ArrayList<>();
        parts.add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, "Element"));
        for (String name : List.of("To", "MessageID", "Action", "RelatesTo")) {
            parts.add(new WSEncryptionPart(name, WSA, "Element"));
        }
        parts.add(new WSEncryptionPart("Body", SOAP, "Element"));
        signing.setParts(parts);
        signing.build(response, crypto, security);
    }

    private static Element add(Element parent, String namespace, String name, String text) {
        Element made = parent.getOwnerDocument().createElementNS(namespace, name);
        if (text != null) {
            made.setTextContent(text);
        }
        parent.appendChild(made);
        return made;
    }

    private static Element child(Element parent, String namespace, String name) {
        for (Node one = parent.getFirstChild(); one != null; one = one.getNextSibling()) {
            if (name.equals(one.getLocalName()) && namespace.equals(one.getNamespaceURI())) {
                return (Element) one;
            }
        }
        throw new IllegalArgumentException("there is no " + name);
    }
}
