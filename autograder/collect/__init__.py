"""Find what was handed in, and by whom.

It reads the folder or the zip of submissions, and runs nothing.
"""
