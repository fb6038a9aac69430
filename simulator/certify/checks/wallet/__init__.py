"""What a wallet behind `/v1/wallet` is asked."""
