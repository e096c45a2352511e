# SPDX-License-Identifier: ISC
"""What a peer says that never ends, or says it a byte at a time: handlers for peers.Peer, below TLS and in HTTP."""
import ssl
import time


def flood(data, every=0.0):
    """After the ClientHello the same bytes for as long as anybody listens."""
    return reply(b"", data, every)


def reply(head, data, every=0.0):
    """After the first bytes a head, then the same bytes again and again."""
    def handle(conn):
        conn.recv(4096)
        conn.sendall(head)
        while True:
            conn.sendall(data)
            time.sleep(every)
    return handle


def behind_tls(cert, handle):
    """The same to whoever has shaken hands."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert.chain, cert.key)

    def serve(conn):
        with context.wrap_socket(conn, server_side=True) as wrapped:
            handle(wrapped)
    return serve


HANDSHAKES = [
    flood(bytes.fromhex("160303000400000000") * 7000),        # HelloRequest, which is to be skipped
    flood(bytes.fromhex("1603034000") + bytes(0x4000)),       # the same, 4096 in a record
    flood(bytes.fromhex("140303000101") * 9000),              # ChangeCipherSpec
    flood(bytes.fromhex("1503030002015a") * 9000),            # warnings
    flood(bytes.fromhex("1603030000") * 9000),                # empty records
    flood(bytes.fromhex("16030340000b00ffff") + bytes(0x4000)),  # certificates without end
    flood(bytes.fromhex("16"), every=0.1),                    # one byte at a time
    flood(bytes.fromhex("1703034000") + bytes(0x4000)),       # data without keys
]

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

# what: (handler, the outcome)
REPLIES = {
    "a header line": (reply(OK + b"X-Long: ", b"a" * 65536), "http-too-large"),
    "header lines": (reply(OK, b"X-Many: 1\r\n" * 4096), "http-too-large"),
    "interim replies": (reply(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2048), "http-too-large"),
    "a body": (reply(OK + b"\r\n", b"x" * 65536), "http-too-large"),
    "an announced body": (reply(OK + b"Content-Length: 99999999999999\r\n\r\n", b"x" * 65536), "http-too-large"),
    "a chunk's size": (reply(CHUNKED, b"0" * 65536), "http-too-large"),
    "a chunk": (reply(CHUNKED + b"7fffffff\r\n", b"x" * 65536), "http-too-large"),
    "small chunks": (reply(CHUNKED, b"1\r\nx\r\n" * 8192), "http-too-large"),
    "trailers": (reply(CHUNKED + b"0\r\n", b"X-Late: 1\r\n" * 4096), "http-too-large"),
    "a header a byte a time": (reply(OK + b"X: ", b"a", every=0.2), "http-timeout"),
    "a body a byte a time": (reply(OK + b"\r\n", b"x", every=0.2), "http-timeout"),
    "nothing": (reply(OK, b"", every=0.2), "http-timeout"),
}
