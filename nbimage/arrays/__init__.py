"""Arrays of any kind: values, masks, labels, coordinates, axes. Maps nothing to pixels."""
