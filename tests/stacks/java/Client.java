import com.sun.xml.ws.transport.http.client.HttpTransportPipe;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.xml.namespace.QName;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Service;
import javax.xml.ws.WebServiceFeature;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.soap.AddressingFeature;
import javax.xml.ws.soap.MTOMFeature;
import nl.logius.digipoort.koppelvlakservices._1.AanleverRequest;
import nl.logius.digipoort.koppelvlakservices._1.AanleverResponse;
import nl.logius.digipoort.koppelvlakservices._1.ArrayOfStatusResultaat;
import nl.logius.digipoort.koppelvlakservices._1.BerichtInhoudType;
import nl.logius.digipoort.koppelvlakservices._1.GetNieuweStatussenProcesRequest;
import nl.logius.digipoort.koppelvlakservices._1.GetStatussenProcesRequest;
import nl.logius.digipoort.koppelvlakservices._1.IdentiteitType;
import nl.logius.digipoort.koppelvlakservices._1.StatusResultaat;
import nl.logius.digipoort.wus._2_0.aanleverservice._1.AanleverServiceFault;
import nl.logius.digipoort.wus._2_0.aanleverservice._1.AanleverServiceV12;
import nl.logius.digipoort.wus._2_0.statusinformatieservice._1.StatusinformatieServiceV12;

/**
 * A vendor's client on JAX-WS RI, with the classes that wsimport made of the served WSDL, and WSS4J.
 * Prints one JSON object with what it saw; contract.py says what stands in it.
 */
public final class Client {
    private static final String GEEN_AUSP = "http://geenausp.nl";

    private final String base;
    private final Vendor vendor;
    private final byte[] content;

    private Client(String base, Path folder, byte[] content) throws Exception {
        this.base = base;
        this.vendor = new Vendor(folder);
        this.content = content;
        HttpsURLConnection.setDefaultSSLSocketFactory(vendor.tls().getSocketFactory());
    }

    /** arguments: base URL, folder of the vendor, folder with a revoked certificate, file to deliver. */
    public static void main(String[] arguments) throws Exception {
        byte[] content = Files.readAllBytes(Path.of(arguments[3]));
        Client client = new Client(arguments[0], Path.of(arguments[1]), content);
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("sha1", client.run("sha1"));
        report.put("sha256", client.run("sha256"));
        report.put("stock", client.stock());
        report.put("mtom", client.mtom());
        report.put("refused", new Client(arguments[0], Path.of(arguments[2]), content).refusal());
        System.out.println(json(report));
    }

    private <T> T port(Class<T> type, String service, String path, Signing signing, WebServiceFeature... more)
            throws Exception {
        String url = base + path;
        String namespace = "http://logius.nl/digipoort/wus/2.0/" + service.toLowerCase() + "/1.2/";
        QName name = new QName(namespace, service + "_V1_2");
        List<WebServiceFeature> features = new ArrayList<>(List.of(more));
        features.add(new AddressingFeature(true, true));
        T port = Service.create(new URL(url + "?wsdl"), name)
                .getPort(name, type, features.toArray(new WebServiceFeature[0]));
        BindingProvider provider = (BindingProvider) port;
        provider.getBinding().setHandlerChain(List.of(signing));
        provider.getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, url);
        return port;
    }

    private Map<String, Object> run(String sha) throws Exception {
        Map<String, Object> report = new LinkedHashMap<>();
        Signing signing = new Signing(vendor, sha, true);
        AanleverServiceV12 port =
                port(AanleverServiceV12.class, "AanleverService", "/wus/2.0/aanleverservice/1.2", signing);
        AanleverResponse delivered = port.aanleveren(delivery("Omzetbelasting", "java-" + sha));
        report.put("kenmerk", delivered.getKenmerk());
        report.put("covered", signing.covered);
        report.put("algorithms", Map.of("signature", signing.signatureSeen, "digests", signing.digestsSeen));
        report.put("tampered", signing.tampered);
        report.put("fault", fault(port));

        Signing stubSigning = new Signing(vendor, sha, true);
        report.put("stubKenmerk",
                port(AanleverServiceV12.class, "AanleverService", "/cpl/aanleverservice/1.2", stubSigning)
                        .aanleveren(delivery("Omzetbelasting", "Happyflow")).getKenmerk());

        Signing statusSigning = new Signing(vendor, sha, true);
        StatusinformatieServiceV12 statuses = port(StatusinformatieServiceV12.class, "StatusinformatieService",
                "/wus/2.0/statusinformatieservice/1.2", statusSigning);
        report.put("statuses", finalStatuses(statuses, delivered.getKenmerk()));
        report.put("new", newStatuses(statuses, delivered.getKenmerk()));
        report.put("newAgain", newStatuses(statuses, delivered.getKenmerk()));
        report.put("statusCovered", statusSigning.covered);
        return report;
    }

    private Map<String, Object> stock() throws Exception {
        return fault(port(AanleverServiceV12.class, "AanleverService", "/wus/2.0/aanleverservice/1.2",
                new Signing(vendor, "sha256", false)));
    }

    private Map<String, Object> mtom() throws Exception {
        Signing signing = new Signing(vendor, "sha256", true);
        AanleverServiceV12 port = port(AanleverServiceV12.class, "AanleverService",
                "/wus/2.0/aanleverservice/1.2", signing, new MTOMFeature(0));
        PrintStream screen = System.out;
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        System.setOut(new PrintStream(wire, true));
        HttpTransportPipe.dump = true; // shows on System.out what goes over the wire
        try {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("kenmerk", port.aanleveren(delivery("Omzetbelasting", "mtom")).getKenmerk());
            report.put("covered", signing.covered);
            Matcher sent = Pattern.compile("Content-Type: *(.*)").matcher(wire.toString(StandardCharsets.UTF_8));
            report.put("contentType", sent.find() ? sent.group(1) : "");
            return report;
        } finally {
            HttpTransportPipe.dump = false;
            System.setOut(screen);
        }
    }

    private String refusal() throws Exception {
        try {
            port(AanleverServiceV12.class, "AanleverService", "/wus/2.0/aanleverservice/1.2",
                    new Signing(vendor, "sha1", true));
            return "";
        } catch (javax.xml.ws.WebServiceException error) {
            return causes(error);
        }
    }

    private static String causes(Throwable error) {
        return error == null ? "" : error + "; " + causes(error.getCause());
    }

    private Map<String, Object> fault(AanleverServiceV12 port) {
        try {
            port.aanleveren(delivery("Onbestaand", "fault"));
            return Map.of();
        } catch (AanleverServiceFault fault) {
            return Map.of("foutcode", fault.getFaultInfo().getFoutcode(),
                    "foutbeschrijving", fault.getFaultInfo().getFoutbeschrijving());
        }
    }

    private AanleverRequest delivery(String berichtsoort, String aanleverkenmerk) {
        IdentiteitType identity = new IdentiteitType();
        identity.setNummer("001000044B37");
        identity.setType("Fi");
        BerichtInhoudType file = new BerichtInhoudType();
        file.setMimeType("text/xml");
        file.setBestandsnaam("ob.xbrl");
        file.setInhoud(content);
        AanleverRequest request = new AanleverRequest();
        request.setBerichtsoort(berichtsoort);
        request.setAanleverkenmerk(aanleverkenmerk);
        request.setIdentiteitBelanghebbende(identity);
        request.setRolBelanghebbende("Intermediair");
        request.setBerichtInhoud(file);
        request.setAutorisatieAdres(GEEN_AUSP);
        return request;
    }

    private static List<String> finalStatuses(StatusinformatieServiceV12 port, String kenmerk) throws Exception {
        GetStatussenProcesRequest question = new GetStatussenProcesRequest();
        question.setKenmerk(kenmerk);
        question.setAutorisatieAdres(GEEN_AUSP);
        for (long until = System.nanoTime() + 20_000_000_000L; ; Thread.sleep(100)) {
            List<String> codes = codes(port.getStatussenProces(question).getGetStatussenProcesReturn());
            if (codes.contains("500") || System.nanoTime() > until) {
                return codes;
            }
        }
    }

    private static List<String> newStatuses(StatusinformatieServiceV12 port, String kenmerk) throws Exception {
        GetNieuweStatussenProcesRequest question = new GetNieuweStatussenProcesRequest();
        question.setKenmerk(kenmerk);
        question.setAutorisatieAdres(GEEN_AUSP);
        return codes(port.getNieuweStatussenProces(question).getGetNieuweStatussenProcesReturn());
    }

    private static List<String> codes(ArrayOfStatusResultaat rows) {
        List<String> codes = new ArrayList<>();
        for (StatusResultaat row : rows.getStatusResultaat()) {
            codes.add(row.getStatuscode());
        }
        return codes;
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> members = new ArrayList<>();
            map.forEach((name, member) -> members.add(json(name) + ":" + json(member)));
            return "{" + String.join(",", members) + "}";
        }
        if (value instanceof Collection<?> list) {
            List<String> members = new ArrayList<>();
            list.forEach(member -> members.add(json(member)));
            return "[" + String.join(",", members) + "]";
        }
        StringBuilder text = new StringBuilder("\"");
        for (char one : String.valueOf(value).toCharArray()) {
            text.append(one < ' ' || one == '"' || one == '\\' ? String.format("\\u%04x", (int) one) : one);
        }
        return text.append('"').toString();
    }
}
