"""From records to what people read: a feedback page for each student, the class page, and a table on the console."""

from autograder.report.feedback import write_page
from autograder.report.table import print_table

__all__ = ["print_table", "write_page"]
