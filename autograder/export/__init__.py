"""Files that learning management systems take: the class list that one gave, filled in, and otherwise left to the byte."""

from autograder.export.exports import export
from autograder.export.gradescope import results_json
from autograder.export.records import ExportError, Outcome, Request
from autograder.export.summaries import print_outcome

__all__ = ["ExportError", "Outcome", "Request", "export", "print_outcome", "results_json"]
