"""The queries that services ask each other over NATS, by who answers them."""
