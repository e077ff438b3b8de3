"""Importing a community from the public dump of a Stack Exchange site.

``check`` is the first pass and makes a ``plan``; ``stackexchange`` carries the plan out, phase by phase.
"""
