"""The run: session on disk, journal, state, step loop, undo, resume."""
