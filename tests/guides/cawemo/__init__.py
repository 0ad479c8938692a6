"""Cawemo, walked on a real Docker engine and a real PostgreSQL, with stand-ins for the vendor's images."""
