"""Grade the submission of a Gradescope container, and leave a `results.json` whatever happens."""
