"""A place that webhooks lead to: a TLS server on this machine, and how a program of a test comes to trust it.

The program posts to public addresses alone, over TLS that it can check. A product of a test whose environment has
RECEIVER set looks no name up: each leads to this machine, and the certificates of that file are the ones it trusts.
"""

import functools
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VARIABLE = "RECEIVER"
HOST = "hooks.example"


@dataclass
class Posted:
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found


@dataclass
class Receiver:
    """`answers` is the status of each next answer, and 204 after that; `got` what was posted."""

    port: int
    trusted: Path
    answers: list[int] = field(default_factory=list)
    always: int = 204
    got: list[Posted] = field(default_factory=list)

    def url(self, path: str = "/in", host: str = HOST) -> str:
        return f"https://{host}:{self.port}{path}"

    @property
    def environment(self) -> dict[str, str]:
        return {VARIABLE: str(self.trusted)}


@contextmanager
def receiving(directory: Path, names: Sequence[str] = (HOST,)) -> Iterator[Receiver]:
    """Its certificate, which only who reads `trusted` trusts, is for these names."""
    trusted, key = _certificate(directory, names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, key)
    made: Receiver

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            made.got.append(Posted(self.path, {k.lower(): v for k, v in self.headers.items()}, content))
            self.send_response(made.answers.pop(0) if made.answers else made.always)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> Any:
            plain, address = super().get_request()
            # The greeting is each connection's own affair: one that hangs in it must not stop the others.
            return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

        def handle_error(self, *_: Any) -> None:
            """Whoever does not trust it hangs up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        made = Receiver(server.server_address[1], trusted)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


def signature_example() -> Callable[..., Any]:
    """What docs/webhooks.md tells people to check posts with."""
    page = Path(__file__).parent.parent / "docs" / "webhooks.md"
    [example] = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    defined: dict[str, Any] = {}
    exec(example, defined)
    checked: Callable[..., Any] = defined["checked"]
    return checked


def lead_there(trusted: str) -> None:
    """Whatever this process posts from now on goes to this machine. Only for a process of a test's own."""
    from vip_manager.outgoing import post

    context = ssl.create_default_context(cafile=trusted)
    post.Poster = functools.partial(  # type: ignore[misc, assignment]
        post.Poster, resolve=here, allowed=lambda _: True, certificates=context
    )


async def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def _certificate(directory: Path, names: Sequence[str]) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a receiver of the tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = directory / "receiver.pem", directory / "receiver.key"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return trusted, secret
