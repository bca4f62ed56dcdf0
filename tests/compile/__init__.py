"""The build: from a source to releases, solutions and zips."""
