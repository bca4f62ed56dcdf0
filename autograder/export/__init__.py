"""Files that learning management systems take: the class list that one gave, filled in, and otherwise left to the byte."""

from autograder.export.console import print_outcome
from autograder.export.exports import export
from autograder.export.lms.gradescope import results_json
from autograder.export.records import ExportError, ExportOutcome, ExportRequest

__all__ = ["ExportError", "ExportOutcome", "ExportRequest", "export", "print_outcome", "results_json"]
