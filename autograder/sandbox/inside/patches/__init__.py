"""Functions of other libraries that are replaced, one module a library, each a row of `table`.

Each does what the library's own does; where it can't, the library's own is called.
"""
