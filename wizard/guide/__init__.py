"""What a guide says: its models, the strict loader, lint, and the catalog of guides."""
