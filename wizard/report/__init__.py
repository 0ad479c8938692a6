"""What is left to read afterwards: reports made from the journal."""
