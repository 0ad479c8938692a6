"""The line-by-line front end: prompts, words for events, and running commands handed through."""
