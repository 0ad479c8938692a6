"""What each action does; one module for those that touch the machine, one for those that ask."""
