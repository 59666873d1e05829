"""Every pixel. Engines never print; what they return is drawn here."""
