"""Pictures of screens, drawn from what the engine really gives: `make pictures`."""
