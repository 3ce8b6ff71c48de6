"""One page's WebSocket: messages in, changes and frames out, one after the other."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from glassnet._core.strict_json import to_json
from glassnet.lab import fields, frames
from glassnet.lab.protocol import Message, ProtocolError, Rate, parse
from glassnet.lab.session.engine import Engine

log = logging.getLogger("glassnet.lab")

REFUSED = 1008  # the WebSocket's code for "policy violation"
BROKEN = 1011  # and for "internal error"


class Connection:
    """A page, its session and its thread.

    The session's modules (NumPy, Numba …) are imported in its thread, so the page is served
    before they are there.
    """

    def __init__(
        self,
        socket: WebSocket,
        run: str | None = None,
        data_dir: str | None = None,
        runs: str = "runs",
    ) -> None:
        self.socket = socket
        self.engine = Engine()
        self.seen: dict[str, int] = {}
        self.session: Any = None
        self.run, self.data_dir, self.runs = run, data_dir, runs

    async def serve(self) -> None:
        """Answer until the page goes away or says what it must not."""
        await self.socket.accept()
        rate = Rate()
        try:
            await self._send(await self._in_thread(self._begin))
            while True:
                incoming = await self.socket.receive()
                if incoming["type"] == "websocket.disconnect":
                    return
                rate.count()
                await self._answer(parse(incoming.get("text")))
        except ProtocolError as error:
            await self._close(REFUSED, str(error))
        except (WebSocketDisconnect, RuntimeError, asyncio.CancelledError):
            return  # the page is gone, in the middle of an answer
        except Exception:
            log.exception("a session of the lab broke")
            await self._close(BROKEN, "the lab's session broke; reload the page")
        finally:
            self.engine.close()

    async def _answer(self, message: Message) -> None:
        reply = await self._in_thread(lambda: self._do(message))
        if isinstance(reply, tuple):  # a frame, and changes before it, if there are any
            changes, frame = reply
            if changes:
                await self._send({"t": "changes", **changes})
            await self.socket.send_bytes(frame)
        else:
            await self._send(reply)

    async def _in_thread(self, function: Any) -> Any:
        return await asyncio.wrap_future(self.engine.submit(function))

    async def _send(self, what: dict[str, Any]) -> None:
        await self.socket.send_text(to_json(what, for_page=True))

    async def _close(self, code: int, reason: str) -> None:
        try:
            await self.socket.close(code, reason[:120])
        except (RuntimeError, WebSocketDisconnect):
            return  # closed already

    # ---- in the session's thread -------------------------------------------------------

    def _begin(self) -> dict[str, Any]:
        """What the page must know before it speaks."""
        from glassnet.lab.session.state import Session

        self.session = Session(self.engine, self.run, self.data_dir, self.runs)
        return {
            "t": "hello", "fields": fields.describe(),
            "sections": frames.SECTIONS, "status": frames.STATUS,
        }  # fmt: skip

    def _do(self, message: Message) -> Any:
        from glassnet.lab.server import handling

        return handling.handle(self.session, message, self.seen)
