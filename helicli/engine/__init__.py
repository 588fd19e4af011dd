"""The engine: a supervisor that holds the socket and the lock, and keeps a proxy and a recorder alive."""
