"""Identify activations: their layer, their images, and how they were changed.

It compares sketches of arrays, and runs the network on other inputs where nothing fits.
"""
