"""Looking after a store as a whole: is it able, is it whole, what does it cost, and joining two."""
