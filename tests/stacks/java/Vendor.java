import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.ws.security.components.crypto.Crypto;
import org.apache.ws.security.components.crypto.Merlin;

/** A vendor's keys and trust, as `certs issue` made them: for TLS and for WSS4J. */
final class Vendor {
    static final String PASSWORD = "trial";

    final KeyStore keys;
    final KeyStore trust;
    final String alias;

    Vendor(Path folder) throws Exception {
        keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = new FileInputStream(folder.resolve("client.p12").toFile())) {
            keys.load(file, PASSWORD.toCharArray());
        }
        alias = keys.aliases().nextElement();
        trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        byte[] pem = Files.readAllBytes(folder.resolve("ca.pem"));
        for (Certificate one :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            trust.setCertificateEntry("ca" + trust.size(), one);
        }
    }

    /** Mutual TLS with the vendor's certificate. */
    SSLContext tls() throws Exception {
        KeyManagerFactory mine = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        mine.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory theirs = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        theirs.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(mine.getKeyManagers(), theirs.getTrustManagers(), null);
        return context;
    }

    /** The vendor's key to sign with, the simulator's CAs to judge answers by. */
    Crypto crypto() throws Exception {
        Merlin merlin = new Merlin(new Properties());
        merlin.setKeyStore(keys);
        merlin.setTrustStore(trust);
        return merlin;
    }
}
