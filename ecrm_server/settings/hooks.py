"""The settings service has no hooks of its own; its pages belong to the administration."""
