"""How long the shortest command takes: `wizard --version` beside `pip --version` and `python -c pass`.

Whole processes, interleaved; the ratio is taken within each round. Reach: a third of pip.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15
BIN = Path(sys.executable).parent
COMMANDS = {
    "wizard --version": [str(BIN / "wizard"), "--version"],
    "pip --version": [str(BIN / "pip"), "--version"],
    "python -c pass": [sys.executable, "-c", "pass"],
}


def seconds(words: list[str]) -> float:
    """Run a command to its end."""
    began = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print a table."""
    for words in COMMANDS.values():
        seconds(words)
    rounds = [{name: seconds(words) for name, words in COMMANDS.items()} for _ in range(ROUNDS)]
    for name in COMMANDS:
        times = [one[name] * 1000 for one in rounds]
        print(f"{name:18} median {statistics.median(times):6.0f} ms  ({min(times):.0f} to {max(times):.0f})")
    for peer in ("pip --version", "python -c pass"):
        ratio = statistics.median(one["wizard --version"] / one[peer] for one in rounds)
        print(f"wizard / {peer:16} {ratio:.2f}")


if __name__ == "__main__":
    main()
