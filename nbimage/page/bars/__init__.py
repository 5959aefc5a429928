"""What stands beside a picture, or below it where it is narrow: colorbars and histograms."""
