"""Values and values to what is between them: differences, SSIM, FLIP."""
