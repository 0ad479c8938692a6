"""Text with `${{ expression }}` in it: found, checked and rendered as its place demands."""

from wizard.templates.check import check_template, check_words
from wizard.templates.problems import TemplateProblem
from wizard.templates.query import bind_query
from wizard.templates.scan import template_expressions
from wizard.templates.shell import ShellCommand, ShellWords, render_shell, render_words
from wizard.templates.text import render, render_regex, render_text
from wizard.templates.url import render_url

__all__ = [
    "ShellCommand",
    "ShellWords",
    "TemplateProblem",
    "bind_query",
    "check_template",
    "check_words",
    "render",
    "render_regex",
    "render_shell",
    "render_text",
    "render_url",
    "render_words",
    "template_expressions",
]
