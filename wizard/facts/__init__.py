"""What is read from the machine."""
