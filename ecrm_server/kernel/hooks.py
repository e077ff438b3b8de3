"""Hooks of this core domain."""
