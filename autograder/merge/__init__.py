"""Put together folders that several people or machines graded, of one assignment."""

from autograder.merge.merge import MergeOutcome, MergeRequest, merge

__all__ = ["MergeOutcome", "MergeRequest", "merge"]
