"""What a class asks for once: maps and predictions, computed by the grader's side and remembered.

It computes in processes of its own, and reads only arrays from kernels.
"""
