"""Between Textual and the terminal: only what changed is sent, and no more than the link can take."""

from screens.driver.choice import driver_class

__all__ = ["driver_class"]
