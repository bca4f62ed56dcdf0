"""What runs inside the sandbox: the warm process that kernels are forked from, and the kernels.

These modules know nothing of the rest of the package: inside a sandbox it does not exist. They import one another
relatively, the standard library, and what a student's notebook imports.
"""
