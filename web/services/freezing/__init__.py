"""The parts of an instance: who is in it, the places each may have, the seats, the decisions."""
