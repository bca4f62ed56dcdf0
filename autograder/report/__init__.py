"""Make what people read from records: feedback pages, the class page, a table on the console."""

from autograder.report.console import print_table
from autograder.report.feedback.page import write_page

__all__ = ["print_table", "write_page"]
