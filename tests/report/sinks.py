"""A mail server and a webhook on loopback that keep what they are sent."""

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a mail needs."""

    def handle(self):
        self.say("220 ready")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.received.append(b"".join(lines).decode())
            if word == b"QUIT":
                return self.say("221 bye")
            self.say("250 fine")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((json.loads(body), self.headers["Authorization"]))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def do_GET(self):  # what a followed redirect asks
        self.server.received.append((self.path, self.headers["Authorization"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def a_mailbox():
    """A mail server; what it took is in `received`."""
    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)) as server:
        yield server


@contextmanager
def a_hook():
    """A webhook; what it took is in `received`, as a body and the authorisation; it answers `status` and `location`."""
    with _serving(HTTPServer(("127.0.0.1", 0), Hook)) as server:
        yield server


@contextmanager
def _serving(server):
    server.received, server.status, server.location = [], 204, ""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
