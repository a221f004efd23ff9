"""The whole of Fingerpost on one machine: the real NATS server and PostgreSQL from wheels, every service, one command.

Tests that need NATS and PostgreSQL alone call `fingerpost_local.servers.start_servers(directory, partnership_dir)`.
"""
