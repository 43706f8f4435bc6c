"""Requests whose framing or head is crooked: name and octets."""

from __future__ import annotations

from tests.security_connections.kit import PATH, SMUGGLED, XSD, post

CL = b"Content-Length: 5"
TE = b"Transfer-Encoding: chunked"
CHUNKED = b"5\r\n12345\r\n0\r\n\r\n"


def _both() -> dict[str, bytes]:
    """Content-Length and Transfer-Encoding together, in all spellings, each with a request behind it."""
    spellings = {
        "plain": TE,
        "lower": b"transfer-encoding: chunked",
        "upper": b"TRANSFER-ENCODING: CHUNKED",
        "mixed": b"tRaNsFeR-eNcOdInG: cHuNkEd",
        "tab": b"Transfer-Encoding:\tchunked",
        "no-space": b"Transfer-Encoding:chunked",
        "spaces": b"Transfer-Encoding:    chunked   ",
        "identity": b"Transfer-Encoding: identity",
        "empty": b"Transfer-Encoding:",
    }
    crooked = CHUNKED + SMUGGLED
    found = {f"cl-te {name}": post(CL, line, body=crooked) for name, line in spellings.items()}
    found |= {f"te-cl {name}": post(line, CL, body=crooked) for name, line in spellings.items()}
    found["cl0-te"] = post(b"Content-Length: 0", TE, body=crooked)
    return found


def _codings() -> dict[str, bytes]:
    values = (
        b"chunked, chunked",
        b"chunked,",
        b",chunked",
        b"identity",
        b"gzip",
        b"gzip, chunked",
        b"chunked, gzip",
        b"deflate, chunked",
        b"chunked, identity",
        b"identity, chunked",
        b"xchunked",
        b"chunkedx",
        b"chunked;q=1",
        b'"chunked"',
        b"'chunked'",
        b"chunked\x0b",
        b"chunked\x00",
        b"\x00chunked",
        b"chun\tked",
        b"chunked foo",
        b"\xe3\x83chunked",
        b"cow",
        b"",
    )
    found = {
        f"te {value!r}": post(b"Transfer-Encoding: " + value, body=CHUNKED + SMUGGLED) for value in values
    }
    for name, line in {
        "space before colon": b"Transfer-Encoding : chunked",
        "tab before colon": b"Transfer-Encoding\t: chunked",
        "leading space": b" Transfer-Encoding: chunked",
        "folded": b"Transfer-Encoding:\r\n chunked",
        "vertical tab before name": b"\x0bTransfer-Encoding: chunked",
        "nul in name": b"Transfer-Enc\x00oding: chunked",
        "line feed in front": b"X: y\nTransfer-Encoding: chunked",
        "carriage return in front": b"X: y\rTransfer-Encoding: chunked",
    }.items():
        found[f"te {name}"] = post(line, body=CHUNKED + SMUGGLED)
        found[f"te+cl {name}"] = post(CL, line, body=CHUNKED + SMUGGLED)
    found["te twice"] = post(TE, TE, body=CHUNKED + SMUGGLED)
    found["te chunked and identity"] = post(TE, b"Transfer-Encoding: identity", body=CHUNKED + SMUGGLED)
    found["te in 1.0"] = post(TE, body=CHUNKED + SMUGGLED, line=b"POST " + PATH + b" HTTP/1.0")
    return found


def _lengths() -> dict[str, bytes]:
    values = (
        b"-1",
        b"-0",
        b"+5",
        b"0x5",
        b"5 5",
        b"5,5",
        b"5, 5",
        b"5, 6",
        b"",
        b" ",
        b"5\x00",
        b"\x005",
        b"5\x0b",
        b"5;",
        b"5.0",
        b"1e1",
        b"five",
        b"5\xa0",
        b"\xd9\xa5",
        b"18446744073709551616",
        b"18446744073709551621",
        b"9" * 30,
        b"0" * 70_000 + b"5",
    )
    found = {
        f"cl {value[:30]!r}": post(b"Content-Length: " + value, body=b"12345" + SMUGGLED) for value in values
    }
    found["cl twice"] = post(CL, CL, body=b"12345" + SMUGGLED)
    found["cl twice, different"] = post(CL, b"Content-Length: 6", body=b"12345" + SMUGGLED)
    found["cl space before colon"] = post(b"Content-Length : 5", body=b"12345" + SMUGGLED)
    found["cl folded"] = post(b"Content-Length:\r\n 5", body=b"12345" + SMUGGLED)
    return found


def _chunks() -> dict[str, bytes]:
    bodies = {
        "size +5": b"+5\r\n12345\r\n0\r\n\r\n",
        "size -5": b"-5\r\n12345\r\n0\r\n\r\n",
        "size 0x5": b"0x5\r\n12345\r\n0\r\n\r\n",
        "size with space before": b" 5\r\n12345\r\n0\r\n\r\n",
        "size empty": b"\r\n12345\r\n0\r\n\r\n",
        "size no hex": b"g\r\n12345\r\n0\r\n\r\n",
        "size overflows": b"10000000000000005\r\n12345\r\n0\r\n\r\n",
        "size far too large": b"F" * 40 + b"\r\n12345\r\n0\r\n\r\n",
        "line feed only": b"5\n12345\n0\n\n",
        "carriage return only": b"5\r12345\r0\r\r",
        "line feed after size": b"5\n12345\r\n0\r\n\r\n",
        "line feed after data": b"5\r\n12345\n0\r\n\r\n",
        "nothing after data": b"5\r\n123450\r\n\r\n",
        "too much data": b"5\r\n123456\r\n0\r\n\r\n",
        "nul after size": b"5\x00\r\n12345\r\n0\r\n\r\n",
        "line feed in extension": b"5;a\nb\r\n12345\r\n0\r\n\r\n",
        "carriage return in extension": b"5;a\rb\r\n12345\r\n0\r\n\r\n",
        "nul in extension": b"5;a\x00b\r\n12345\r\n0\r\n\r\n",
        "trailer": b"5\r\n12345\r\n0\r\nX: y\r\n\r\n",
        "trailer content-length": b"5\r\n12345\r\n0\r\nContent-Length: 5\r\n\r\n",
        "trailer host": b"5\r\n12345\r\n0\r\nHost: other\r\n\r\n",
    }
    return {f"chunk {name}": post(TE, body=body + SMUGGLED) for name, body in bodies.items()}


def _heads() -> dict[str, bytes]:
    start = b"POST " + PATH + b" HTTP/1.1"
    lines = {
        "no colon": b"nonsense",
        "empty name": b": x",
        "space in name": b"X Y: z",
        "parenthesis in name": b"X(Y): z",
        "non-ascii name": b"X-\xe9: z",
        "delete in name": b"X\x7f: z",
        "nul in value": b"X: a\x00b",
        "bell in value": b"X: a\x07b",
        "delete in value": b"X: a\x7fb",
        "bare line feed": b"X: a\nY: b",
        "bare carriage return": b"X: a\rY: b",
        "two carriage returns": b"X: a\r",
        "folded": b"X: a\r\n b",
        "folded by tab": b"X: a\r\n\tb",
        "second host": b"Host: other",
        "second content-type": b"Content-Type: a\r\nContent-Type: b",
        "second soapaction": b'SOAPAction: "a"\r\nSOAPAction: "b"',
        "upgrade": b"Connection: Upgrade\r\nUpgrade: h2c",
        "websocket": b"Connection: Upgrade\r\nUpgrade: websocket",
    }
    found = {f"head {name}": post(CL, line, body=b"12345" + SMUGGLED) for name, line in lines.items()}
    found["head no host"] = start + b"\r\nContent-Length: 5\r\n\r\n12345" + SMUGGLED
    found["head of line feeds"] = start + b"\nHost: localhost\nContent-Length: 5\n\n12345" + SMUGGLED
    found["head 101 headers"] = post(*(b"X-%d: y" % number for number in range(100)), body=SMUGGLED)
    found["head 65 KiB value"] = post(b"X: " + b"y" * 66_000, body=SMUGGLED)
    found["head 65 KiB name"] = post(b"X" * 66_000 + b": y", body=SMUGGLED)
    found["head 65 KiB target"] = post(CL, body=b"12345" + SMUGGLED, path=PATH + b"?" + b"y" * 66_000)
    return found


def _request_lines() -> dict[str, bytes]:
    lines = (
        b"GET\t%s HTTP/1.1",
        b"GET %s\tHTTP/1.1",
        b"GET %s HTTP/1.1 x",
        b"GET %s",
        b"GET %s HTTP/1.2",
        b"GET %s HTTP/1.",
        b"GET %s HTTP/.1",
        b"GET %s HTTP/0.9",
        b"GET %s HTTP/2.0",
        b"GET %s HTTP/3",
        b"GET %s HTTP/01.1",
        b"GET %s HTTP/1.01",
        b"GET %s HTTP/11",
        b"GET %s http/1.1",
        b"GET %s HTTPS/1.1",
        b"GET %s ICE/1.0",
        b"GET %s SIP/2.0",
        b"get %s HTTP/1.1",
        b"G\x00T %s HTTP/1.1",
        b"G\xe9T %s HTTP/1.1",
        b"GET\x00 %s HTTP/1.1",
        b" GET %s HTTP/1.1",
        b"XSD %s HTTP/1.1",
        b"GET %s\x00 HTTP/1.1",
        b"GET %s\xff HTTP/1.1",
        b"GET %s\x7f HTTP/1.1",
        b"GET %s x HTTP/1.1",
        b"GET HTTP/1.1",
        b"GET",
        b"GETGETGETGETGETGETGETGETGET %s HTTP/1.1",
        b"ANNOUNCE %s HTTP/1.1",
    )
    found = {}
    for line in lines:
        text = line.replace(b"%s", XSD)
        found[f"line {line!r}"] = text + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n" + SMUGGLED
    found["line http/2 preface"] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)
    found["line tls in tls"] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100)
    found["line proxy protocol"] = b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + SMUGGLED
    found["line only line feeds"] = b"\n" * 10_000 + b"\x00"
    found["line zeros"] = bytes(10_000)
    return found


REFUSED = {**_both(), **_codings(), **_lengths(), **_chunks(), **_heads(), **_request_lines()}
"""None of these may be answered as if it were a good request, nor what stands behind it."""

LATE = {
    "no last chunk": post(TE, body=b"5\r\n12345\r\n"),
    "no end of the last chunk": post(TE, body=b"5\r\n12345\r\n0\r\n"),
    "chunk cut off": post(TE, body=b"5\r\n123"),
    "huge chunk": post(TE, body=b"FFFFFFF\r\n123"),
    "huge length": post(b"Content-Length: 99999999999", body=b"123"),
    "body cut off": post(CL, body=b"123"),
    "head cut off": post(CL)[:-2],
    "line cut off": b"POST /wus",
    "after 100-continue": post(CL, b"Expect: 100-continue"),
}
"""What never comes to its end."""
