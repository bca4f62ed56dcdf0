"""Run submissions in a sandbox, and judge what they claim in another process."""
