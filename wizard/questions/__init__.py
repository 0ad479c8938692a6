"""The questionnaire: order, validation, where an answer came from, answers files."""
