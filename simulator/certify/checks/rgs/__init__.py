"""What a game server behind `/rgs/v1` is asked."""
