"""What a handler puts off for longer than a minute is told, once a minute at most."""

from fingerpost_shared.runtime.patience import Lasting, Patience


def told(patience: Patience, timetable: dict[float, int]) -> dict[float, Lasting]:
    """When something is told, if these messages are put off at these seconds."""
    lines = {now: patience.put_off(sequence, now) for now, sequence in timetable.items()}
    return {now: line for now, line in lines.items() if line is not None}


def test_what_is_put_off_for_a_minute_is_told_and_told_again_each_minute() -> None:
    every_fifteen_seconds = dict.fromkeys(map(float, range(1000, 1200, 15)), 1)

    assert told(Patience(), every_fifteen_seconds) == {1060: Lasting(60, 1), 1120: Lasting(120, 1), 1180: Lasting(180, 1)}


def test_one_line_counts_all_that_have_lasted() -> None:
    timetable = {now + sequence: sequence for now in range(1000, 1076, 15) for sequence in (1, 2, 3)}

    assert told(Patience(), timetable) == {1061: Lasting(60, 1)}
    assert told(patience := Patience(), timetable | {1121.0: 1}) == {1061: Lasting(60, 1), 1121: Lasting(120, 3)}
    assert patience.has_any


def test_what_was_settled_meanwhile_is_not_told() -> None:
    patience = Patience()
    patience.put_off(1, 1000)
    patience.settled(1)

    assert not patience.has_any
    assert patience.put_off(1, 1070) is None


def test_what_another_replica_has_settled_is_forgotten() -> None:
    patience = Patience()
    patience.put_off(1, 1000)

    assert told(patience, dict.fromkeys(map(float, range(1070, 1131, 15)), 2)) == {1130: Lasting(60, 1)}
