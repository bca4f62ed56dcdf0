"""A zoo of answers: ways to be right and ways to be wrong, as students go them, and what each should get."""
