"""Every read: statements made once from the models, rows ready to encode."""
