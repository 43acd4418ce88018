"""Formats of documents that word processors other than Word write, and what a file really is."""
