"""scikit-learn's t-SNE with a compiled descent, its gradient over all pairs, and quicker distances.

Numbers in, numbers out.
"""
