"""Proofs over every possible referral. The method: find a point inside some boxes and outside others, or show there is none."""
