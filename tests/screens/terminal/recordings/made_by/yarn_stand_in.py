"""A stand-in: writes what yarn 1 writes at a terminal: steps, a bar redrawn in place, spinners on two lines."""

from __future__ import annotations

import sys

STEPS = ("🔍  Resolving packages", "🚚  Fetching packages", "🔗  Linking dependencies", "🔨  Building fresh packages")
BEGIN = "\x1b[2K\x1b[1G"


def main() -> None:
    """Install nothing."""
    write = sys.stdout.write
    write(f"{BEGIN}\x1b[1myarn install v1.22.19\x1b[22m\n")
    for number, step in enumerate(STEPS, 1):
        write(f"{BEGIN}\x1b[2m[{number}/4]\x1b[22m {step}...\n")
        for count in range(0, 400, 13):
            done = count * 60 // 400
            write(f"{BEGIN}[{'#' * done}{'-' * (60 - done)}] {count}/400")
            sys.stdout.flush()
        write(BEGIN)
        for count in range(20):
            write(f"{BEGIN}[1/2] {'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[count % 10]} node-sass\n")
            write(f"{BEGIN}[2/2] {'⠁⠂⠄⡀⢀⠠⠐⠈'[count % 8]} fsevents\x1b[1A")
            sys.stdout.flush()
        write(f"\x1b[1B{BEGIN}\x1b[1A{BEGIN}")
    write(f"{BEGIN}\x1b[32msuccess\x1b[39m Saved lockfile.\n{BEGIN}✨  Done in 3.19s.\n")


if __name__ == "__main__":
    main()
