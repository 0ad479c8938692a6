"""What it costs to import expressions and templates."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import wizard.expressions, wizard.templates
from wizard.expressions import Environment, Scope, check_expression, compile_expression
program = compile_expression("answers.a + 1 < 5")
check_expression("answers.a + 1 < 5", Scope(names={}))
wizard.templates.template_expressions("${{ answers.a }}")
print(sorted({"cel", "pydantic", "yaml", "subprocess", "socket"} & set(sys.modules)))
program.evaluate(Environment(names={"answers": {"a": 1}}))
print(sorted({"cel.cel", "cel.cli", "prompt_toolkit", "pygments", "typer"} & set(sys.modules)))
import cel
print(cel.compile("a + 1").execute({"a": 1}))
"""


def test_the_library_is_imported_when_something_is_evaluated() -> None:
    """Importing, parsing and checking load nothing heavy; evaluating the compiled library, not its command line.

    Whoever imports the whole library afterwards gets it.
    """
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['cel.cel']", "2"]
    assert done.stderr == ""
