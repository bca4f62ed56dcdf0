"""Examine what this machine gives to a grader, and how to get what is missing; change nothing."""

from autograder.doctor.console import print_findings
from autograder.doctor.findings import MachineFinding
from autograder.doctor.machine import examine

__all__ = ["MachineFinding", "examine", "print_findings"]
