"""Stories of domestic abuse and of sexual violence."""

from fingerpost_intake.samples.story import Story

PARTNERS = {
    "spouse": "husband",
    "intimate": "ex-partner",
    "engaged": "fiancé",
    "parents_of_same_child": "father of her child",
    "civil_partner": "civil partner",
}
CALL_WITH_CARE = {"by": "phone", "when": "weekdays 10:00 to 14:00", "not": "leave no message, send no letter"}
BY_TEXT = {"by": "text", "when": "after 18:00", "not": "never call, he answers the phone"}

DOMESTIC_ABUSE = (
    Story(
        kinds=("domestic_abuse",),
        agencies=("police",),
        sentences=(
            "Officers were called to {place} after neighbours heard shouting.",
            "{victim} said that {subject} pushed her against a wall and took her phone.",
            "She has moved her things into the spare room and does not want him back.",
        ),
        facts={
            "abuse_kinds": ["physical_or_sexual", "psychological_or_other"],
            "child_in_household": ("no", "unknown"),
            "injury": ("none", "minor"),
            "weapon": "none",
            "in_county": "in",
            "marac_in_last_12m": "no",
        },
        relations=PARTNERS,
        safe_contact=CALL_WITH_CARE,
        dash=(3, 13),
        judgement=False,
        victim_is="she",
        subject_is="he",
    ),
    Story(
        kinds=("domestic_abuse",),
        agencies=("police", "womens_aid", "nhs_trust"),
        sentences=(
            "{victim} disclosed that {subject} threatened to kill her if she leaves.",
            "There have been several incidents this year and they are getting worse.",
            "She is afraid for the children, who were in the next room.",
        ),
        facts={
            "abuse_kinds": ["violent_or_threatening", "controlling_or_coercive"],
            "child_in_household": "yes",
            "escalating": "yes",
            "incidents_12m": range(3, 9),
            "injury": ("minor", "serious"),
            "in_county": "in",
        },
        relations=PARTNERS,
        children=((1, 6), (7, 14)),
        safe_contact=BY_TEXT,
        dash=(14, 22),
        judgement=True,
        consent=False,
        lawful_basis="vital_interests",
        victim_is="she",
        subject_is="he",
    ),
    Story(
        kinds=("domestic_abuse",),
        agencies=("womens_aid",),
        sentences=(
            "{victim} found a tracker under her car and says that {subject} watches her through the door-bell camera.",
            "He reads her messages and decides what she may spend.",
            "No risk assessment has been done yet.",
        ),
        facts={
            "abuse_kinds": ["controlling_or_coercive", "economic"],
            "technology_abuse": "yes",
            "child_in_household": ("no", "yes"),
            "in_county": "in",
        },
        relations=PARTNERS,
        safe_contact=BY_TEXT,
        victim_is="she",
        subject_is="he",
    ),
    Story(
        kinds=("domestic_abuse",),
        agencies=("police",),
        sentences=(
            "Third call to {place} this year, graded by the force's own assessment.",
            "{subject} had put his hands around the throat of {victim}.",
        ),
        facts={
            "abuse_kinds": ["physical_or_sexual"],
            "strangulation": "yes",
            "child_in_household": "unknown",
            "marac_in_last_12m": ("yes", "no"),
            "in_county": "in",
        },
        relations=PARTNERS,
        grades=("high",),
        consent=False,
        lawful_basis="legal_obligation",
        victim_is="she",
        subject_is="he",
    ),
    Story(
        kinds=("domestic_abuse", "vulnerability"),
        agencies=("council", "nhs_trust", "charities"),
        sentences=(
            "{victim} is looked after at home by {subject}, who takes her pension and shouts when she asks for help.",
            "She has bruises on both arms that she does not explain.",
        ),
        facts={
            "abuse_kinds": ["economic", "psychological_or_other"],
            "care_and_support_needs": "yes",
            "abuse_or_neglect": "yes",
            "cannot_protect_self": "yes",
            "child_in_household": "no",
            "subject_has_dementia": ("no", "yes"),
            "in_county": "in",
        },
        victim=(66, 91),
        subject=(35, 64),
        relations={"relatives": "adult son"},
        needs="Walks with a frame; hard of hearing",
        dash=(4, 12),
        judgement=False,
        victim_is="she",
        subject_is="he",
    ),
    Story(
        kinds=("domestic_abuse",),
        agencies=("schools",),
        sentences=(
            "{victim} told her form tutor that {subject} slaps her when she speaks to other boys.",
            "Her parents do not know and she asked us not to tell them.",
        ),
        facts={"abuse_kinds": ["physical_or_sexual", "controlling_or_coercive"], "in_county": "in"},
        victim=(13, 15),
        subject=(15, 18),
        relations={"intimate": "boyfriend"},
        safe_contact={"by": "in person", "when": "school hours", "not": "not through the parents"},
        consent=False,
        victim_is="she",
        subject_is="he",
    ),
)

SEXUAL_VIOLENCE = (
    Story(
        kinds=("sexual_violence",),
        agencies=("police", "nhs_trust"),
        sentences=(
            "{victim} reported an assault by somebody she met that evening at {place}.",
            "She wants support and has not decided whether to make a statement.",
        ),
        facts={"assault_in_last_7_days": "yes", "in_county": "in", "injury": ("none", "minor")},
        relations={"none": "met that evening"},
        safe_contact=CALL_WITH_CARE,
        victim_is="she",
    ),
    Story(
        kinds=("sexual_violence",),
        agencies=("womens_aid", "charities"),
        sentences=("{victim} spoke for the first time about abuse by {subject} some years ago.",),
        facts={"assault_in_last_7_days": "no", "ongoing": "no", "in_county": "in"},
        relations={"relatives": "uncle", "none": "former teacher"},
        safe_contact=CALL_WITH_CARE,
        subject_is="he",
    ),
    Story(
        kinds=("sexual_violence",),
        agencies=("schools", "nhs_trust"),
        sentences=(
            "{victim} was sent pictures by {subject} on a messaging app and pressed to send some back.",
            "It went further at the weekend at {place}.",
        ),
        facts={"assault_in_last_7_days": ("yes", "no"), "youth_related": "yes", "in_county": "in"},
        victim=(13, 17),
        subject=(15, 19),
        relations={"none": "school friend"},
        consent=False,
    ),
)

ABUSE = DOMESTIC_ABUSE + SEXUAL_VIOLENCE
