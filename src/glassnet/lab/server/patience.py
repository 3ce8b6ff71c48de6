"""A connection that asks for nothing is closed: it would hold its place for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 20.0  # seconds for the head of the first request


class PatientProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, which by itself waits for ever for a first request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._waits = self.loop.call_later(PATIENCE, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._waits.cancel()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Wait no more: another protocol speaks from now on, and nothing else keeps this one."""
        self._waits.cancel()
        super().handle_websocket_upgrade(event)

    def _give_up(self) -> None:
        asked: object = self.cycle  # None before the first request, whatever its type says
        if asked is None and not self.transport.is_closing():
            self.transport.close()
