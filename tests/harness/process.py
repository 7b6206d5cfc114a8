"""Processes that end with the tests, and ports that nothing else takes."""
import ctypes
import random
import socket

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_random = random.Random()  # not seeded: two test runs beside each other must not choose alike


def end_with_parent(signal_number):
    """preexec_fn: the kernel sends the signal when the tests die, so that nothing is left behind."""
    def prepare():
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal_number))
    return prepare


_given = set()


def free_port():
    """A free port below the range from which the kernel takes ports of outgoing connections."""
    while True:
        port = _random.randrange(12000, 32000)
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
