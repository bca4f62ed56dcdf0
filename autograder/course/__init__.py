"""What a course takes from a graded folder: pages and exports of each assignment, and of all of them."""

from autograder.course.course_totals import CourseRequest, export_course
from autograder.course.lms_export import export_class
from autograder.course.reports import ReportRequest, report

__all__ = ["CourseRequest", "ReportRequest", "export_class", "export_course", "report"]
