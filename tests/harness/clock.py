"""A simulated clock: a file that services read the time from (setting `clock`)."""
import datetime
import struct

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


class Clock:
    def __init__(self, path, text):
        self.path = path
        path.parent.chmod(0o755)
        self.set(text)

    def set(self, text):
        """Moves it to "2026-03-02 09:00", civil time."""
        at = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
        with open(self.path, "r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("<q", int(at.timestamp() * 1_000_000)))
