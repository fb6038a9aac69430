"""The platform's side of play: sessions and rounds over a wallet and a studio (`/play/v1`)."""
