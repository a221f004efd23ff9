"""Stories of harm to people besides abuse: serious violence, deaths, vulnerability, Prevent."""

from fingerpost_intake.samples.abuse import PARTNERS
from fingerpost_intake.samples.story import Story

SERIOUS_VIOLENCE = (
    Story(
        kinds=("serious_violence",),
        agencies=("police",),
        sentences=("{victim} was cut on the arm near {place}.", "{subject} ran off and still has the knife."),
        facts={"weapon": "bladed", "injury": ("minor", "serious"), "ongoing": "yes", "in_county": "in"},
        relations={"none": "known by sight"},
        themes=("serious_violence",),
        consent=False,
    ),
    Story(
        kinds=("serious_violence",),
        agencies=("schools", "police"),
        sentences=("{subject} showed a blade in a video and named {victim}.", "Friends say he carries it to school."),
        facts={"weapon": "bladed", "injury": "none", "youth_related": "yes", "in_county": "in"},
        victim=(14, 17),
        subject=(14, 17),
        relations={"none": "same school"},
        consent=False,
        lawful_basis="vital_interests",
        subject_is="he",
    ),
    Story(
        kinds=("serious_violence",),
        agencies=("nhs_trust",),
        sentences=("{victim} came to the emergency department with a head injury and would not say who did it.",),
        facts={"injury": ("serious", "life_threatening"), "in_county": "in"},
        subject=None,
    ),
)

DEATH_REVIEW = (
    Story(
        kinds=("death_review",),
        agencies=("police",),
        sentences=("{victim} was found dead at {place}. {subject} has been arrested.",),
        facts={"death_after_abuse": "homicide", "child_in_household": ("no", "yes"), "in_county": "in"},
        relations=PARTNERS,
        consent=False,
        lawful_basis="legal_obligation",
        victim_is="she",
        subject_is="he",
    ),
    Story(
        kinds=("death_review", "domestic_abuse"),
        agencies=("police", "icb"),
        sentences=("{victim} took her own life. Earlier this year she had reported abuse by {subject}.",),
        facts={
            "death_after_abuse": "suicide",
            "abuse_kinds": ["controlling_or_coercive"],
            "child_in_household": "no",
            "in_county": "in",
        },
        relations=PARTNERS,
        dash=(8, 13),
        judgement=False,
        consent=False,
        lawful_basis="legal_obligation",
        victim_is="she",
        subject_is="he",
    ),
)

VULNERABILITY = (
    Story(
        kinds=("vulnerability",),
        agencies=("charities", "council", "fire_and_rescue"),
        sentences=(
            "{victim} lives alone at {place} among piles of paper and has stopped eating properly.",
            "He lets anybody in who knocks and cannot say no.",
        ),
        facts={
            "care_and_support_needs": "yes",
            "abuse_or_neglect": "yes",
            "cannot_protect_self": ("yes", "unknown"),
            "in_county": "in",
        },
        victim=(45, 88),
        subject=None,
        needs="Learning disability; needs easy-read letters",
        victim_is="he",
    ),
    Story(
        kinds=("vulnerability",),
        agencies=("schools", "nhs_trust"),
        sentences=("{victim} comes to school hungry and in the same clothes, and looks after two younger ones.",),
        facts={"in_county": "in"},
        victim=(6, 15),
        subject=None,
        consent=False,
    ),
    Story(
        kinds=("vulnerability", "substance_misuse"),
        agencies=("housing", "police"),
        sentences=(
            "Strangers come and go at {place} by day and night.",
            "{victim} says they are friends, sleeps on the floor and has lost his keys.",
        ),
        facts={
            "exploitation_signs": ["cuckooing", "drug_running"],
            "care_and_support_needs": "yes",
            "abuse_or_neglect": "yes",
            "cannot_protect_self": "unknown",
            "learning_disability_exploitation": ("yes", "unknown"),
            "in_county": "in",
        },
        victim=(28, 63),
        subject=None,
        themes=("serious_organised_crime",),
        victim_is="he",
    ),
)

PREVENT = (
    Story(
        kinds=("prevent",),
        agencies=("schools", "council", "nhs_trust"),
        sentences=("{subject} shares videos that praise an attack, and has dropped his old friends.",),
        facts={"weapon": "none", "ongoing": "no", "in_county": "in"},
        victim=None,
        subject=(15, 24),
        consent=False,
        subject_is="he",
    ),
    Story(
        kinds=("prevent",),
        agencies=("police", "probation"),
        sentences=("{subject} spoke of a date and a place, and has bought a knife.",),
        facts={"weapon": "bladed", "ongoing": "yes", "in_county": "in"},
        victim=None,
        subject=(19, 45),
        consent=False,
        lawful_basis="vital_interests",
    ),
)

HARM = SERIOUS_VIOLENCE + DEATH_REVIEW + VULNERABILITY + PREVENT
