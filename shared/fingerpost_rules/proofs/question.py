"""What a search is asked: which boxes a point must be in, and which not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """Asks for a point outside all boxes of `forbid`; inside one box at least of each bitmap in `require`; and for each pair in
    `imply`, if inside any box of the first then inside one of the second."""

    forbid: int = 0
    require: tuple[int, ...] = ()
    imply: tuple[tuple[int, int], ...] = ()

    def __and__(self, other: "Question") -> "Question":
        return Question(self.forbid | other.forbid, (*self.require, *other.require), (*self.imply, *other.imply))

    def simplified(self) -> "Question | None":
        """A question with the same answers that leaves less to be searched; none, if it can have no answer."""
        forbid, require, imply = self.forbid, set(self.require), dict.fromkeys(self.imply)
        before = None
        while before != (forbid, len(require), len(imply)):
            before = (forbid, len(require), len(imply))
            for first, then in list(imply):
                if not then & ~forbid:
                    forbid |= first
                elif any(not one_of & ~first for one_of in require):
                    require.add(then & ~forbid)
                elif first & ~forbid:
                    continue
                del imply[first, then]
            require = {one_of & ~forbid for one_of in require}
            if 0 in require:
                return None
        return Question(forbid, tuple(sorted(require)), tuple(imply))

    def is_answered(self, may: int, sure: int) -> bool:
        """Whether all of a region answers, of which `may` boxes hold in some point and `sure` ones in all of them."""
        return (
            not may & self.forbid
            and all(sure & one_of for one_of in self.require)
            and all(not may & first or sure & then for first, then in self.imply)
        )

    def is_hopeless(self, may: int, sure: int) -> bool:
        """Whether no point of such a region answers."""
        return bool(
            sure & self.forbid
            or not all(may & one_of for one_of in self.require)
            or any(sure & first and not may & then for first, then in self.imply)
        )
