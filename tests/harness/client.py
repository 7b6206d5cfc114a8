"""Client: one CURVE DEALER to one service; calls, and raw frames for tests that misbehave."""
import itertools
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from . import proto
from .proto import CODE

# Handshake refused by ZAP; the number is libzmq's (ZMQ_EVENT_HANDSHAKE_FAILED_AUTH and …_PROTOCOL).
REFUSED = (zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)


class CallError(Exception):
    """A status that is not OK."""

    def __init__(self, method, status):
        super().__init__(f"{method}: {CODE.Name(status.code)} field={status.field!r} {status.message}")
        self.code, self.field, self.message = status.code, status.field, status.message


class NoAnswer(Exception):
    """Nobody answered in time."""


class Client:
    def __init__(self, context, endpoint, server_key, key, identity=None):
        self.socket = context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.curve_publickey, self.socket.curve_secretkey = key
        self.socket.curve_serverkey = server_key
        self.socket.setsockopt(zmq.RECONNECT_IVL, 50)
        self.socket.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        if identity:
            self.socket.setsockopt(zmq.ROUTING_ID, identity)
        self.monitor = self.socket.get_monitor_socket()
        self.socket.connect(endpoint)
        self.ids = itertools.count(1)

    def close(self):
        self.socket.disable_monitor()
        self.monitor.close(0)
        self.socket.close(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send_raw(self, *frames):
        self.socket.send_multipart(list(frames))

    def send(self, envelope, body=None):
        frames = [envelope.SerializeToString()]
        if body is not None:
            frames.append(body)
        self.socket.send_multipart(frames)

    def receive(self, limit):
        """The next message as (Envelope, body bytes or None); None when nothing comes within `limit` seconds."""
        if not self.socket.poll(max(0, int(limit * 1000))):
            return None
        frames = self.socket.recv_multipart()
        return proto.stream.Envelope.FromString(frames[0]), frames[1] if len(frames) > 1 else None

    def start_call(self, method, body, timeout_ms=0, traceparent=""):
        """Sends without waiting; gives the id that the reply will carry."""
        call_id = next(self.ids)
        call = proto.stream.Call(id=call_id, method=method, timeout_ms=timeout_ms, traceparent=traceparent)
        self.send(proto.stream.Envelope(call=call), body)
        return call_id

    def reply(self, call_id, limit=60):
        """The (Status, body) that answers call_id; other messages are passed over."""
        end = time.monotonic() + limit
        while True:
            message = self.receive(end - time.monotonic())
            if message is None:
                raise NoAnswer(f"no reply to call {call_id} within {limit} s")
            envelope, body = message
            if envelope.WhichOneof("kind") == "reply" and envelope.reply.id == call_id:
                return envelope.reply.status, body or b""

    def status(self, method, request, limit=60):
        """Calls and gives the Status only, whatever it is."""
        body = request if isinstance(request, bytes) else request.SerializeToString()
        return self.reply(self.start_call(method, body), limit)[0]

    def outcome(self, method, request, limit=60):
        """Calls and gives (code, response message)."""
        status, body = self.reply(self.start_call(method, request.SerializeToString()), limit)
        return status.code, proto.response_class(method).FromString(body)

    def call(self, method, request, limit=60, traceparent=""):
        """Calls and gives the response; CallError when the status is not OK."""
        call_id = self.start_call(method, request.SerializeToString(), traceparent=traceparent)
        status, body = self.reply(call_id, limit)
        if status.code != CODE.CODE_OK:
            raise CallError(method, status)
        return proto.response_class(method).FromString(body)

    def wait_refused(self, limit=60):
        """Returns when the service refused the handshake; fails when it let us in or nothing happened."""
        end = time.monotonic() + limit
        while True:
            left = int((end - time.monotonic()) * 1000)
            assert left > 0 and self.monitor.poll(left), f"the handshake was not refused within {limit} s"
            event = recv_monitor_message(self.monitor)["event"]
            assert event != zmq.EVENT_HANDSHAKE_SUCCEEDED, "the service let this key in"
            if event in REFUSED:
                return
