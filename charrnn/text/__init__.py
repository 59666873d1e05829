"""Characters to ids, files to ids, named corpora, splits and streams."""
