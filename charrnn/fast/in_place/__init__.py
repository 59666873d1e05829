"""The cells' equations in NumPy, into arrays made once; a file a cell, found by its name."""
