"""A stand-in: writes the control sequences that docker-compose 1.29 writes while it pulls the layers of an image."""

from __future__ import annotations

import random
import sys
import time

DONE = 24


def told(step: int) -> str:
    """What is said of a layer at a step of its way."""
    if step < 12:
        return f"Downloading [{'=' * (step * 4)}>{' ' * (46 - step * 4)}]  {step * 1.1:.3g}MB/13.2MB"
    if step < 14:
        return "Verifying Checksum" if step == 12 else "Download complete"
    if step < DONE - 1:
        return f"Extracting [{'=' * (step * 2)}>{' ' * (48 - step * 2)}]  {step * 0.5:.3g}MB/13.2MB"
    return "Pull complete"


def main() -> None:
    """Pull nine layers in a random order that is always the same."""
    rng = random.Random(7)
    layers = [f"{rng.getrandbits(48):012x}" for _ in range(9)]
    steps = [0] * len(layers)
    write = sys.stdout.write
    write("Pulling database (example/database:13)...\n13: Pulling from example/database\n")
    write("".join(f"{layer}: Pulling fs layer\n" for layer in layers))
    while min(steps) < DONE:
        at = rng.choice([at for at, step in enumerate(steps) if step < DONE])
        steps[at] += 1
        up = len(layers) - at
        write(f"\x1b[{up}A\x1b[2K\r{layers[at]}: {told(steps[at])}\r\x1b[{up}B")
        sys.stdout.flush()
        time.sleep(0.002)
    write("Digest: sha256:" + "0123456789abcdef" * 4 + "\nStatus: Downloaded newer image for example/database:13\n")


if __name__ == "__main__":
    main()
