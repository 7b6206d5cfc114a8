"""Follower: one subscription to a stream."""
import collections
import time

from . import proto
from .client import CallError
from .proto import CODE

Delivered = collections.namedtuple("Delivered", "number event message redriven")


class Ended(Exception):
    """The service closed the subscription."""

    def __init__(self, status):
        super().__init__(f"{CODE.Name(status.code)}: {status.message}")
        self.code = status.code


class Follower:
    """Opens at once. next() gives events in order, each once; after a silence it asks and opens again, where it stood.
    A number that is missing or comes late is an error.
    """

    def __init__(self, client, stream, consumer="", topic=None, start=None, after=0, at=0, credit_bytes=0, lease_ms=600_000,
                 reopen=True, wait_open=60):
        self.client, self.stream, self.consumer, self.topic = client, stream, consumer, topic
        self.start = proto.stream.START_RESUME if start is None else start
        self.after, self.at, self.credit_bytes, self.lease_ms = after, at, credit_bytes, lease_ms
        self.reopen, self.id, self.head = reopen, 0, 0
        self.last = None  # number of the newest event received
        self.given = None  # of the newest one that next() gave
        self.pending = collections.deque()
        self.opened = self.open(wait_open)

    def open(self, limit=60):
        """Opens (again). UNAVAILABLE and silence are tried again until the limit; other refusals are CallError."""
        end = time.monotonic() + limit
        while True:
            try:
                return self._open_once(min(3.0, max(0.1, end - time.monotonic())))
            except CallError as error:
                if error.code != CODE.CODE_UNAVAILABLE or time.monotonic() > end:
                    raise
                time.sleep(0.1)
            except TimeoutError:
                if time.monotonic() > end:
                    raise

    def _open_once(self, limit):
        self.id = next(self.client.ids)
        self.pending.clear()
        self.last = self.given  # what was received and not given comes again
        request = proto.stream.Open(id=self.id, stream=self.stream, consumer=self.consumer, start=self.start,
                                    after=self.after, time=self.at, credit_bytes=self.credit_bytes, lease_ms=self.lease_ms)
        if self.topic is not None:
            request.has_topic, request.topic = True, self.topic
        if self.last is not None and not self.consumer:
            request.start, request.after = proto.stream.START_AFTER, self.last
        elif self.last is not None:
            request.start = proto.stream.START_RESUME
        self.client.send(proto.stream.Envelope(open=request))
        end = time.monotonic() + limit
        while True:
            message = self.client.receive(end - time.monotonic())
            if message is None:
                raise TimeoutError(f"{self.stream}: no answer to Open within {limit:.1f} s")
            opened = message[0].opened
            if message[0].WhichOneof("kind") != "opened" or opened.id != self.id:
                continue
            if opened.status.code != CODE.CODE_OK:
                raise CallError(f"Open {self.stream}", opened.status)
            if self.last is None:
                self.last = self.given = opened.after
            self.head = opened.head
            self.heard, self.asked = time.monotonic(), False  # of the service, over calls of next()
            return opened

    def _take(self, data, body):
        self.head = data.head
        events = proto.stream.EventBatch.FromString(body).events
        numbers = [event.topic_seq if self.topic is not None else event.seq for event in events]
        assert numbers and (numbers[0], numbers[-1]) == (data.first, data.last), f"{data.first}..{data.last} holds {numbers}"
        for number, event in zip(numbers, events):
            if data.redriven:
                self.pending.append(Delivered(number, event, proto.unpack(event), True))
                continue
            if number <= self.last:
                continue  # a repeat after a reconnect
            assert number == self.last + 1, f"{self.stream}: after {self.last} came {number}"
            self.last = number
            self.pending.append(Delivered(number, event, proto.unpack(event), False))

    def next(self, limit=60):
        """The next event; TimeoutError when none comes, Ended when the service closed the subscription."""
        end = time.monotonic() + limit
        while not self.pending:
            now = time.monotonic()
            if now > end:
                raise TimeoutError(f"{self.stream} {self.topic!r}: nothing behind {self.last} within {limit} s")
            if self.reopen and now - self.heard > 6 and self.asked:
                self.open(max(1.0, end - now))
            elif self.reopen and now - self.heard > 2 and not self.asked:
                self.client.send(proto.stream.Envelope(ping=proto.stream.Ping(id=self.id)))
                self.asked = True
            message = self.client.receive(min(0.5, end - now))
            if message is None:
                continue
            self.heard, self.asked = time.monotonic(), False
            envelope, body = message
            kind = envelope.WhichOneof("kind")
            if kind == "data" and envelope.data.id == self.id:
                self._take(envelope.data, body)
            elif kind == "closed" and envelope.closed.id == self.id:
                if self.reopen and envelope.closed.status.code == CODE.CODE_UNAVAILABLE:
                    self.open(max(1.0, end - now))
                else:
                    raise Ended(envelope.closed.status)
        delivered = self.pending.popleft()
        if not delivered.redriven:
            self.given = delivered.number
        return delivered

    def take(self, count, limit=60):
        """The next `count` events."""
        end = time.monotonic() + limit
        return [self.next(max(0.1, end - time.monotonic())) for _ in range(count)]

    def find(self, wanted, what, limit=60):
        """The first event for which wanted(delivered) is true; those before it are passed over without a pause."""
        end = time.monotonic() + limit
        while not wanted(delivered := self.next(max(0.1, end - time.monotonic()))):
            assert time.monotonic() < end, f"{what}: not so within {limit:.0f} s"
        return delivered

    def nothing(self):
        """True when nothing more is there: the service answered a Ping sent after all it had to send."""
        if self.pending:
            return False
        self.client.send(proto.stream.Envelope(ping=proto.stream.Ping(id=self.id)))
        end = time.monotonic() + 60
        while True:
            message = self.client.receive(end - time.monotonic())
            if message is None:
                raise TimeoutError("no answer to Ping")
            kind = message[0].WhichOneof("kind")
            if kind == "pong":
                return not self.pending
            if kind == "data" and message[0].data.id == self.id:
                self._take(message[0].data, message[1])

    def ended(self, limit=60):
        """The status with which the service closes the subscription; events on the way are passed over."""
        end = time.monotonic() + limit
        while True:
            message = self.client.receive(end - time.monotonic())
            if message is None:
                raise TimeoutError(f"{self.stream}: not closed within {limit} s")
            if message[0].WhichOneof("kind") == "closed" and message[0].closed.id == self.id:
                return message[0].closed.status

    def ack(self, upto=None, redriven=False):
        """Acknowledges everything that next() gave, or up to a number."""
        upto = self.given if upto is None else upto
        self.client.send(proto.stream.Envelope(ack=proto.stream.Ack(id=self.id, upto=upto, redriven=redriven)))

    def park(self, number, reason):
        self.client.send(proto.stream.Envelope(park=proto.stream.Park(id=self.id, number=number, reason=reason)))

    def close(self):
        self.client.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
