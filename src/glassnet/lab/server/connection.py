"""One page's WebSocket: messages in, changes and frames out, one after the other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from glassnet._core.strict_json import to_json
from glassnet.lab import fields, frames
from glassnet.lab.protocol import Message, ProtocolError, Rate, parse
from glassnet.lab.server.guard import PROXY, REFUSED
from glassnet.lab.server.offered import Offered
from glassnet.lab.session.engine import Engine

log = logging.getLogger("glassnet.lab")

MOST_OF_REASON = 123  # bytes, not characters: RFC 6455, 5.5
BROKEN = 1011  # the WebSocket's code for "internal error"


class Connection:
    """A page, its session and its thread.

    The session's modules (NumPy, Numba …) are imported in its thread, so the page is served
    before they are there.
    """

    def __init__(self, socket: WebSocket, offered: Offered) -> None:
        self.socket = socket
        self.engine = Engine()
        self.seen: dict[str, int] = {}
        self.session: Any = None
        self.offered = offered
        self.ready = False  # whether it has been greeted
        self.heard = time.monotonic()  # when it said something last

    async def serve(self, greeted: Callable[[], Awaitable[None]] | None = None) -> None:
        """Answer until the page goes away or says what it must not.

        ``greeted`` is called once, when the page knows what it must before it hears more.
        """
        await self.socket.accept()
        rate = Rate()
        try:
            await self._send(await self._in_thread(self._begin))
            self.ready = True
            if greeted is not None:
                await greeted()
            while True:
                incoming = await self.socket.receive()
                if incoming["type"] == "websocket.disconnect":
                    return
                self.heard = time.monotonic()
                rate.count()
                await self._answer(parse(incoming.get("text")))
        except ProtocolError as error:
            await self.close(REFUSED, str(error))
        except (WebSocketDisconnect, RuntimeError, asyncio.CancelledError):
            return  # the page is gone, in the middle of an answer
        except Exception:
            log.exception("a session of the lab broke")
            await self.close(BROKEN, "the lab's session broke; reload the page")
        finally:
            self.engine.close()

    async def _answer(self, message: Message) -> None:
        if message.kind != "frame":
            await self._send(await self._in_thread(lambda: self._do(message)))
            return
        future = self.engine.look(lambda: self._do(message))
        changes, frame = future.result() if future.done() else await asyncio.wrap_future(future)
        if changes:
            await self._send({"t": "changes", **changes})
        await self.socket.send_bytes(frame)
        self.engine.catch_up()

    async def _in_thread(self, function: Any) -> Any:
        return await asyncio.wrap_future(self.engine.submit(function))

    async def _send(self, what: dict[str, Any]) -> None:
        await self.socket.send_text(to_json(what, for_page=True))

    @property
    def idle(self) -> float:
        """For how many seconds nothing was asked of it, nor does it train."""
        return 0.0 if self.engine.training is not None else time.monotonic() - self.heard

    async def push(self, what: dict[str, Any]) -> None:
        """Say something that was not asked for."""
        with suppress(RuntimeError, WebSocketDisconnect):  # the page is gone
            await self._send(what)

    async def close(self, code: int, reason: str) -> None:
        """End the page, with a reason that it shows."""
        try:
            shortened = reason.encode()[:MOST_OF_REASON].decode(errors="ignore")
            await self.socket.close(code, shortened)
        except (RuntimeError, WebSocketDisconnect):
            return  # closed already

    # ---- where the engine lets it run --------------------------------------------------

    def _begin(self) -> dict[str, Any]:
        """What the page must know before it speaks."""
        from glassnet.lab.session.state import Session

        offered = self.offered
        self.session = Session(
            self.engine, offered.run, offered.data_dir, offered.runs, offered.given,
            offered.keeps,
        )  # fmt: skip
        return {
            "t": "hello", "fields": fields.describe(),
            "sections": frames.SECTIONS, "status": frames.STATUS,
            "class": dict(self.offered.greeting), "hub": PROXY in self.socket.headers,
        }  # fmt: skip

    def _do(self, message: Message) -> Any:
        from glassnet.lab.server import handling

        return handling.handle(self.session, message, self.seen)
