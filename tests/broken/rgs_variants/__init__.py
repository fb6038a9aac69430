"""Game servers that are wrong on purpose, and right ones that look different."""
