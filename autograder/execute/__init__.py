"""Run one submission: its notebook in a sandbox, its claims before the judging process.

It writes nothing of a class, and does not know how a notebook was made.
"""
