"""Processes that end with the tests, and ports that nothing else takes."""
import ctypes
import fcntl
import os
import random
import socket
import tempfile

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_random = random.Random()  # not seeded: two test runs beside each other must not choose alike


def end_with_parent(signal_number):
    """preexec_fn: the kernel sends the signal when the tests die, so that nothing is left behind."""
    def prepare():
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal_number))
    return prepare


class _Ports:
    """Ports that no other test process of this user has been given: a lock on the byte of that number in a file.

    Asking the kernel is not enough: a service takes its port only some time later, and again after each restart.
    """

    def __init__(self):
        path = f"{tempfile.gettempdir()}/wangge-test-ports-{os.getuid()}"
        self.file = open(path, "ab")  # kept open: the locks end with the process
        self.given = set()  # a process's own locks never stand in its way

    def take(self, port):
        if port in self.given:
            return False
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except (BlockingIOError, PermissionError):  # as POSIX leaves it open: EAGAIN or EACCES
            return False
        self.given.add(port)
        return True


_ports = _Ports()


def free_port():
    """A free port below the range from which the kernel takes ports of outgoing connections."""
    while True:
        port = _random.randrange(12000, 32000)
        if not _ports.take(port):
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
