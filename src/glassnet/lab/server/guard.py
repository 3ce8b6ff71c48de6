"""Who may reach the lab, and the safety headers of every answer.

Only a browser on this machine that was given the address gets in: the server is bound to
loopback, ``Host`` must be this server's own name (so that no foreign name can be pointed at
it), ``Origin`` must be the page itself, and every path begins with a secret token.  A proxy, or
a network, is let in by name only.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

REFUSED = 1008  # the WebSocket's code for "policy violation"
PROXY = "X-Glassnet-Lab"  # the header by which Jupyter's proxy says that it knows the token


@dataclass(frozen=True)
class Access:
    """Where the lab stands, and who may reach it there.

    Args:
        port: where it listens.
        origins: names beside loopback by which a browser may reach it: ``https://hub.school.kr``.
        base_path: what a proxy puts before every path: ``/user/kim/proxy/8123``.
        frames: who may show the page within one of their own, in the words of a
            Content-Security-Policy; the ``origins`` may.
        any_name: the names are not known, as behind the proxy of a notebook, which has asked who
            comes: whatever name the browser used, the page must have come by the same.
    """

    port: int
    origins: tuple[str, ...] = ()
    base_path: str = ""
    frames: tuple[str, ...] = ()
    any_name: bool = False

    @property
    def hosts(self) -> set[str]:
        """What ``Host`` may be."""
        own = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if self.port == 80:
            own |= {"127.0.0.1", "localhost"}
        return own | {urlsplit(origin).netloc for origin in self.origins}

    @property
    def pages(self) -> set[str]:
        """What ``Origin`` may be."""
        loopback = {host for host in self.hosts if host.split(":")[0] in ("127.0.0.1", "localhost")}
        return {f"http://{host}" for host in loopback} | set(self.origins)

    def within(self, path: str) -> str:
        """A path without what the proxy has put before it; some proxies take it away."""
        return path.removeprefix(self.base_path) if path.startswith(f"{self.base_path}/") else path

    def headers(self) -> dict[str, str]:
        """What is sent with every answer."""
        pages = sorted(self.pages)
        sockets = " ".join(page.replace("http", "ws", 1) for page in pages)
        frames = " ".join((*self.origins, *self.frames))
        if self.base_path or self.any_name:
            frames = f"'self' {frames}".strip()
        return {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: "
                f"data:; connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; "
                f"frame-ancestors {frames or chr(39) + 'none' + chr(39)}"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }


class Guard:
    """Turns away what does not come from the page itself, and adds the safety headers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access
        self.hosts, self.pages, self.headers = access.hosts, access.pages, access.headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        scope = {**scope, "path": self.access.within(scope["path"])}
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
        hosts, origins = headers.getlist("host"), set(headers.getlist("origin"))
        known = set(hosts) <= self.hosts
        if len(hosts) != 1 or not (known or self.access.any_name):
            return "this is not the address of the lab"
        pages = self.pages if known else {f"http://{hosts[0]}", f"https://{hosts[0]}"}
        speaks = scope["type"] == "websocket" or scope["method"] != "GET"
        if (speaks and not origins) or not origins <= pages:
            return "the lab talks to its own page only"
        return ""
