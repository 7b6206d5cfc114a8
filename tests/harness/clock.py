"""A simulated clock: a file that services read the time from (setting `clock`)."""
import datetime
import struct

from .wait import LIMIT, until

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


class Clock:
    def __init__(self, path, text=None):
        """`text`: civil time as of set(); without one it begins as the machine's own clock is now."""
        self.path = path
        path.parent.chmod(0o755)
        if text:
            self.set(text)
        else:
            self._write(datetime.datetime.now(SHANGHAI))

    def set(self, text):
        """Moves it to "2026-03-02 09:00", civil time."""
        self._write(datetime.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI))

    def forward(self, **much):
        """Moves it on by days, hours, seconds."""
        self._write(self.at + datetime.timedelta(**much))

    def day(self, days=0):
        """The day so many days from its own, as "2026-03-02"."""
        return (self.at + datetime.timedelta(days=days)).date().isoformat()

    def until(self, condition, what, step_s=10, limit=LIMIT):
        """As wait.until, but the clock goes on by `step_s` at each look: what is periodic is due without waiting for it."""
        def look():
            value = condition()
            if not value:
                self.forward(seconds=step_s)
            return value
        return until(look, what, limit, pause=0.11)  # a service's ticks are at least 100 ms apart

    def _write(self, at):
        self.at = at
        with open(self.path, "r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("<q", int(at.timestamp() * 1_000_000)))
