"""HTML of trees of arrays: rows that fold, and the small drawings in them."""
