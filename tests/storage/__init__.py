"""The stores keep what `BlobStore` promises, and what is built on them alone."""
