"""What segments do. Start with ``index`` (which segments there are), ``membership`` and ``building``."""
