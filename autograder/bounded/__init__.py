"""Processes of ours that look at what a student made: the system bounds their memory and their computing.

Whoever hands one a task loses that task when it ends, and nothing else.
"""
