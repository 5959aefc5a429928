"""How PNG's rows become few bytes: filters, searches for repetitions, and the choice of both."""
