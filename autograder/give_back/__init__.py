"""Give feedback back to a class: what each learning management system takes for all students at once."""
