"""What the pumps of one command share with their leader, so that killing a pump at any instruction loses nothing.

Bytes that were read from the terminal exist nowhere else until they are in the spool, and no byte may
reach the disk before it is redacted. So the pump keeps everything that is under way in anonymous shared
memory, which the leader made and every next pump inherits:

* The *state* says what is settled: how much is in the spool and in the timing file, and the raw bytes the
  redactor still holds. There are two copies. A pump prepares the one that is not in use and then makes it
  valid by storing one number, the *generation* (its lowest bit chooses the copy). So the state is always
  the old or the new one, whole.
* The *batch* of a generation holds the raw bytes read since. They are worked off as a whole: redacted,
  appended to the spool, and settled by the next generation.

A successor redacts the batch again, which gives the same bytes, and takes from the spool's size how many
of them its predecessor had appended. What is left is the instant between the kernel handing over bytes
and the pump noting that it has them. It is closed from two sides:

* The terminal is in packet mode: a read puts a status byte (0 for data) before what it gives. The pump
  sets that byte to 255, a value no status has, before each read. Whether the read took place is then
  written by the kernel, in the same call that takes the bytes from the terminal.
* The pump asks for exactly as many bytes as the terminal holds, and notes that number first. Nobody else
  reads, so a read that took place gave so many.

Numbers are stored aligned and whole by one copy of eight bytes; an ordinary kill cannot split it.
"""

from __future__ import annotations

import mmap
import struct
from typing import Final, NamedTuple

PIECES: Final = 32
"""Reads in one batch."""
PIECE: Final = 4096
"""Bytes a terminal gives at once, at most."""
UNREAD: Final = 0xFF
"""Stands where the kernel puts the status byte of a packet, as long as nothing was read."""

_STRIDE: Final = PIECE + 8
_WORD: Final = 8
_GENERATION, _FINISHING, _EPOCH, _CLIENT, _SEQUENCE, _ENDED = range(6)
_WORDS: Final = 16
_COUNT, _WANTED, _LENGTHS = 0, 1, 2
_INDEX_SHIFT: Final = 20
_BATCH_WORDS: Final = 2 + PIECES
_NUMBERS: Final = struct.Struct("=13Q")
_HELD_AT_LEAST: Final = 1 << 20
CARRY: Final = 64 << 10
"""Bytes of output that may be kept for finding text across reads."""


class State(NamedTuple):
    """What is settled. Times are nanoseconds of the boot clock, sizes bytes."""

    spool: int = 0
    timing: int = 0
    lost: int = 0
    gap: int = 0
    """Lost bytes that the timing file does not tell of yet."""
    span_begun: int = 0
    span_bytes: int = 0
    """Output that the timing file does not tell of yet, and when it began."""
    last_output: int = 0
    masked: int = 0
    final: int = 0
    """1 when the spool is complete."""
    held_running: int = 0
    """1 when somebody kept the terminal open beyond the end of the command."""
    seen: int = 0
    """A bit for each text of `watch_for` that was seen."""
    held: bytes = b""
    carry: bytes = b""


class Memory:
    """The shared memory; made by the leader, used by one pump at a time."""

    def __init__(self, longest_secret: int) -> None:
        """Take memory for redactors that hold back values of up to `longest_secret` bytes in any writing."""
        # Each byte of a value may be written as several, with colour codes between any two.
        self._held_room = _HELD_AT_LEAST + 256 * longest_secret
        self._state_size = _NUMBERS.size + self._held_room + CARRY
        self._batches = _WORDS * _WORD
        self._pieces = self._batches + 2 * _BATCH_WORDS * _WORD
        self._states = self._pieces + PIECES * _STRIDE
        self._map = mmap.mmap(-1, self._states + 2 * self._state_size)
        self._map.madvise(mmap.MADV_DONTDUMP)
        self._view = memoryview(self._map)
        self._words = self._view[: self._pieces].cast("Q")
        self._store(0, State())

    @property
    def held_room(self) -> int:
        """How many raw bytes a state can hold for the redactor."""
        return self._held_room

    @property
    def ended(self) -> bool:
        """Whether the command was reaped."""
        return bool(self._words[_ENDED])

    def note_end(self) -> None:
        """Tell this pump and its successors that the command was reaped."""
        self._words[_ENDED] = 1

    @property
    def finishing(self) -> bool:
        """Whether reading is over and only the redactor's rest is to be written."""
        return bool(self._words[_FINISHING])

    def finish(self) -> None:
        """End the reading, also for a successor."""
        self._words[_FINISHING] = 1

    @property
    def epoch(self) -> int:
        """The highest epoch any driver named."""
        return self._words[_EPOCH]

    def raise_epoch(self, epoch: int) -> bool:
        """Note the epoch of a driver; False where a higher one was seen."""
        if epoch < self._words[_EPOCH]:
            return False
        self._words[_EPOCH] = epoch
        return True

    def begin_request(self, client: int, sequence: int) -> bool:
        """Note that a request is carried out; False where it was begun before (also by a pump that died)."""
        if self.last_request(client) >= sequence:
            return False
        self._words[_SEQUENCE] = 0
        self._words[_CLIENT] = client
        self._words[_SEQUENCE] = sequence
        return True

    def last_request(self, client: int) -> int:
        """Give the last request of this client that was begun."""
        return self._words[_SEQUENCE] if self._words[_CLIENT] == client else 0

    def state(self) -> State:
        """Give what is settled."""
        return self._load(self._words[_GENERATION] & 1)

    def settle(self, state: State) -> None:
        """Make `state` the settled one and begin the next batch, both by one store."""
        generation = self._words[_GENERATION] + 1
        batch = self._batch(generation)
        self._words[batch + _COUNT] = 0
        self._words[batch + _WANTED] = 0
        self._store(generation & 1, state)
        self._words[_GENERATION] = generation

    def room(self) -> bool:
        """Whether the batch takes another read."""
        return self._words[self._batch(self._words[_GENERATION]) + _COUNT] < PIECES

    def expect(self, size: int) -> memoryview:
        """Prepare for a read of `size` bytes; gives where the kernel shall put status byte and data."""
        batch = self._batch(self._words[_GENERATION])
        count = self._words[batch + _COUNT]
        piece = self._piece(count)
        self._view[piece] = UNREAD
        self._words[batch + _WANTED] = count << _INDEX_SHIFT | size + 1
        return self._view[piece : piece + 1 + size]

    def took(self, size: int) -> int:
        """Note that the read gave `size` bytes, the status byte counted; gives how many bytes of data that is."""
        batch = self._batch(self._words[_GENERATION])
        count = self._words[batch + _COUNT]
        data = 0 if size == 0 or self._view[self._piece(count)] else size - 1
        if data:
            self._words[batch + _LENGTHS + count] = data
            self._words[batch + _COUNT] = count + 1
        self._words[batch + _WANTED] = 0
        return data

    def recover(self) -> bytes:
        """Give the batch of a pump that died, with the read it may not have noted any more."""
        batch = self._batch(self._words[_GENERATION])
        index, size = divmod(self._words[batch + _WANTED], 1 << _INDEX_SHIFT)
        if size and index == self._words[batch + _COUNT] and self._view[self._piece(index)] != UNREAD:
            self.took(size)
        return self.batch()

    def batch(self) -> bytes:
        """Give the raw bytes read since the last generation."""
        batch = self._batch(self._words[_GENERATION])
        return b"".join(
            self._view[self._piece(index) + 1 : self._piece(index) + 1 + self._words[batch + _LENGTHS + index]]
            for index in range(self._words[batch + _COUNT])
        )

    def _batch(self, generation: int) -> int:
        return _WORDS + (generation & 1) * _BATCH_WORDS

    def _piece(self, index: int) -> int:
        return self._pieces + index * _STRIDE

    def _store(self, copy: int, state: State) -> None:
        place = self._states + copy * self._state_size
        held, carry = state.held, state.carry
        if len(held) > self._held_room or len(carry) > CARRY:
            raise OverflowError
        _NUMBERS.pack_into(self._view, place, *state[:11], len(held), len(carry))
        place += _NUMBERS.size
        self._view[place : place + len(held)] = held
        place += self._held_room
        self._view[place : place + len(carry)] = carry

    def _load(self, copy: int) -> State:
        place = self._states + copy * self._state_size
        *numbers, held, carry = _NUMBERS.unpack_from(self._view, place)
        place += _NUMBERS.size
        texts = bytes(self._view[place : place + held]), bytes(self._view[place + self._held_room :][:carry])
        return State._make((*numbers, *texts))
