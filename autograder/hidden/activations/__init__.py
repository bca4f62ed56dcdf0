"""Tell what activations are: which layer's, of which images, and what was done to them.

It compares sketches of arrays, and runs the network on other inputs where nothing fits.
"""
