"""The documentation at /docs: guides, and a reference made from the code that runs."""
