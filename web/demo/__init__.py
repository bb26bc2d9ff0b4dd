"""A whole campaign in Loire-Atlantique with fictional people, played through the real services."""
