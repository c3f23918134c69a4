"""Compares what was found with what is there."""

from collections import defaultdict
from dataclasses import dataclass, field

from . import identities

CORE = ("EMAIL", "PHONE_NUMBER", "CREDIT_CARD", "IBAN", "USA_SSN", "IP_ADDRESS", "MAC_ADDRESS")
# Many national numbers look alike (nine digits with one of several checksums) and are masked alike: they are judged
# as one family.
NATIONAL = "NATIONAL_ID"
_OTHERS = (*CORE, "JSON_WEB_TOKEN", "AWS_ACCESS_KEY", "CRYPTO_ADDRESS", "PERSON_NAME", "POSTAL_ADDRESS", "DATE_OF_BIRTH", "URL_CREDENTIALS",
           "API_KEY", "AWS_SECRET_KEY", "PRIVATE_KEY", "BIC", "BANK_ACCOUNT", "GPS_COORDINATES", "NOT_UTF8")
TYPES = tuple(dict.fromkeys((*CORE, *(kind.type for kind in identities.KINDS), "PERSON_NAME", "POSTAL_ADDRESS", "DATE_OF_BIRTH")))


def family(type_: str) -> str:
    return type_ if type_ in _OTHERS else NATIONAL


@dataclass
class Score:
    """of one family of types. Bare labels stand apart."""

    labels: int = 0
    found: int = 0  # labels that a hit of the family overlaps
    exact: int = 0  # ... with just their bytes
    covered: int = 0  # labels of which no byte is outside all hits, of whatever type: what masking is about
    false: int = 0  # hits where nothing personal stands
    confused: int = 0  # hits where personal data of another kind stands
    hits: int = 0  # all, but for those on bare labels and on kinds that were not looked for
    bare: int = 0
    bare_found: int = 0
    misses: list = field(default_factory=list)  # (corpus, label)
    wrong: list = field(default_factory=list)  # (corpus, hit, its text)

    @property
    def recall(self):
        return self.found / self.labels if self.labels else 1.0

    @property
    def precision(self):
        return 1 - (self.false + self.confused) / self.hits if self.hits else 1.0

    @property
    def f1(self):
        total = self.recall + self.precision
        return 2 * self.recall * self.precision / total if total else 0.0

    @property
    def strict_recall(self):
        return self.exact / self.labels if self.labels else 1.0

    @property
    def strict_precision(self):
        return self.exact / self.hits if self.hits else 1.0

    @property
    def coverage(self):
        return self.covered / self.labels if self.labels else 1.0

    def figures(self) -> dict:
        names = ("labels", "found", "exact", "covered", "false", "confused", "hits", "bare", "bare_found", "recall", "precision", "f1", "strict_recall", "strict_precision", "coverage")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Hit:
    record: int
    place: str
    begin: int
    end: int
    type: str


def _overlaps(a, b) -> bool:
    return a.begin < b.end and b.begin < a.end


def _covers(hits, label) -> bool:
    at = label.begin
    for hit in sorted(hits, key=lambda hit: hit.begin):
        if hit.begin <= at:
            at = max(at, hit.end)
    return at >= label.end


def score(corpus, hits, known: set, scores: dict | None = None) -> dict:
    """Adds the corpus to the scores by family. `known`: types that the program looked for; labels of others are left out."""
    scores = scores if scores is not None else defaultdict(Score)
    hits_at, labels_at = defaultdict(list), defaultdict(list)
    for hit in hits:
        hits_at[hit.record, hit.place].append(hit)
    for label in corpus.labels:
        labels_at[label.record, label.place].append(label)
    for place, labels in labels_at.items():
        _score_labels(corpus, labels, hits_at.get(place, ()), known, scores)
    for place, found in hits_at.items():
        _score_hits(corpus, found, labels_at.get(place, ()), known, scores)
    return scores


def _score_labels(corpus, labels, hits, known, scores) -> None:
    for label in labels:
        if label.type not in known:
            continue
        result = scores[family(label.type)]
        same = [hit for hit in hits if family(hit.type) == family(label.type) and _overlaps(hit, label)]
        if label.bare:
            result.bare += 1
            result.bare_found += bool(same)
            continue
        result.labels += 1
        result.found += bool(same)
        result.exact += any((hit.begin, hit.end) == (label.begin, label.end) for hit in same)
        result.covered += _covers(hits, label)
        if not same:
            result.misses.append((corpus, label))


def _score_hits(corpus, hits, labels, known, scores) -> None:
    for hit in hits:
        over = [label for label in labels if _overlaps(hit, label)]
        if any(label.bare or label.type not in known for label in over):
            continue
        result = scores[family(hit.type)]
        result.hits += 1
        if not any(family(label.type) == family(hit.type) for label in over):
            result.confused += bool(over)
            result.false += not over
            text = corpus.values.get((hit.record, hit.place), "").encode()[hit.begin:hit.end].decode(errors="replace")
            result.wrong.append((corpus, hit, text))
