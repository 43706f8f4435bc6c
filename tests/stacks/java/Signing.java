import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPMessage;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMResult;
import javax.xml.transform.dom.DOMSource;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSDataRef;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.WSSecurityException;
import org.apache.ws.security.components.crypto.Crypto;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Signs requests with WSS4J over the Body, the Timestamp and every WS-Addressing header; judges answers. */
final class Signing implements SOAPHandler<SOAPMessageContext> {
    private static final String WSA = "http://www.w3.org/2005/08/addressing";
    private static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";

    private static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

    private final Vendor vendor;
    private final Crypto crypto;
    private final String signature;
    private final String digest;
    private final boolean everything;

    /** What was signed in the last answer, by WSS4J's word. */
    Set<String> covered;
    /** The algorithm of the last answer's signature. */
    String signatureSeen;
    /** The algorithms of the last answer's digests. */
    Set<String> digestsSeen;
    /** What WSS4J says to the last answer with one attribute too many. */
    String tampered;

    Signing(Vendor vendor, String sha, boolean everything) throws Exception {
        this.vendor = vendor;
        this.crypto = vendor.crypto();
        this.everything = everything;
        signature = sha.equals("sha1") ? WSConstants.RSA_SHA1 : RSA_SHA256;
        digest = sha.equals("sha1") ? WSConstants.SHA1 : WSConstants.SHA256;
    }

    @Override
    public boolean handleMessage(SOAPMessageContext context) {
        try {
            SOAPMessage message = context.getMessage();
            if ((Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY)) {
                Document document = plain(message);
                sign(document);
                message.getSOAPPart().setContent(new DOMSource(document));
            } else {
                judge(plain(message));
            }
            return true;
        } catch (Exception error) {
            throw new IllegalStateException(error.getMessage(), error);
        }
    }

    /** The message as a DOM of the JDK: SAAJ's own wraps its nodes, and WSS4J cannot add to it. */
    private static Document plain(SOAPMessage message) throws Exception {
        DOMResult result = new DOMResult();
        TransformerFactory.newInstance().newTransformer().transform(message.getSOAPPart().getContent(), result);
        return (Document) result.getNode();
    }

    private void sign(Document document) throws WSSecurityException {
        WSSecHeader security = new WSSecHeader();
        security.insertSecurityHeader(document);
        WSSecTimestamp timestamp = new WSSecTimestamp();
        timestamp.setTimeToLive(300);
        timestamp.build(document, security);

        WSSecSignature signing = new WSSecSignature();
        signing.setUserInfo(vendor.alias, Vendor.PASSWORD);
        signing.setKeyIdentifierType(WSConstants.BST_DIRECT_REFERENCE);
        signing.setSignatureAlgorithm(signature);
        signing.setDigestAlgo(digest);
        signing.setSigCanonicalization(WSConstants.C14N_EXCL_OMIT_COMMENTS);
        List<WSEncryptionPart> parts = new ArrayList<>();
        parts.add(new WSEncryptionPart("Body", SOAP, "Content"));
        parts.add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, "Element"));
        for (Element header : everything ? addressing(document) : List.<Element>of()) {
            parts.add(new WSEncryptionPart(header.getLocalName(), WSA, "Element"));
        }
        signing.setParts(parts);
        signing.build(document, crypto, security);
    }

    private void judge(Document document) throws WSSecurityException {
        covered = new TreeSet<>();
        digestsSeen = new HashSet<>();
        for (WSSecurityEngineResult result : verify(document)) {
            if (result.get(WSSecurityEngineResult.TAG_DATA_REF_URIS) == null) {
                continue;
            }
            signatureSeen = (String) result.get(WSSecurityEngineResult.TAG_SIGNATURE_METHOD);
            for (Object reference : (List<?>) result.get(WSSecurityEngineResult.TAG_DATA_REF_URIS)) {
                WSDataRef part = (WSDataRef) reference;
                digestsSeen.add(part.getDigestAlgorithm());
                if (stands(part.getProtectedElement())) {
                    covered.add(part.getProtectedElement().getLocalName());
                }
            }
        }
        Document spoiled = (Document) document.cloneNode(true);
        ((Element) spoiled.getElementsByTagNameNS(WSA, "RelatesTo").item(0)).setAttribute("a", "b");
        try {
            verify(spoiled);
            tampered = "";
        } catch (WSSecurityException error) {
            tampered = error.getMessage();
        }
    }

    /** Signature, trust and Timestamp; throws if any of them is not good. */
    private List<WSSecurityEngineResult> verify(Document document) throws WSSecurityException {
        List<WSSecurityEngineResult> results =
                new WSSecurityEngine().processSecurityHeader(document, null, null, crypto);
        if (results == null) {
            throw new WSSecurityException("the answer has no Security header");
        }
        return results;
    }

    /** Whether an element stands where Body, headers and Timestamp belong. */
    private static boolean stands(Element element) {
        Node parent = element.getParentNode();
        return switch (element.getLocalName()) {
            case "Body" -> parent == element.getOwnerDocument().getDocumentElement();
            case "Timestamp" -> parent.getLocalName().equals("Security");
            default -> parent.getLocalName().equals("Header");
        };
    }

    private static List<Element> addressing(Document document) {
        List<Element> found = new ArrayList<>();
        Node header = document.getElementsByTagNameNS(SOAP, "Header").item(0);
        for (Node child = header.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (WSA.equals(child.getNamespaceURI())) {
                found.add((Element) child);
            }
        }
        return found;
    }

    @Override
    public boolean handleFault(SOAPMessageContext context) {
        return true; // faults are not signed
    }

    @Override
    public void close(MessageContext context) {}

    @Override
    public Set<QName> getHeaders() {
        return Set.of(new QName(WSConstants.WSSE_NS, "Security"));
    }
}
