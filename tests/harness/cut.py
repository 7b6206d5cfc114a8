"""A proxy in front of PostgreSQL's socket that can lose the answer to a commit, as a broken network does."""
import pathlib
import socket
import threading

READY_FOR_QUERY = b"Z\x00\x00\x00\x05I"  # the server's last word on a committed batch


class CuttingProxy:
    """Listens on a socket of its own folder. While `armed`, a connection's next ReadyForQuery is not passed on: the server
    has committed, the client never hears of it, and the connection breaks. Each time counts in `cuts`."""

    def __init__(self, folder, server_folder, port=5432):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.server = str(pathlib.Path(server_folder) / f".s.PGSQL.{port}")
        self.armed, self.cuts = threading.Event(), 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / f".s.PGSQL.{port}"))
        self.listener.listen(32)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.server)
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source, target, from_server):
        try:
            while data := source.recv(65536):
                if from_server and READY_FOR_QUERY in data and self.armed.is_set():
                    self.armed.clear()
                    self.cuts += 1
                    break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
