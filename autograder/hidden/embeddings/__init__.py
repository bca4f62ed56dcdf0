"""Identify an embedding: whether t-SNE made it, and of which representation.

It looks at neighbourhoods and forces, never at how the embedding was made.
"""
