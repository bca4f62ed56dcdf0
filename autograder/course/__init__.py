"""What a folder's assignments have in common: pages with one in front of them, and totals over all of them."""

from autograder.course.course_totals import CourseRequest, export_course
from autograder.course.reports import ReportRequest, report

__all__ = ["CourseRequest", "ReportRequest", "export_course", "report"]
