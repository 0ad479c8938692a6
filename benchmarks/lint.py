"""Loading and linting a guide of 500 steps, beside PyYAML reading the same file into plain data.

In one process, after the imports; interleaved, the ratio taken within each round. Reach: 0.5 s.

    python benchmarks/lint.py [rounds] [steps]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import yaml

from wizard.guide.lint import lint_path

HEAD = """\
guide: 1
id: many
product: Many
title: Upgrade Many
summary: A guide as long as they come.
works_on: '${{ answers.install_dir }}'
defaults: {folder: '${{ answers.install_dir }}'}
versions:
  releases: ["1.0", "2.0"]
  hops: [{from: "<2.0", to: "2.0", phases: [PHASES]}]
facts:
  settings: {dotenv: '${{ answers.install_dir }}/.env'}
  release: {file: '${{ answers.install_dir }}/VERSION', match: '(?P<version>\\S+)', as: {version: version}}
values:
  port: number(facts.settings.PORT)
questions:
  - section: Your installation
    ask:
      - {id: install_dir, label: Folder, type: path, why: Every command runs there.}
      - {id: current_version, label: Version now, type: version, found_in: facts.release.version}
      - {id: target_version, label: Version wanted, type: version, default: "2.0"}
      - {id: cluster, label: This is a cluster, type: yes_no, default: false}
      - {id: node, label: This node, type: host, when: answers.cluster}
phases:
"""
PHASE = """\
  - id: phase-{number}
    title: Part {number}
    impact: reversible
    steps:
"""
STEPS = (
    """\
      - id: copy-{number}
        title: Copy part {number} of ${{{{ answers.current_version }}}}
        why: From here on it is needed, and nothing else keeps it.
        run: |
          mkdir -p backups/{number}
          cp -a "data/${{{{ answers.target_version }}}}" backups/{number}/
        rerun: safe
        timeout: 5m
        makes: backup
        expect: {{output: '^copied \\d+ files$', never: 'error|fail'}}
        done_when:
          - {{file: '${{{{ answers.install_dir }}}}/backups/{number}'}}
        undo:
          - {{id: remove-{number}, title: Remove it, run: [rm, -rf, backups/{number}], rerun: safe}}
""",
    """\
      - id: join-{number}
        title: Tell the cluster about part {number}
        when: answers.cluster && newer(answers.target_version, answers.current_version)
        not_needed: It is no cluster.
        run: [./join, --node, '${{{{ answers.node }}}}', --port, '${{{{ values.port }}}}']
        rerun: safe
        known_errors:
          - {{match: no such node, say: The node is not there., fix: Look at its name.}}
""",
    """\
      - id: wait-{number}
        title: Wait for part {number}
        wait:
          until:
            - title: It answers
              http: {{url: 'http://127.0.0.1:${{{{ values.port }}}}/health', json: 'reply.status == "ok"'}}
          every: 1s
          at_most: 2m
""",
    """\
      - id: settings-{number}
        title: Set what part {number} needs
        edit:
          file: part-{number}.env
          set: {{RELEASE: '${{{{ answers.target_version }}}}', NUMBER: '{number}'}}
""",
    """\
      - id: look-{number}
        title: Look at part {number}
        manual:
          - {{do: 'Open the page of part {number}.', check: {{check: room}}}}
          - Compare it with what you saw before
""",
)
TAIL = """\
checks:
  - id: room
    title: Room
    disk: {path: '${{ answers.install_dir }}', free: 1 GiB}
"""


def guide_of(steps: int) -> str:
    """A guide with so many steps, twenty in a phase."""
    phases: list[str] = []
    parts: list[str] = []
    for number in range(steps):
        if number % 20 == 0:
            phases.append(f"phase-{number}")
            parts.append(PHASE.format(number=number))
        parts.append(STEPS[number % len(STEPS)].format(number=number))
    return HEAD.replace("PHASES", ", ".join(phases)) + "".join(parts) + TAIL


def main() -> None:
    """Measure and print a table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "guide.yaml"
        text = guide_of(steps)
        path.write_text(text, encoding="utf-8")
        problems = lint_path(path)
        if problems:
            raise SystemExit("\n".join(map(str, problems[:20])))
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(rounds):
            began = time.perf_counter()
            lint_path(path)
            middle = time.perf_counter()
            yaml.safe_load(text)
            ours.append(middle - began)
            theirs.append(time.perf_counter() - middle)
    lines = text.count("\n")
    print(f"{steps} steps, {lines} lines, {len(text) >> 10} KiB, {rounds} rounds")
    for name, times in (("load and lint", ours), ("yaml.safe_load", theirs)):
        print(f"{name:15} median {statistics.median(times):6.3f} s  ({min(times):.3f} to {max(times):.3f})")
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    print(f"load and lint / yaml.safe_load  {ratio:.2f}   (reach: 0.5 s)")


if __name__ == "__main__":
    main()
