import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPFile;
import org.apache.commons.net.ftp.FTPReply;
import org.apache.commons.net.ftp.FTPSClient;

/** An FTPS client on commons-net: delivers by each interface of the file door, also what was cut off before. */
public final class FilesClient {
    private static final int HALF = 700_000;
    private static final List<String> INTERFACES = List.of("ftp", "ftp_gb", "ftp_implicit");
    private final String known;

    private FilesClient(String known) {
        this.known = known;
    }

    public static void main(String[] arguments) throws Exception {
        FilesClient vendor = new FilesClient(Files.readString(Path.of(arguments[0])));
        if (arguments.length > 1) {
            vendor.cut();
        }
        Map<String, String> report = new LinkedHashMap<>();
        for (String which : INTERFACES) {
            report.put(which, vendor.seen(which));
        }
        report.put("password", quoted(vendor.refusal(vendor.text("good"), "wrong")));
        report.put("revoked", quoted(vendor.refusal(vendor.text("revoked"), vendor.text("password"))));
        System.out.println(object(report));
    }

    /** The client certificate from client.p12, the server's CAs from ca.pem. */
    private static SSLContext tls(String folder) throws Exception {
        char[] password = "trial".toCharArray();
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream file = new FileInputStream(folder + "/client.p12")) {
            own.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        KeyStore cas = KeyStore.getInstance(KeyStore.getDefaultType());
        cas.load(null, null);
        try (InputStream file = new FileInputStream(folder + "/ca.pem")) {
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                cas.setCertificateEntry("ca" + number++, one);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(cas);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private FTPSClient connect(String folder, String password, String which) throws Exception {
        FTPSClient client = new FTPSClient(which.equals("ftp_implicit"), tls(folder));
        client.setEndpointCheckingEnabled(true);
        client.connect(text("host"), Integer.parseInt(number(which)));
        if (!client.login(text("user"), password)) {
            throw new IOException(client.getReplyString());
        }
        client.execPBSZ(0);
        client.execPROT("P");
        client.setFileType(FTP.BINARY_FILE_TYPE);
        client.enterLocalPassiveMode();
        return client;
    }

    private String first(String which) {
        return "/in/" + text(which) + (which.equals("ftp_gb") ? "" : ".tmp");
    }

    private void cut() throws Exception {
        byte[] half = Arrays.copyOf(Files.readAllBytes(Path.of(text("content"))), HALF);
        for (String which : INTERFACES) {
            FTPSClient client = connect(text("good"), text("password"), which);
            OutputStream upload = client.storeFileStream(first(which));
            upload.write(half);
            upload.flush();
            FTPSClient other = connect(text("good"), text("password"), which);
            while (Long.parseLong(other.getSize(first(which))) == 0) {
                Thread.sleep(20);
            }
        }
        Runtime.getRuntime().halt(9);
    }

    private String seen(String which) throws Exception {
        String name = text(which);
        String first = first(which);
        FTPSClient client = connect(text("good"), text("password"), which);
        Map<String, String> report = new LinkedHashMap<>();
        long part = Long.parseLong(client.getSize(first));
        report.put("part", Long.toString(part));
        try (InputStream file = new FileInputStream(text("content"))) {
            file.skipNBytes(part);
            client.setRestartOffset(part);
            good(client, client.storeFile(first, file));
        }
        if (!which.equals("ftp_gb")) {
            good(client, client.rename(first, "/in/" + name));
        }
        String receipt = name + ".ontvangst.xml";
        while (!Arrays.asList(names(client)).contains(name + ".status.xml")) {
            Thread.sleep(20);
        }
        report.put("receipt", quoted(content(client, "/out/" + receipt)));
        report.put("status", quoted(content(client, "/out/" + name + ".status.xml")));
        report.put("list", quoted(joined(client.listFiles("/out"))));
        report.put("machine", quoted(joined(client.mlistDir("/out"))));
        report.put("names", quoted(String.join("\n", names(client))));
        report.put("size", client.getSize("/out/" + receipt));
        report.put("modified", quoted(client.getModificationTime("/out/" + receipt)));
        good(client, client.storeFile("/in/time.tmp", new ByteArrayInputStream(new byte[1])));
        good(client, client.setModificationTime("/in/time.tmp", text("moment")));
        report.put("set", quoted(client.getModificationTime("/in/time.tmp")));
        good(client, client.deleteFile("/in/time.tmp"));
        good(client, client.deleteFile("/out/" + receipt));
        report.put("left", quoted(String.join("\n", names(client))));
        boolean again = client.storeFile(first, new ByteArrayInputStream("<x/>".getBytes(StandardCharsets.UTF_8)));
        again = again && client.rename(first, "/in/" + name);
        report.put("again", quoted(again ? "" : client.getReplyString()));
        client.logout();
        client.disconnect();
        return object(report);
    }

    private String refusal(String folder, String password) throws Exception {
        try {
            connect(folder, password, "ftp");
            return "";
        } catch (IOException refused) {
            return refused.getMessage();
        }
    }

    private static void good(FTPSClient client, boolean done) throws IOException {
        if (!done || !FTPReply.isPositiveCompletion(client.getReplyCode())) {
            throw new IOException(client.getReplyString());
        }
    }

    private static String content(FTPSClient client, String path) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        good(client, client.retrieveFile(path, octets));
        return octets.toString(StandardCharsets.UTF_8);
    }

    private static String[] names(FTPSClient client) throws IOException {
        String[] found = client.listNames("/out");
        return Arrays.stream(found == null ? new String[0] : found).map(path -> path.replace("/out/", "")).toArray(String[]::new);
    }

    private static String joined(FTPFile[] files) {
        List<String> found = new ArrayList<>();
        for (FTPFile file : files) {
            found.add(file.getName());
        }
        return String.join("\n", found);
    }

    private String text(String name) {
        return found("\"" + name + "\": \"([^\"]*)\"");
    }

    private String number(String name) {
        return found("\"" + name + "\": ([0-9]+)");
    }

    private String found(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(known);
        if (!matcher.find()) {
            throw new IllegalArgumentException(pattern);
        }
        return matcher.group(1);
    }

    private static String object(Map<String, String> members) {
        List<String> found = new ArrayList<>();
        members.forEach((name, value) -> found.add("\"" + name + "\": " + value));
        return "{" + String.join(", ", found) + "}";
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char one : text.toCharArray()) {
            out.append(one == '"' || one == '\\' || one < ' ' ? String.format("\\u%04x", (int) one) : String.valueOf(one));
        }
        return out.append('"').toString();
    }
}
