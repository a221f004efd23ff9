"""Stories of neighbourhood crime: behaviour, theft, fraud, hate, what becomes of complaints, and what fits nowhere."""

from fingerpost_intake.samples.story import Story

NEIGHBOUR = {"none": "neighbour"}
STRANGER = {"none": "not known"}

ASB = (
    Story(
        kinds=("asb",),
        agencies=("residents_web_form", "housing_association", "council"),
        sentences=("Loud music and banging at {place} until three in the morning, the fourth night this month.",),
        facts={"asb": ["noise"], "qualifying_complaints_6m": range(1, 6), "in_county": "in"},
        relations=NEIGHBOUR,
    ),
    Story(
        kinds=("asb",),
        agencies=("residents_web_form", "council"),
        sentences=("A van tipped rubbish by {place}, and two dogs roam there barking all day.",),
        facts={"asb": ["dumping_rubbish", "animal_nuisance"], "qualifying_complaints_6m": range(3), "in_county": "in"},
        subject=None,
    ),
    Story(
        kinds=("asb",),
        agencies=("housing_association", "police"),
        sentences=(
            "{subject} shouts abuse at {victim} whenever she leaves the house and has kicked her gate in.",
            "She uses a wheelchair and has stopped going out.",
        ),
        facts={
            "asb": ["verbal_abuse", "abusive_behaviour", "vandalism"],
            "qualifying_complaints_6m": range(2, 7),
            "in_county": "in",
        },
        victim=(40, 84),
        relations=NEIGHBOUR,
        needs="Uses a wheelchair",
        victim_is="she",
    ),
    Story(
        kinds=("asb",),
        agencies=("fire_and_rescue", "police"),
        sentences=("A bin was set alight against the door of {place} in the night.", "{victim} smelt petrol."),
        facts={"asb": ["arson", "intimidation"], "weapon": "none", "in_county": "in"},
        relations=STRANGER,
    ),
    Story(
        kinds=("asb",),
        agencies=("police", "council"),
        sentences=(
            "Cars race around the car park behind {place} every Friday.",
            "Drinkers fight there afterwards, and one of them followed {victim} home.",
        ),
        facts={
            "asb": ["inconsiderate_driving", "antisocial_drinking", "shouting_fighting", "harassment"],
            "qualifying_complaints_6m": range(1, 5),
            "in_county": "in",
        },
        subject=None,
        themes=("community_engagement",),
    ),
)

ACQUISITIVE = (
    Story(
        kinds=("acquisitive",),
        agencies=("police",),
        sentences=("The back door of {place} was forced; jewellery and a laptop are gone.",),
        facts={"acquisitive_kinds": ["burglary"], "in_county": "in"},
        victim=(24, 86),
        subject=None,
    ),
    Story(
        kinds=("acquisitive",),
        agencies=("police",),
        sentences=("{victim} was threatened near {place} and handed over his phone.",),
        facts={"acquisitive_kinds": ["robbery"], "weapon": ("none", "other", "bladed"), "in_county": "in"},
        victim=(16, 40),
        relations=STRANGER,
        victim_is="he",
    ),
    Story(
        kinds=("acquisitive", "reoffending"),
        agencies=("council", "charities"),
        sentences=("{subject} takes meat and spirits from the shop at {place} about twice a week.",),
        facts={"acquisitive_kinds": ["shoplifting", "theft"], "in_county": "in"},
        victim=None,
    ),
)

FRAUD = (
    Story(
        kinds=("fraud",),
        agencies=("trading_standards", "charities"),
        sentences=(
            "A man who said he was from the bank had {victim} move her savings, and is to call again tomorrow.",
            "She has not told her family.",
        ),
        facts={"ongoing": "yes", "in_county": "in"},
        victim=(63, 92),
        subject=None,
        victim_is="she",
    ),
    Story(
        kinds=("fraud",),
        agencies=("residents_web_form", "police"),
        sentences=("{victim} paid for a caravan that was advertised online and never came.",),
        facts={"ongoing": "no", "in_county": "in"},
        victim=(22, 58),
        subject=None,
    ),
)

HATE_CRIME = (
    Story(
        kinds=("hate_crime",),
        agencies=("police", "victim_service"),
        sentences=("{subject} shouted at {victim} about where her family comes from and spat at her car.",),
        facts={"hate_strands": ["race"], "hate_incident": "yes", "injury": "none", "in_county": "in"},
        relations=NEIGHBOUR,
        victim_is="she",
    ),
    Story(
        kinds=("hate_crime", "asb"),
        agencies=("residents_web_form", "charities"),
        sentences=("A group followed {victim} from {place} and mocked how he dresses and the music he likes.",),
        facts={
            "hate_strands": ["alternative_lifestyles"],
            "hate_incident": "yes",
            "asb": ["harassment", "verbal_abuse"],
            "in_county": "in",
        },
        victim=(16, 27),
        subject=None,
        victim_is="he",
    ),
    Story(
        kinds=("hate_crime",),
        agencies=("charities", "police"),
        sentences=(
            "{subject} and others call themselves friends of {victim}, eat her food and spend her benefits.",
            "They laugh at her because she has a learning disability.",
        ),
        facts={
            "hate_strands": ["disability"],
            "hate_incident": "yes",
            "learning_disability_exploitation": "yes",
            "care_and_support_needs": "yes",
            "cannot_protect_self": "yes",
            "abuse_or_neglect": "yes",
            "in_county": "in",
        },
        relations={"none": "acquaintance"},
        needs="Learning disability; prefers to have her advocate there",
        victim_is="she",
    ),
    Story(
        kinds=("hate_crime",),
        agencies=("victim_service", "residents_web_form"),
        sentences=("{victim} found slurs painted on the door of {place}, after being pushed in the street last week.",),
        facts={
            "hate_strands": ["sexual_orientation", "gender_identity"],
            "hate_incident": "yes",
            "injury": ("none", "minor"),
            "in_county": "in",
        },
        relations=STRANGER,
    ),
    Story(
        kinds=("hate_crime", "asb"),
        agencies=("police", "charities"),
        sentences=("The prayer room at {place} was broken into and its books thrown in the yard; {victim} found them.",),
        facts={
            "hate_strands": ["religion_or_faith"],
            "hate_incident": "yes",
            "asb": ["vandalism"],
            "injury": "none",
            "in_county": "in",
        },
        subject=None,
    ),
)

CASE_REVIEW = (
    Story(
        kinds=("case_review",),
        agencies=("residents_web_form", "council"),
        sentences=("{victim} asks for a review: the noise and threats at {place} were reported and nothing changed.",),
        facts={
            "asb": ["noise", "intimidation"],
            "qualifying_complaints_6m": range(3, 9),
            "case_review_application": "applied",
            "in_county": "in",
        },
        relations=NEIGHBOUR,
    ),
    Story(
        kinds=("case_review",),
        agencies=("housing_association", "council"),
        sentences=("Our records show three reports by {victim} since the spring. Nobody has told her of a review.",),
        facts={
            "asb": ["harassment"],
            "qualifying_complaints_6m": range(3, 6),
            "case_review_application": "not_applied",
            "in_county": "in",
        },
        relations=NEIGHBOUR,
        victim_is="she",
    ),
)

OTHER = (
    Story(
        kinds=("other",),
        agencies=("residents_web_form", "charities"),
        sentences=("People at {place} feel unsafe on the path by the river since the lamps went out.",),
        facts={"in_county": "in"},
        victim=None,
        subject=None,
        themes=("prevention", "community_engagement"),
    ),
    Story(
        kinds=("other",),
        agencies=("schools", "nhs_trust"),
        sentences=("{victim} may have moved to Herefordshire from another county; we do not know who works with the family.",),
        facts={"in_county": "out", "child_in_household": "yes"},
        victim=(20, 44),
        subject=None,
    ),
)

NEIGHBOURHOOD = ASB + ACQUISITIVE + FRAUD + HATE_CRIME + CASE_REVIEW + OTHER
