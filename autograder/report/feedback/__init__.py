"""The page of feedback for one student.

It reads records, and writes HTML.
"""
