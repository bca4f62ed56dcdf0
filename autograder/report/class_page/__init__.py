"""The page of a class, for those who teach.

It reads records, and writes HTML.
"""
