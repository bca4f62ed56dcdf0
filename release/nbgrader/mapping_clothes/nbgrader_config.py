"""Settings of nbgrader's Validate: a cell may take 300 seconds in place of 30, which are few for t-SNE."""

c = get_config()  # noqa: F821  # nbgrader defines it
c.Execute.timeout = 300
