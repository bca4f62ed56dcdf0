"""The page and the sheet by which people mark written answers.

It reads records, and writes HTML and CSV.
"""
