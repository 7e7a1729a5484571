"""What came is looked through, and every doubtful span is asked for again, once, as far as the limits allow.

What is doubtful is decided in ``suspicion``; what is asked for then, in ``cures``.
"""

from dataclasses import dataclass, field
from itertools import groupby

from gmpsai_assets.acnet.errors import AcnetError
from gmpsai_assets.pull.cures import NOT_ASKED, Verdict, cure
from gmpsai_assets.pull.findings import shortened
from gmpsai_assets.pull.gathered import Gathered
from gmpsai_assets.pull.outcome import Finding
from gmpsai_assets.pull.patience import JUDGING
from gmpsai_assets.pull.suspicion import Doubt, doubts, without_number

_ONE_BY_ONE = 4
"""More doubts of one kind than this are asked for again in one request that covers them all."""

_TOGETHER = ("quiet", "service message")


@dataclass
class Review:
    """The doubts about what was gathered of one subject.

    Attributes:
        got: what came, and what asking again adds to it.
        verdicts: what became of each doubt that was asked for again.
        incomplete: after ``run``, whether something may still be there that did not come.
    """

    got: Gathered
    verdicts: dict[Doubt, Verdict] = field(default_factory=dict)
    incomplete: bool = False
    _repeats: int = 0

    def run(self) -> list[Finding]:
        """Ask again where it can help, until nothing doubtful is left that was not asked for.

        Returns:
            What remains doubtful, and, marked as repaired, what asking again cured.
        """
        while True:
            found = self._doubts()
            new = [doubt for doubt in found if doubt not in self.verdicts]
            if not new:
                return self._findings(found)
            group = [doubt for doubt in new if doubt.kind == new[0].kind]
            together = len(group) > _ONE_BY_ONE or group[0].kind in _TOGETHER
            self._ask_again(group if together else group[:1])

    def _doubts(self) -> list[Doubt]:
        with JUDGING:
            found = doubts(self.got.rows, self.got.expected) + without_number(self.got.rows)
        return found + list(dict.fromkeys(self.got.said))

    def _ask_again(self, group: list[Doubt]) -> None:
        if self._repeats >= self.got.asker.asking.most_repeats or self.got.asker.exhausted:
            verdict = NOT_ASKED
        else:
            self._repeats += 1
            cover = Doubt(group[0].kind, group[0].start, max(doubt.end for doubt in group), "")
            try:
                verdict, unsettled = cure(self.got, cover)
            except AcnetError as error:
                verdict, unsettled = ("open", f"asking again failed: {error.what}"), None
            if unsettled is not None:
                self.verdicts[unsettled] = verdict
        for doubt in group:
            self.verdicts[doubt] = verdict

    def _findings(self, found: list[Doubt]) -> list[Finding]:
        # These are not seen in the rows any more although they were not settled.
        unseen = [
            doubt
            for doubt, (settled, _) in self.verdicts.items()
            if settled == "open"
            and (
                doubt.kind == "clock step" or (doubt.kind == "row limit" and self._may_go_on(found))
            )
        ]
        remaining = list(dict.fromkeys(found + unseen))
        open_doubts = any(self.verdicts[doubt][0] == "open" for doubt in remaining)
        self.incomplete = open_doubts or bool(self.got.differing)
        findings = [
            Finding(d.kind, d.start, d.end, f"{d.detail}; {self.verdicts[d][1]}") for d in remaining
        ]
        findings += [
            Finding(d.kind, d.start, d.end, f"{d.detail}; asked again: {_cured(d)}", repaired=True)
            for d in self.verdicts
            if not any(_about_the_same(d, each) for each in remaining)
        ]
        findings += self.got.differing
        return [one for _, each in groupby(findings, _kind) for one in shortened(list(each))]

    def _may_go_on(self, found: list[Doubt]) -> bool:
        """Whether rows may be missing at the end of the window."""
        no_rate = self.got.expected.period is None
        return no_rate or any(doubt.kind == "tail missing" for doubt in found)


def _cured(doubt: Doubt) -> str:
    return "not so any more" if doubt.kind == "service message" else "it came"


def _kind(finding: Finding) -> tuple[str, bool]:
    return finding.kind, finding.repaired


def _about_the_same(one: Doubt, other: Doubt) -> bool:
    return one.kind == other.kind and one.start < other.end and other.start < one.end
