"""What each command does: it reads what was asked, calls, and tells the result.

Each imports what it needs when it is called: TensorFlow and nbgrader take seconds, `--help` needs neither.
"""
