"""The ledger of deliveries: each person on each channel, from plan to receipt, and the workers that move it on."""
