"""Tests of running submissions in a sandbox and judging what they claim."""
