"""Find out what was handed in, and by whom.

It reads the folder or the archive of submissions, accounts for every file in it, and runs nothing.
"""
