"""A class: a code to come in with, a seat for each page, and what the teacher shows to all."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from glassnet.lab.protocol import RefusedError
from glassnet.lab.server.connection import Connection
from glassnet.lab.server.guard import REFUSED

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 and O, no 1, I and L
CODE = 6  # signs: 31⁶ = 887 million codes
SEATS = 30  # by default
MOST_SEATS = 60
LONGEST_NAME = 20
EMPTY_FOR = 300.0  # seconds: after them a seat without its page may be given to another
WRONG = 8  # guesses in a row
EVERY = 10.0  # seconds for one more
MOST_ADDRESSES = 1000


class Guesses:
    """How often an address may guess: a store of ``WRONG`` that fills up again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: dict[str, tuple[float, float]] = {}  # address → (guesses, when)

    def wait(self, address: str) -> int:
        """In how many seconds it may guess; 0: now."""
        return max(0, math.ceil((self._now(address) + 1 - WRONG) * EVERY))

    def wrong(self, address: str) -> None:
        """One more wrong guess; of very many addresses the oldest is forgotten."""
        used = self._now(address) + 1
        self._used.pop(address, None)
        self._used[address] = (used, self._clock())
        if len(self._used) > MOST_ADDRESSES:
            del self._used[next(iter(self._used))]

    def _now(self, address: str) -> float:
        used, when = self._used.get(address, (0.0, 0.0))
        return max(0.0, used - (self._clock() - when) / EVERY)


@dataclass(eq=False)
class Seat:
    """A page of the class.

    Attributes:
        number: as the wall calls it, from 1.
        token: the secret part of its address.
        name: what its student wrote, perhaps nothing.
        page: its connection, while it is there; ``left``, when it was there last.
        done: whether its student says so.
        last: what the wall was told of it.
        looked: the number of the teacher's "look here" that it got last.
    """

    number: int
    token: str
    name: str
    page: Connection | None = None
    left: float = 0.0
    done: bool = False
    last: dict[str, Any] = field(default_factory=dict)
    looked: int = 0

    def describe(self) -> dict[str, Any]:
        """As the wall shows it."""
        done = self.done or bool(self.last.get("passed"))
        here = self.page is not None
        last = {key: value for key, value in self.last.items() if key != "seen"}
        return {**last, "number": self.number, "name": self.name, "here": here, "done": done}


class Classroom:
    """The pages of a class, and the rules for them.

    All of it lives in the thread of the web server.

    Args:
        task: the state in which each page opens: what stands behind the # of a link.
        seats: how many pages there may be.
        addresses: where the pages come in, as they are shown to the class.
    """

    def __init__(
        self,
        task: str = "",
        seats: int = SEATS,
        addresses: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.task, self.most, self.addresses = task, seats, addresses
        self.seats: dict[str, Seat] = {}
        self.guesses = Guesses(clock)
        self._clock = clock
        self.code = ""
        self._look: dict[str, Any] = {}  # what the teacher showed last, and the how-manieth it is
        self._looks = 0
        self.renew()

    def renew(self) -> None:
        """Another code; whoever is in stays in."""
        self.code = "".join(secrets.choice(ALPHABET) for _ in range(CODE))

    def join(self, code: str, name: str, address: str) -> Seat:
        """A seat for whoever knows the code.

        Raises:
            RefusedError: another code, too many of them, or all seats are taken.
        """
        wait = self.guesses.wait(address)
        if wait:
            text = f"Too many wrong codes came from here. Wait {wait} seconds, then try again."
            raise RefusedError(text, "class.wait", seconds=wait)
        given = "".join(code.upper().split()).replace("-", "")
        if not secrets.compare_digest(given.encode(), self.code.encode()):
            self.guesses.wrong(address)
            raise RefusedError("This is not the code of the class.", "class.wrong_code")
        number = self._free()
        if number is None:
            text = f"All {self.most} pages of this class are taken. Please tell your teacher."
            raise RefusedError(text, "class.full", most=self.most)
        printable = "".join(sign for sign in name if sign.isprintable()).strip()
        seat = Seat(number, secrets.token_urlsafe(16), printable[:LONGEST_NAME])
        seat.left = self._clock()
        self.seats[seat.token] = seat
        return seat

    def _free(self) -> int | None:
        """A number that nobody has, or that of a page that is gone for long."""
        taken = {seat.number for seat in self.seats.values()}
        for number in range(1, self.most + 1):
            if number not in taken:
                return number
        gone = [seat for seat in self.seats.values() if seat.page is None]
        oldest = min(gone, key=lambda seat: seat.left, default=None)
        if oldest is None or self._clock() - oldest.left < EMPTY_FOR:
            return None
        del self.seats[oldest.token]
        return oldest.number

    def find(self, token: str) -> Seat | None:
        """The seat whose secret this is."""
        return self.seats.get(token)

    async def sit(self, seat: Seat, page: Connection) -> None:
        """The page of a seat, until it goes; an older one of the same seat ends.

        Who comes after the teacher's "look here" gets it as well, once.
        """
        before, seat.page = seat.page, page
        if before is not None:
            await before.close(REFUSED, "this page was opened in another tab")
        try:
            await page.serve(lambda: self._look_here(seat))
        finally:
            if seat.page is page:
                seat.page, seat.left = None, self._clock()

    async def remove(self, number: int) -> None:
        """End a page; its seat is free."""
        for seat in [seat for seat in self.seats.values() if seat.number == number]:
            del self.seats[seat.token]
            if seat.page is not None:
                await seat.page.close(REFUSED, "your teacher has closed this page")

    async def show(self, file: dict[str, Any]) -> int:
        """Bring all pages to a saved state; how many there are."""
        self._look, self._looks = file, self._looks + 1
        here = [seat for seat in self.seats.values() if seat.page is not None]
        for seat in here:
            await self._look_here(seat)
        return len(here)

    async def _look_here(self, seat: Seat) -> None:
        """What the teacher showed last, to a page that has not had it."""
        if seat.page is not None and seat.page.ready and seat.looked < self._looks:
            seat.looked = self._looks
            await seat.page.push({"t": "look", "file": self._look})

    def in_order(self) -> list[Seat]:
        """The seats by their numbers."""
        return sorted(self.seats.values(), key=lambda seat: seat.number)
