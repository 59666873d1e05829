"""Flags to config, one call, then show. No logic lives here, and nothing heavy is imported."""
