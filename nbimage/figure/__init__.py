"""What stands around a picture and over it: from what the caller said to what the page draws."""
