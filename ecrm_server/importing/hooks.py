"""The imports: only tables, everything else is called by the parts that import."""
