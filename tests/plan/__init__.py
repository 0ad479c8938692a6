"""Tests of version paths and plans."""
