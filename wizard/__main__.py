"""Entry of the program."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        # Scripts ask this often, and importing click alone takes twice as long as starting Python. A test
        # keeps the words equal to those of click's own option.
        from wizard import __version__

        sys.stdout.write(f"wizard {__version__}\n")
        return
    from wizard.cli import run

    run()


if __name__ == "__main__":
    main()
