"""From records to what people read: a feedback page for each student, the class page, and a table on the console."""

from autograder.report.console import print_table
from autograder.report.feedback.page import write_page

__all__ = ["print_table", "write_page"]
