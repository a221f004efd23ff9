"""Invented referrals, the same for the same seed: for the demo, for load, for `fingerpost example`, and for tests.

No person, address or number here exists: surnames say so, phones come from Ofcom's drama ranges, mail ends in `.example`.
"""

from fingerpost_intake.samples.csv_layout import as_csv
from fingerpost_intake.samples.demo import demo_referrals
from fingerpost_intake.samples.messy import messy_samples
from fingerpost_intake.samples.referrals import sample, sample_agency

__all__ = ["as_csv", "demo_referrals", "messy_samples", "sample", "sample_agency"]
