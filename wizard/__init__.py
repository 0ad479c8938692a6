"""The engine of `wizard`: guides, facts, questions, checks, plans and runs, without any terminal."""

__version__ = "0.1.0"
