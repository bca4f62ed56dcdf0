"""Find submissions, and the student of each.

It reads the folder or the zip of submissions, and runs nothing.
"""
