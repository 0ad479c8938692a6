"""Tests of what reads and checks guides."""
