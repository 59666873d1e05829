"""What single neurons do."""
