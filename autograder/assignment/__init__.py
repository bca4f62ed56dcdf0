"""What an instructor wrote: settings, cells, regions, names, the plan of a notebook.

It reads the instructor's own files, and runs nothing.
"""
