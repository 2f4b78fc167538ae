"""The company at the other end of the simulated Twilio, as small as it can be: a server of the test's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx

from sandbox.server import RunningSandbox

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
FILES: dict[str, tuple[str, bytes, str]] = {
    "/qr": ("image/png", PNG, 'inline; filename="qrcode-pix.png"'),
    "/pdf": ("application/pdf", b"%PDF-1.4 ...", 'inline; filename="boleto-123.pdf"'),
    "/big": ("image/png", PNG + b"0" * 5 * 1024 * 1024, ""),
    "/html": ("text/html", b"<html>", ""),
    "/not-a-pdf": ("application/pdf", b"<html>", ""),
    "/empty": ("application/pdf", b"", ""),
}


class Company:
    """Webhooks that write down what they are told, and files to fetch.

    `answers` makes of a customer's webhook the messages to send: forms of Twilio's API but for To and From.
    """

    def __init__(self, answers: Callable[[dict[str, str]], list[dict[str, str]]] = lambda told: []) -> None:
        self.answers = answers
        self.twilio: tuple[str, str, str] | None = None
        self.files = dict(FILES)
        self.told: list[tuple[str, dict[str, str], str]] = []
        self.status = 204
        company = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
                company.told.append((self.path, form, self.headers["X-Twilio-Signature"]))
                self.send_response(company.status)
                self.end_headers()
                if self.path == "/webhook" and company.status == 204:
                    threading.Thread(target=company.answer, args=(form,), daemon=True).start()

            def do_GET(self) -> None:
                kind, content, disposition = company.files.get(self.path, ("text/plain", b"", ""))
                self.send_response(200 if self.path in company.files else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Disposition", disposition)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def connect(self, sandbox: RunningSandbox) -> None:
        """Be that sandbox's company."""
        account = sandbox.twilio.account
        self.twilio = (sandbox.twilio_url, account.sid, account.token)
        sandbox.twilio.configure(f"{self.url}/webhook", f"{self.url}/status")

    def answer(self, told: dict[str, str]) -> None:
        if self.twilio is None:
            return
        root, sid, token = self.twilio
        typing = {"messageId": told["MessageSid"], "channel": "whatsapp"}
        httpx.post(f"{root}/v2/Indicators/Typing.json", data=typing, auth=(sid, token))
        for form in self.answers(told):
            httpx.post(
                f"{root}/2010-04-01/Accounts/{sid}/Messages.json",
                data={"To": told["From"], "From": told["To"], **form},
                auth=(sid, token),
            )
            time.sleep(0.1)

    def statuses(self) -> list[str]:
        return [form["MessageStatus"] for path, form, _ in self.told if path == "/status"]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
