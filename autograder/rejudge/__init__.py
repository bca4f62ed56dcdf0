"""Judge a graded class again from its claims: first who would change and why, and then, when asked to, the change."""

from autograder.rejudge.class_again import RejudgeRequest, changes_path, follow_checks, judge_class_again
from autograder.rejudge.table import print_changes, summary_lines

__all__ = ["RejudgeRequest", "changes_path", "follow_checks", "judge_class_again", "print_changes", "summary_lines"]
