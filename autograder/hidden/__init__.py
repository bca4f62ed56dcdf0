"""The checks that students never get: values beside the instructor's own network, maps and plots.

None of it is copied into a release. It imports `checks`, and what `checks` may import.
"""
