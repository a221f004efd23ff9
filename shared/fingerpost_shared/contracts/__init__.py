"""Events, actions, queries, subjects and ids: the only thing the services share about meaning."""
