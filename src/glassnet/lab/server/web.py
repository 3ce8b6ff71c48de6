"""The web application: the page, its files, its socket, and who may reach them.

Only a browser on this machine that was given the address gets in: the server is bound to
loopback, ``Host`` must be this server's own name (so that no foreign name can be pointed at
it), ``Origin`` must be the page itself, and every path begins with a secret token.
"""

from __future__ import annotations

import secrets
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from glassnet import texts
from glassnet._core.strict_json import to_json
from glassnet.lab import fields
from glassnet.lab.server.connection import REFUSED, Connection
from glassnet.optimizers import OPTIMIZERS

MOST_PAGES = 8  # pages at once; each has a thread and a network

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def static_files() -> dict[str, Path]:
    """Every file of the page, by its path below ``static/``."""
    root = Path(str(resources.files("glassnet.lab"))) / "static"
    return {
        path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.suffix in KINDS
    }


def index(files: dict[str, Path]) -> str:
    """The page itself, told of the rooms: their names, and the style sheets that they have."""
    sheets = [name for room in fields.ROOMS if (name := f"rooms/{room}/room.css") in files]
    links = "\n".join(f'<link rel="stylesheet" href="{name}">' for name in sheets)
    page = files["index.html"].read_text(encoding="utf-8")
    noscript = " / ".join(texts.text("lab.shell.noscript", code) for code in texts.languages())
    page = page.replace("<!-- noscript -->", noscript)
    return page.replace('data-rooms=""', f'data-rooms="{" ".join(fields.ROOMS)}"').replace(
        "<!-- rooms -->", links
    )


def page_texts() -> dict[str, dict[str, str]]:
    """The texts of the page in all languages: language → key → text."""
    names = {code: texts.catalogue(code)["language"] for code in texts.languages()}
    choices = {f"choice.language.{code}": name for code, name in names.items()}
    choices |= {f"choice.optimizer.{name}": OPTIMIZERS.title(name) for name in OPTIMIZERS}
    return {code: choices | texts.part("lab", code) for code in names}


def _module(value: Any) -> bytes:
    return f"export default {to_json(value, for_page=True)};\n".encode()


class Guard:
    """Turns away what does not come from the page itself, and adds the safety headers."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        if port == 80:
            self.hosts |= {"127.0.0.1", "localhost"}
        self.origins = {f"http://{host}" for host in self.hosts}
        sockets = " ".join(f"ws://{host}" for host in sorted(self.hosts))
        self.headers = {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: "
                f"data:; connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        why = self.refusal(scope)
        if scope["type"] == "websocket":
            if why:
                await WebSocket(scope, receive, send).close(REFUSED, why)
            else:
                await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        if why:
            await PlainTextResponse(why + "\n", 403)(scope, receive, send_safely)
        else:
            await self.app(scope, receive, send_safely)

    def refusal(self, scope: Scope) -> str:
        """Why a request is turned away; empty if it is not."""
        headers = Headers(scope=scope)
        if headers.getlist("host") == [] or not set(headers.getlist("host")) <= self.hosts:
            return "this is not the address of the lab"
        origins = headers.getlist("origin")
        if scope["type"] == "websocket" and not origins:
            return "the lab talks to its own page only"
        if not set(origins) <= self.origins:
            return "the lab talks to its own page only"
        return ""


def create_app(
    token: str,
    port: int,
    run: str | None = None,
    data_dir: str | None = None,
    runs: str = "runs",
) -> ASGIApp:
    """The lab under ``http://127.0.0.1:port/token/``."""
    files = static_files()
    made = {"index.html": index(files).encode(), "texts.js": _module(page_texts())}
    pages: set[Connection] = set()

    def knows(given: str) -> bool:
        return secrets.compare_digest(given.encode(), token.encode())

    def page(request: Request) -> Response:
        if not knows(request.path_params["token"]):
            return _lost()
        name = request.path_params.get("path") or "index.html"
        if name not in files and name not in made:
            return PlainTextResponse("there is no such file\n", 404)
        content = made[name] if name in made else files[name].read_bytes()
        return Response(content, media_type=KINDS[PurePosixPath(name).suffix])

    def elsewhere(request: Request) -> Response:
        return _lost()

    async def socket(websocket: WebSocket) -> None:
        if not knows(websocket.path_params["token"]):
            await websocket.close(REFUSED, "open the address that glassnet lab printed")
            return
        if len(pages) >= MOST_PAGES:
            await websocket.accept()
            await websocket.close(REFUSED, f"at most {MOST_PAGES} pages at once: close another")
            return
        connection = Connection(websocket, run, data_dir, runs)
        pages.add(connection)
        try:
            await connection.serve()
        finally:
            pages.discard(connection)

    app = Starlette(
        routes=[
            WebSocketRoute("/{token}/ws", socket),
            Route("/{token}/", page),
            Route("/{token}/{path:path}", page),
            Route("/{path:path}", elsewhere),
        ]
    )
    return Guard(app, port)


def _lost() -> Response:
    return PlainTextResponse("open the address that glassnet lab printed\n", 404)
