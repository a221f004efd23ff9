"""Stories of organised crime, of drugs, and of what follows prison."""

from fingerpost_intake.samples.story import Story

ORGANISED_CRIME = (
    Story(
        kinds=("organised_crime",),
        agencies=("police", "trading_standards"),
        sentences=("Vans from another county bring men to {place} who work unpaid and may not leave.",),
        facts={"exploitation_signs": ["debt_bondage"], "in_county": "in"},
        subject=None,
        themes=("serious_organised_crime",),
    ),
    Story(
        kinds=("organised_crime",),
        agencies=("crimestoppers",),
        sentences=("Somebody says that stolen farm machines are kept at {place} until a lorry comes.",),
        facts={"in_county": ("in", "unknown")},
        victim=None,
        subject=None,
        anonymous=True,
        themes=("serious_organised_crime",),
    ),
    Story(
        kinds=("county_lines",),
        agencies=("schools", "police", "youth_justice"),
        sentences=(
            "{victim} has gone missing three times and came back with new trainers and two phones.",
            "An older friend waits for him outside {place}.",
        ),
        facts={
            "exploitation_signs": ["missing_episodes", "unexplained_money", "older_associates"],
            "child_in_household": "unknown",
            "in_county": "in",
        },
        victim=(13, 17),
        subject=(19, 27),
        relations={"none": "older friend"},
        themes=("serious_organised_crime",),
        consent=False,
        victim_is="he",
    ),
    Story(
        kinds=("county_lines", "substance_misuse"),
        agencies=("substance_misuse_service", "housing"),
        sentences=("{victim} owes money to a line from the city and is made to sell from {place}.",),
        facts={
            "exploitation_signs": ["cuckooing", "debt_bondage"],
            "substances": ["opioids", "cocaine"],
            "nrm_consent": ("yes", "no"),
            "in_county": "in",
        },
        subject=None,
    ),
)

SUBSTANCE_MISUSE = (
    Story(
        kinds=("substance_misuse",),
        agencies=("schools", "youth_justice"),
        sentences=("{subject} was found with cannabis for the first time and says that it helps with sleep.",),
        facts={"substances": ["cannabis"], "first_recreational_use": "yes", "in_county": "in"},
        victim=None,
        subject=(14, 17),
    ),
    Story(
        kinds=("substance_misuse",),
        agencies=("prisons", "probation"),
        sentences=("{subject} leaves prison this week on a methadone script and has nowhere to collect it.",),
        facts={"substances": ["opioids"], "prison_release": "yes", "in_county": "in"},
        victim=None,
        needs="Needs a pharmacy before the weekend",
    ),
    Story(
        kinds=("substance_misuse",),
        agencies=("nhs_trust", "charities"),
        sentences=("{subject} drinks a bottle of spirits a day and asked for help for the first time.",),
        facts={"substances": ["alcohol"], "first_recreational_use": "no", "in_county": "in"},
        victim=None,
        subject=(30, 67),
    ),
)

REOFFENDING = (
    Story(
        kinds=("reoffending",),
        agencies=("probation",),
        sentences=("{subject} missed two appointments and was seen with the people he offended with before.",),
        facts={"prison_release": ("no", "yes"), "in_county": "in"},
        victim=None,
        subject_is="he",
    ),
    Story(
        kinds=("reoffending", "substance_misuse"),
        agencies=("prisons",),
        sentences=("{subject} is to be released without an address; the last two releases ended in shop theft.",),
        facts={"prison_release": "yes", "substances": ["opioids", "other"], "in_county": "in"},
        victim=None,
    ),
)

ORGANISED = ORGANISED_CRIME + SUBSTANCE_MISUSE + REOFFENDING
