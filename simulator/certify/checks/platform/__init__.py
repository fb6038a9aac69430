"""What a platform behind `/v1` is asked."""
