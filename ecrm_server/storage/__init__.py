"""Files: where they are kept, which are taken, and how they are served."""
