"""The only code that touches the machine; everybody else asks through `host.protocols`."""
