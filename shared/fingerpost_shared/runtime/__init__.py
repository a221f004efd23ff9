"""What every service stands on: settings, logs, NATS, databases, delivery, health. No word of the domain is spoken here."""
