"""What Fingerpost's services share: the contracts between them, and the runtime beneath them."""
