"""The studio: a remote game server whose every outcome can be played again (RGS-01..64)."""
