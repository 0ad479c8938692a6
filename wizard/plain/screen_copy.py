"""The copy of one command's output that goes to the screen: each byte once, in order, harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.plain.screen_filter import Keep, ScreenFilter
from wizard.units import show_size

if TYPE_CHECKING:
    from wizard.host.protocols import Live

TOO_FAR_BEHIND: Final = 256 << 10
"""Bytes that a watched command may be ahead of the screen before the copy jumps forward."""

_LAST_PART: Final = 16 << 10
_READ: Final = 16 << 10


class ScreenCopy:
    """Follows a spool; it outlives a single watch, so that being asked in between shows nothing twice.

    Output that waits for the disk (`tail`) is shown early. Where the spool then says otherwise, for it
    turned out to be a secret, the copy goes on with what the spool says.
    """

    def __init__(self, keep: Keep, encoding: str = "utf-8") -> None:
        """Begin at the beginning."""
        self._keep = keep
        self._filter = ScreenFilter(keep, encoding)
        self._offset = 0
        self._ahead = b""
        self._cut = False
        self.told_hidden = False
        """Whether the operator was told that typing is hidden."""
        self.told_keys = False
        """Whether the operator was told which keys do what."""
        self.begun = False
        """Whether the command was watched before."""
        self.line_open = False
        """Whether what was shown last did not end its line."""

    @property
    def alternate_screen(self) -> bool:
        """Whether the command draws on the alternate screen."""
        return self._filter.alternate_screen

    def pull(self, live: Live) -> bytes:
        """Give what the screen may show next; empty only where there is nothing new."""
        shown = self._jump(live.size())
        while not shown and (fresh := self._next(live)) is not None:
            shown = self._filter.feed(self._behind_line_end(fresh) if self._cut else fresh)
        if shown:
            self.line_open = not shown.endswith(b"\n")
        return shown

    def is_behind(self, live: Live) -> bool:
        """Whether there is something that `pull` did not give yet."""
        return live.size() > self._offset or live.tail() != self._ahead

    def finish(self) -> bytes:
        """Give what is still held, and what brings the terminal back to its usual modes."""
        shown = self._filter.finish()
        if shown:
            self.line_open = not shown.endswith(b"\n")
        return shown + self._filter.restoring()

    def interrupt(self) -> bytes:
        """Give what brings the terminal back to its usual modes for a moment."""
        return self._filter.restoring()

    def resume(self) -> bytes:
        """Give what sets the modes again that `interrupt` took back."""
        return self._filter.entering()

    def _jump(self, size: int) -> bytes:
        """Skip to the last part where the screen cannot keep up; never for a command that draws."""
        if self._keep is Keep.TERMINAL or size - self._offset <= TOO_FAR_BEHIND:
            return b""
        skipped = size - _LAST_PART - self._offset
        before = self.finish()
        self._offset, self._ahead, self._cut = size - _LAST_PART, b"", True
        opened = b"\r\n" if self.line_open else b""
        return before + opened + f"[{show_size(skipped)} not shown here; the session keeps all of it]\r\n".encode()

    def _next(self, live: Live) -> bytes | None:
        """Give the bytes that follow; they may all have been shown before. None where there are none."""
        data = live.read(self._offset, _READ)
        if data:
            self._offset += len(data)
            return self._after_ahead(data)
        return self._from_tail(live)

    def _after_ahead(self, data: bytes) -> bytes:
        """Leave out what was shown from the tail already."""
        pairs = enumerate(zip(self._ahead, data, strict=False))
        common = next((place for place, (one, other) in pairs if one != other), min(len(self._ahead), len(data)))
        self._ahead = self._ahead[common:] if common == len(data) else b""
        return data[common:]

    def _from_tail(self, live: Live) -> bytes | None:
        """Show output that waits for the disk; only where the spool did not grow past it meanwhile."""
        tail = live.tail()
        if live.size() != self._offset or tail == self._ahead or not tail.startswith(self._ahead):
            return None
        fresh = tail[len(self._ahead) :]
        self._ahead = tail
        return fresh

    def _behind_line_end(self, data: bytes) -> bytes:
        """Begin behind the first line end, for a jump lands anywhere."""
        _, end, rest = data.partition(b"\n")
        self._cut = not end
        return rest
