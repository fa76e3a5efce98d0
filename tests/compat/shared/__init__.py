"""What the scripts of this folder share; see README.md."""
