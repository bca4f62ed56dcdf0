"""Judge claims by the instructor's own test cells, in a process in which no student's code runs.

It reads claims as plain data, and the instructor's files.
"""
