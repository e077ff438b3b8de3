"""Turning what people write into safe HTML, and back: no Flask, no database, only text in and text out."""
