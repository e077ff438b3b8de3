"""What every import needs: safe reading, problems by file and row, chunks with a checkpoint, a summary.

An import has two passes. The first validates every row and writes nothing; the second commits in chunks, each with
its checkpoint in the same transaction, so that an interrupted import goes on where it stopped.
"""
