"""Every change: takes a session, never commits, writes history in the same transaction."""
