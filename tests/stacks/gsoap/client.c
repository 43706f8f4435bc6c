/*
 * A vendor's client on gSOAP with its wsse and wsa plugins, on the code that wsdl2h and soapcpp2 make of the served
 * WSDLs. Prints one JSON object with what it saw; contract.py says what stands in it.
 *
 *   client https://localhost:8443 kantoor folder-with-a-revoked-certificate omzetbelasting.xbrl
 *
 * gSOAP wants key and certificates in one file: cat client.key client.pem > client-bundle.pem
 */
#include "AanleverServiceSoapBinding_USCOREV1_USCORE2.nsmap"
#include "wsaapi.h"
#include "wsseapi.h"
#include <ctype.h>
#include <unistd.h>

#define WSA "http://www.w3.org/2005/08/addressing"
#define NAMES "http://logius.nl/digipoort/wus/2.0/"
#define AANLEVEREN NAMES "aanleverservice/1.2/AanleverService/aanleverenRequest"
#define STATUSSEN NAMES "statusinformatieservice/1.2/StatusinformatieService/getStatussenProcesRequest"
#define GEEN_AUSP "http://geenausp.nl"
#define NIEUWE NAMES "statusinformatieservice/1.2/StatusinformatieService/getNieuweStatussenProcesRequest"

struct vendor {
    const char *base;
    char bundle[4096], authority[4096];
    EVP_PKEY *key;
    X509 *certificate;
    struct xsd__base64Binary content;
};

static void die(struct soap *soap, const char *doing)
{
    fprintf(stderr, "%s: ", doing);
    if (soap)
        soap_print_fault(soap, stderr);
    exit(1);
}

static struct vendor vendor_of(const char *base, const char *folder, const char *file)
{
    struct vendor vendor = { base };
    snprintf(vendor.bundle, sizeof vendor.bundle, "%s/client-bundle.pem", folder);
    snprintf(vendor.authority, sizeof vendor.authority, "%s/ca.pem", folder);
    FILE *pem = fopen(vendor.bundle, "r");
    if (!pem)
        die(NULL, vendor.bundle);
    vendor.key = PEM_read_PrivateKey(pem, NULL, NULL, NULL);
    rewind(pem);
    vendor.certificate = PEM_read_X509(pem, NULL, NULL, NULL);
    fclose(pem);

    FILE *content = fopen(file, "rb");
    if (!content)
        die(NULL, file);
    vendor.content.__ptr = malloc(1 << 20);
    vendor.content.__size = fread(vendor.content.__ptr, 1, 1 << 20, content);
    fclose(content);
    return vendor;
}

/* A context that signs the next message: the Body and the Timestamp, and every wsa header unless it is to be stock. */
static struct soap *signing_over(int tls, struct vendor *vendor, const char *url, const char *action, int sha,
    int stock)
{
    struct soap *soap = soap_new1(SOAP_XML_CANONICAL | SOAP_C_UTFSTRING | SOAP_IO_CHUNK);
    soap_register_plugin(soap, soap_wsa);
    soap_register_plugin(soap, soap_wsse);
    if (soap_ssl_client_context(soap, tls, vendor->bundle, NULL, vendor->authority, NULL, NULL))
        die(soap, "TLS");
    soap->cafile = vendor->authority; /* the wsse plugin judges the signer of the answer by it */
    if (!stock)
        soap_wsse_set_wsu_id(soap, "wsa5:To wsa5:Action wsa5:MessageID wsa5:ReplyTo");
    if (soap_wsa_request(soap, soap_wsa_rand_uuid(soap), url, action)
        || soap_wsse_add_Timestamp(soap, "Time", 300)
        || soap_wsse_add_BinarySecurityTokenX509(soap, "X509Token", vendor->certificate)
        || soap_wsse_add_KeyInfo_SecurityTokenReferenceX509(soap, "#X509Token")
        || soap_wsse_sign_body(soap, sha == 1 ? SOAP_SMD_SIGN_RSA_SHA1 : SOAP_SMD_SIGN_RSA_SHA256, vendor->key, 0)
        || soap_wsse_verify_auto(soap, SOAP_SMD_NONE, NULL, 0))
        die(soap, "signing");
    return soap;
}

static struct soap *signing(struct vendor *vendor, const char *url, const char *action, int sha, int stock)
{
    return signing_over(SOAP_SSL_DEFAULT, vendor, url, action, sha, stock);
}

static void done(struct soap *soap)
{
    soap_wsse_verify_done(soap);
    soap_destroy(soap);
    soap_end(soap);
    soap_free(soap);
}

static void string(const char *text)
{
    putchar('"');
    for (; text && *text; text++)
        if (iscntrl((unsigned char)*text) || *text == '"' || *text == '\\')
            printf("\\u%04x", (unsigned char)*text);
        else
            putchar(*text);
    putchar('"');
}

static void member(const char *name, const char *text)
{
    printf("\"%s\":", name);
    string(text);
    putchar(',');
}

/*
 * What the plugin found signed; it has judged digests, signature and signer already. Not by soap_wsse_verify_body:
 * gSOAP 2.8.124 finds the Body twice when the header before it is signed, as in all answers of Digipoort, and then
 * says that it is not signed. An element that is not signed counts for 0 in any case.
 */
static void covered(struct soap *soap, const char *name)
{
    const char *parts[][2] = { { WSA, "To" }, { WSA, "MessageID" }, { WSA, "Action" }, { WSA, "RelatesTo" },
        { "http://schemas.xmlsoap.org/soap/envelope/", "Body" }, { wsu_URI, "Timestamp" } };
    const char *separator = "";
    printf("\"%s\":[", name);
    for (int i = 0; i < 6; i++)
        if (soap_wsse_verify_element(soap, parts[i][0], parts[i][1])) {
            printf("%s\"%s\"", separator, parts[i][1]);
            separator = ",";
        }
    printf("],");
}

static void algorithms(struct soap *soap)
{
    struct ds__SignedInfoType *info = soap_wsse_SignedInfo(soap);
    const char *before = "";
    printf("\"algorithms\":{");
    member("signature", info->SignatureMethod->Algorithm);
    printf("\"digests\":[");
    for (int i = 0; i < info->__sizeReference; i++) {
        const char *algorithm = info->Reference[i]->DigestMethod->Algorithm;
        if (strcmp(algorithm, before)) {
            printf("%s", *before ? "," : "");
            string(algorithm);
        }
        before = algorithm;
    }
    printf("]},");
}

/* Delivers; on a good answer writes its kenmerk to a buffer of 41 bytes. */
static int deliver(struct soap *soap, struct vendor *vendor, const char *url, char *berichtsoort, char *aanleverkenmerk,
    char *kenmerk)
{
    struct ns1__identiteitType identity = { "001000044B37", "Fi" };
    struct ns1__berichtInhoudType content = { "text/xml", "ob.xbrl", vendor->content };
    struct _ns1__aanleverRequest request = {
        .berichtsoort = berichtsoort,
        .aanleverkenmerk = aanleverkenmerk,
        .identiteitBelanghebbende = &identity,
        .rolBelanghebbende = "Intermediair",
        .berichtInhoud = &content,
        .autorisatieAdres = GEEN_AUSP,
    };
    struct _ns1__aanleverResponse response;
    int error = soap_call___ns2__aanleveren(soap, url, AANLEVEREN, &request, &response);
    if (!error && kenmerk)
        snprintf(kenmerk, 41, "%s", response.kenmerk);
    return error;
}

/* A delivery that is refused: its typed fault. */
static void fault(struct vendor *vendor, const char *url, int sha, int stock, char *berichtsoort, const char *name)
{
    struct soap *soap = signing(vendor, url, AANLEVEREN, sha, stock);
    if (deliver(soap, vendor, url, berichtsoort, "fault", NULL) != SOAP_FAULT || !soap->fault->detail)
        die(soap, "there was no typed fault");
    printf("\"%s\":{", name);
    member("foutcode", soap->fault->detail->ns1__aanleverFault->foutcode);
    printf("\"foutbeschrijving\":");
    string(soap->fault->detail->ns1__aanleverFault->foutbeschrijving);
    printf("},");
    done(soap);
}

/* Asks for the statuses; prints them as a member unless that has no name. Tells whether the process has ended. */
static int statuses(struct vendor *vendor, int sha, char *kenmerk, int new, const char *name, const char *cover)
{
    char url[256];
    struct ns1__ArrayOfStatusResultaat *rows;
    snprintf(url, sizeof url, "%s/wus/2.0/statusinformatieservice/1.2", vendor->base);
    struct soap *soap = signing(vendor, url, new ? NIEUWE : STATUSSEN, sha, 0);
    if (new) {
        struct _ns1__getNieuweStatussenProcesRequest question = { .kenmerk = kenmerk, .autorisatieAdres = GEEN_AUSP };
        struct _ns1__getNieuweStatussenProcesResponse answer;
        if (soap_call___ns3__getNieuweStatussenProces(soap, url, NIEUWE, &question, &answer))
            die(soap, "getNieuweStatussenProces");
        rows = answer.getNieuweStatussenProcesReturn;
    } else {
        struct _ns1__getStatussenProcesRequest question = { .kenmerk = kenmerk, .autorisatieAdres = GEEN_AUSP };
        struct _ns1__getStatussenProcesResponse answer;
        if (soap_call___ns3__getStatussenProces(soap, url, STATUSSEN, &question, &answer))
            die(soap, "getStatussenProces");
        rows = answer.getStatussenProcesReturn;
    }
    int ended = 0;
    for (int i = 0; i < rows->__sizeStatusResultaat; i++)
        ended |= !strcmp(rows->StatusResultaat[i].statuscode, "500");
    if (name) {
        printf("\"%s\":[", name);
        for (int i = 0; i < rows->__sizeStatusResultaat; i++) {
            printf("%s", i ? "," : "");
            string(rows->StatusResultaat[i].statuscode);
        }
        printf("],");
    }
    if (cover)
        covered(soap, cover);
    done(soap);
    return ended;
}

/* Receives as gSOAP does, then changes the first digit of the kenmerk, as someone on the way would. */
static size_t (*really_receive)(struct soap *, char *, size_t);

static size_t tampering(struct soap *soap, char *buffer, size_t size)
{
    size_t length = really_receive(soap, buffer, size);
    for (size_t i = 9; i < length; i++)
        if (!memcmp(buffer + i - 9, "<kenmerk>", 9))
            buffer[i] = buffer[i] == '0' ? '1' : '0';
    return length;
}

static void tampered(struct vendor *vendor, const char *url, int sha)
{
    char said[1024] = "";
    struct soap *soap = signing(vendor, url, AANLEVEREN, sha, 0);
    really_receive = soap->frecv;
    soap->frecv = tampering;
    if (deliver(soap, vendor, url, "Omzetbelasting", "tampered", NULL))
        soap_sprint_fault(soap, said, sizeof said);
    member("tampered", said);
    done(soap);
}

static void run(struct vendor *vendor, int sha)
{
    char url[256], stub[256], kenmerk[41], at_stub[41];
    snprintf(url, sizeof url, "%s/wus/2.0/aanleverservice/1.2", vendor->base);
    snprintf(stub, sizeof stub, "%s/cpl/aanleverservice/1.2", vendor->base);
    printf("\"sha%d\":{", sha);

    struct soap *soap = signing(vendor, url, AANLEVEREN, sha, 0);
    if (deliver(soap, vendor, url, "Omzetbelasting", "gsoap", kenmerk))
        die(soap, "delivering");
    covered(soap, "covered");
    algorithms(soap);
    done(soap);
    soap = signing(vendor, stub, AANLEVEREN, sha, 0);
    if (deliver(soap, vendor, stub, "Omzetbelasting", "Happyflow", at_stub))
        die(soap, "delivering to the stub");
    done(soap);

    tampered(vendor, url, sha);
    fault(vendor, url, sha, 0, "Onbestaand", "fault");
    for (int i = 0; i < 200 && !statuses(vendor, sha, kenmerk, 0, NULL, NULL); i++)
        usleep(100000);
    statuses(vendor, sha, kenmerk, 0, "statuses", "statusCovered");
    statuses(vendor, sha, kenmerk, 1, "new", NULL);
    statuses(vendor, sha, kenmerk, 1, "newAgain", NULL);
    member("stubKenmerk", at_stub);
    printf("\"kenmerk\":");
    string(kenmerk);
    printf("},");
}

int main(int count, char **arguments)
{
    char url[256], said[1024] = "";
    if (count != 5)
        return 2;
    soap_ssl_init();
    struct vendor vendor = vendor_of(arguments[1], arguments[2], arguments[4]);
    snprintf(url, sizeof url, "%s/wus/2.0/aanleverservice/1.2", vendor.base);
    putchar('{');
    run(&vendor, 1);
    run(&vendor, 256);
    fault(&vendor, url, 256, 1, "Omzetbelasting", "stock");

    struct vendor revoked = vendor_of(arguments[1], arguments[3], arguments[4]);
    /* TLS 1.3 tells of the refusal after the handshake, when gSOAP says no more than "End of file". */
    int tls = SOAP_SSL_DEFAULT | SOAP_TLSv1_2;
    struct soap *soap = signing_over(tls, &revoked, url, AANLEVEREN, 1, 0);
    if (deliver(soap, &revoked, url, "Omzetbelasting", "revoked", NULL))
        soap_sprint_fault(soap, said, sizeof said);
    printf("\"refused\":");
    string(said);
    printf("}\n");
    done(soap);
    return 0;
}
