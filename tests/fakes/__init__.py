"""Stand-ins for the engine's Protocols, used by tests of every part (`tests.fakes.operators` and the like)."""
