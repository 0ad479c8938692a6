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
print("cel" in sys.modules)
"""


def test_the_library_is_imported_when_something_is_evaluated() -> None:
    """Importing, parsing and checking load neither the CEL library nor anything else that is heavy."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True"]
    assert done.stderr == ""
