"""Formats of documents that are read as text."""
