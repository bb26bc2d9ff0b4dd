"""From the class lists that schools really export to their pupils."""
