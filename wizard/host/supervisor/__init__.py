"""The leader and the pump: two small processes that keep a command alive and write down how it ended.

They run by file path under `python -I -S` and import the standard library and this folder only,
so a command's companions start in a few hundredths of a second and stay small.
"""
