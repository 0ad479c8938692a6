"""Checks: one file per kind; each gives a finding."""
