"""Start kernels in a sandbox, and talk to them.

It starts processes and folders for students' code, and believes nothing that comes out of them.
"""
