"""The rules of the forums. One module per subject; a function that writes is one transaction and emits events."""
