"""Make this folder an nbgrader course: `nbgrader autograde`, `nbgrader formgrader` and JupyterHub read this file."""

from pathlib import Path

from autograder.peers.nbgrader import course_config

c = get_config()  # noqa: F821  # traitlets defines it
c.merge(course_config(Path(__file__).parent))
c.GenerateAssignment.post_convert_hook = "autograder.compile.hooks.complete_release"
c.Autograde.pre_convert_hook = "autograder.compile.hooks.prepare_gradebook"
c.GenerateFeedback.post_convert_hook = "autograder.compile.hooks.keep_pages"
