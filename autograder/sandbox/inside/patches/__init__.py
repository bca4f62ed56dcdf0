"""Functions of other libraries that are replaced in kernels, one module a library.

Each does what the library's own does; where it can't, the library's own is called.
"""
