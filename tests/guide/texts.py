"""Guides as texts, and ways to read them in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.lint import lint_path
from wizard.guide.loader import LoadedGuide, load_guide

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.problems import Problem

MINI = """\
guide: 1
id: mini
product: Mini
title: Upgrade Mini
summary: From 1.0 to 2.0, with a way back.
support: {text: Ask the makers., form: [People]}
works_on: '${{ answers.install_dir }}'
defaults: {folder: '${{ answers.install_dir }}'}
versions:
  pattern: 'v?(?P<version>\\d+\\.\\d+)'
  releases: ["1.0", "1.1", "2.0"]
  hops:
    - {from: "<2.0", to: "2.0", phases: [back-up, update]}
connections:
  db: {kind: sqlite, file: '${{ answers.install_dir }}/mini.db'}
forbid:
  - {command: 'rm -rf /$', why: It removes everything.}
facts:
  settings: {dotenv: '${{ answers.install_dir }}/.env'}
  release: {file: '${{ answers.install_dir }}/VERSION', match: '(?P<version>\\S+)', as: {version: version}}
values:
  port: number(facts.settings.PORT)
  sizes: {small: 1, large: 2}
questions:
  - section: Your installation
    ask:
      - id: install_dir
        label: Folder
        type: path
        valid: [{expr: 'file(answers.install_dir + "/.env").exists', say: There is no .env in it.}]
      - {id: current_version, label: Version now, type: version, found_in: facts.release.version}
      - {id: target_version, label: Version wanted, type: choice, choices: ["1.1", "2.0"], default: "2.0"}
      - {id: cluster, label: A cluster, type: yes_no, default: false}
      - {id: nodes, label: Nodes, type: number, when: answers.cluster}
      - {id: token, label: Token, type: secret}
  - section: People
    ask:
      - id: people
        label: People
        type: table
        columns: [{id: name, label: Name}]
checks:
  - id: room
    title: Room
    disk: {path: '${{ answers.install_dir }}', free: 1 GiB}
  - id: port
    title: Port
    port: {port: '${{ values.port }}', is: open}
    when: values.sizes.small < values.sizes.large
phases:
  - id: back-up
    title: Back up
    steps:
      - id: copy
        title: Copy the data
        run: cp mini.db mini.db.bak
        makes: backup
        done_when: [{file: mini.db.bak}]
        capture: {copied: 'copied (\\d+)'}
  - id: update
    title: Update
    impact: irreversible
    steps:
      - id: migrate
        title: Migrate ${{ captured.copied }} rows
        notes: [{kind: danger, text: There is no way back.}]
        run: ./migrate --to ${{ answers.target_version }}
        env: {TOKEN: '${{ answers.token }}'}
        done_when:
          - {check: room}
          - sql: {connection: db, query: select count(*) from t, at_least: 1}
      - id: tell-nodes
        title: Tell ${{ answers.nodes }} nodes
        impact: reversible
        when: answers.cluster && outcome('migrate') == "done"
        include: tell
        with: {what: all of them}
procedures:
  tell:
    title: Tell
    needs: [what]
    steps:
      - {id: say-it, title: Say it, say: 'Told ${{ what }}.'}
"""
"""A small guide without any problem."""


def swapped(*swaps: tuple[str, str], text: str = MINI) -> str:
    """Replace each first text, which must stand in the guide exactly once, by the second."""
    for old, new in swaps:
        assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def written(folder: Path, text: str = MINI) -> Path:
    """Write a guide into a folder of its own and give its file."""
    path = folder / "guide.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, text: str = MINI) -> LoadedGuide:
    """Load a guide that has no mistakes."""
    return load_guide(written(folder, text))


def problems_of(folder: Path, text: str) -> tuple[Problem, ...]:
    """Every problem of reading and lint."""
    return lint_path(written(folder, text))


def line_of(text: str, part: str) -> int:
    """The line on which `part`, which stands there once, begins."""
    assert text.count(part) == 1, f"{part!r} stands there {text.count(part)} times"
    return text.count("\n", 0, text.index(part)) + 1
