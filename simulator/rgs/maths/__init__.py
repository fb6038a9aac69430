"""The mathematics of the studio's games: what a spin does, and what it is worth (RGS-13)."""
