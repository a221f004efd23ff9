"""A busy machine makes an example slow, not wrong: no deadline on hypothesis's examples."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
