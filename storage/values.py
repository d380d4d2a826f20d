"""The values that storage takes and gives; rows never leave the package."""
