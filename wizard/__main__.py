"""Entry of the program."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from wizard.cli import run

    run()


if __name__ == "__main__":
    main()
