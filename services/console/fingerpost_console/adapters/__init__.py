"""How the console reaches the rest: NATS, the mail catcher of the demo, its own static files."""
