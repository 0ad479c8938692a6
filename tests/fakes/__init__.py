"""Stand-ins for the engine's Protocols, used by tests of every part: `from tests.fakes.operators import ScriptedOperator`."""
