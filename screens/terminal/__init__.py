"""A terminal without a window: what a command wrote becomes rows of cells, and nothing else of it passes."""
