"""Compile an instructor's source into what students, graders and teaching assistants get."""
