"""Takes messages from a durable consumer in batches of what is there: no waiting to fill one, nothing stranded between two."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from itertools import chain

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

EXPIRES_SECONDS = 20.0
MOST_LARGE = 32  # held at once
GIVEN_BACK_SECONDS = 10.0
_NEVER_TO_COME = "Nats-Pending-Messages"  # of the order that ended
_RAN_OUT = ("404", "408")  # any other status is a refusal: asking again at once would be a hot loop


class Pull:
    """A standing order for up to `batch` messages, renewed before it runs dry.

    FastStream's own batch subscriber loses sight of a partly filled batch when its fetch times out, so that the messages wait for the
    server's ack_wait; here a message that has arrived is in `_arrived` until a worker takes it.

    A large message, which takes as long as a whole batch or many, goes alone, and one at a time: all others overtake it. Too many of them
    are given back for a while, or they would fill the order.

    `_waits_since` is the event loop's time of the first order since the server last filled one or let one run out. None where there is no
    such order: a refusal is no reply, for nothing comes of it.
    """

    def __init__(self, nats: Client, stream: str, durable: str, batch: int, is_large: Callable[[Msg], bool]) -> None:
        self._nats = nats
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._batch = batch
        self._is_large = is_large
        self._arrived: deque[Msg] = deque()
        self._large: deque[Msg] = deque()
        self._in_hand: list[tuple[float, list[Msg]]] = []
        self._ordered = 0
        self._ordered_at = 0.0
        self._waits_since: float | None = None
        self._something = asyncio.Event()
        self._subscription: Subscription | None = None
        self._is_closed = False

    async def open(self) -> None:
        """Start listening and place the first order."""
        self._subscription = await self._nats.subscribe(self._nats.new_inbox(), cb=self._receive)
        await self._order()

    async def close(self) -> None:
        """Stop listening. What has arrived and was not taken is delivered again by the server."""
        self._is_closed = True
        self._arrived.clear()
        self._large.clear()
        self._something.set()
        if self._subscription is not None and not self._nats.is_closed:
            await self._subscription.unsubscribe()

    async def next_batch(self) -> list[Msg]:
        """The messages that are there, at least one and at most `batch`; waits for the first. None once closed.

        Say `finish` when they are settled.
        """
        while not (self._arrived or self._may_take_large) and not self._is_closed:
            self._something.clear()
            try:
                await asyncio.wait_for(self._something.wait(), timeout=1.0)
            except TimeoutError:
                await self._renew_if_lost()
        if self._may_take_large:
            taken = [self._large.popleft()]
        else:
            taken = [self._arrived.popleft() for _ in range(min(self._batch, len(self._arrived)))]
        if not self._is_closed:
            self._in_hand.append((asyncio.get_running_loop().time(), taken))
            await self._renew_if_low()
        return taken

    def finish(self, taken: list[Msg]) -> None:
        """The batch is settled."""
        self._in_hand = [(since, batch) for since, batch in self._in_hand if batch is not taken]
        self._something.set()  # a large one may go now

    async def keep(self) -> None:
        """Tell the server that what has arrived is still in work, so that it delivers none of it a second time.

        What was given back to it is not: that would put off when it comes again.
        """
        for message in (*self._arrived, *self._large, *chain.from_iterable(batch for _, batch in self._in_hand)):
            if not message.is_acked:
                await message.in_progress()

    @property
    def seconds_without_progress(self) -> float:
        """How long the oldest batch has been in hand, or the server has let an order wait, whichever is longer."""
        since = [since for since, _ in self._in_hand] + ([self._waits_since] if self._waits_since is not None else [])
        return asyncio.get_running_loop().time() - min(since) if since else 0.0

    @property
    def _may_take_large(self) -> bool:
        return bool(self._large) and not any(self._is_large(batch[0]) for _, batch in self._in_hand)

    async def reorder(self) -> None:
        """Place the order again: the server forgets it when the connection breaks, and what was still to come of it never does."""
        self._ordered = 0
        self._waits_since = None
        await self._order()

    async def _receive(self, message: Msg) -> None:
        # what a stream delivers is told by its reply subject: a sender may have put a header `Status` into its own message
        headers = message.headers or {}
        status = headers.get("Status")
        if status is None or message.reply.startswith("$JS.ACK."):
            self._ordered -= 1
            self._waits_since = None
            await self._keep_for_worker(message)
        else:
            # one order has ended; what others were placed still stands, and without this orders would pile up
            self._ordered = max(0, self._ordered - int(headers.get(_NEVER_TO_COME, self._ordered)))
            if status in _RAN_OUT:
                self._waits_since = None
                await self._renew_if_low()

    async def _keep_for_worker(self, message: Msg) -> None:
        if not self._is_large(message):
            self._arrived.append(message)
        elif len(self._large) < MOST_LARGE:
            self._large.append(message)
        else:
            await message.nak(delay=GIVEN_BACK_SECONDS)
            await self._renew_if_low()  # no worker will, before something comes
        self._something.set()

    async def _renew_if_low(self) -> None:
        if self._ordered <= self._batch // 2 and len(self._arrived) <= self._batch:
            await self._order()

    async def _renew_if_lost(self) -> None:
        waited = asyncio.get_running_loop().time() - self._ordered_at
        if self._ordered <= 0 or waited > EXPIRES_SECONDS + 2:
            await self._order()

    async def _order(self) -> None:
        assert self._subscription is not None
        order = {"batch": self._batch, "expires": int(EXPIRES_SECONDS * 1e9)}
        self._ordered = max(self._ordered, 0) + self._batch
        self._ordered_at = asyncio.get_running_loop().time()
        if self._nats.is_connected:
            self._waits_since = self._waits_since or self._ordered_at
            await self._nats.publish(self._subject, json.dumps(order).encode(), reply=self._subscription.subject)
