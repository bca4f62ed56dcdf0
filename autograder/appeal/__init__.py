"""Stand up to an appeal: what a check saw, whether a verdict holds without shortcuts, what a receipt is about."""

from autograder.appeal.explain import ExplainRequest, Explanation, explain
from autograder.appeal.lines import explanation_lines, verification_lines
from autograder.appeal.page import render_explanation
from autograder.appeal.verify import Verification, VerifyRequest, verify

__all__ = [
    "ExplainRequest",
    "Explanation",
    "Verification",
    "VerifyRequest",
    "explain",
    "explanation_lines",
    "render_explanation",
    "verification_lines",
    "verify",
]
