"""One module for each learning management system.

Each reads and writes its own file, and nothing else.
"""
