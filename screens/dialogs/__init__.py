"""Dialogs: screens that lie over another one and leave by a value."""
