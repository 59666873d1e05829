"""One stream in int8, compiled; a file a cell, found by its name, beside what they share."""
