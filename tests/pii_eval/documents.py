"""Labelled documents: relational columns (CSV), free text (lines) and nested JSON (lines)."""

import csv
import io
import json
import random
import re
from dataclasses import dataclass, field

from . import contacts, identities, negatives, network, payments, people, phones


@dataclass(frozen=True)
class Label:
    """Bytes [begin, end) of the value at `place` of a record hold personal data of that type. A bare one is a run of
    digits that nothing around it tells to be personal: reported, but not counted."""

    record: int
    place: str
    begin: int
    end: int
    type: str
    bare: bool
    origin: str  # country or form, for the list of misses
    text: str


@dataclass
class Text:
    """A value under construction: pieces, some of which are labelled."""

    pieces: list = field(default_factory=list)  # (text, type or None, bare, origin)

    def add(self, text: str) -> "Text":
        self.pieces.append((text, None, False, ""))
        return self

    def put(self, text: str, type_: str, bare: bool = False, origin: str = "") -> "Text":
        self.pieces.append((text, type_, bare, origin))
        return self

    def __str__(self) -> str:
        return "".join(piece[0] for piece in self.pieces)

    def labels(self, record: int, place: str):
        at = 0
        for text, type_, bare, origin in self.pieces:
            end = at + len(text.encode())
            if type_:
                yield Label(record, place, at, end, type_, bare, origin, text)
            at = end


@dataclass
class Corpus:
    name: str
    format: str  # of `freshet pii scan --format`
    content: bytes
    labels: list
    values: dict  # (record, place) -> the value, for the list of errors


class Maker:
    """Pieces of personal data of one locale. `told`: the words or the name around it say what it is."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.locale = people.locale_of(rng)

    def email(self, told=False) -> Text:
        return Text().put(contacts.email(self.rng, self.locale), "EMAIL")

    def phone(self, told=False) -> Text:
        phone = phones.phone(self.rng, self.locale.country if self.rng.random() < 0.9 else None)
        return Text().put(phone.text, "PHONE_NUMBER", phone.bare and not told, phone.country)

    def card(self, told=False) -> Text:
        return Text().put(payments.card(self.rng), "CREDIT_CARD")

    def iban(self, told=False) -> Text:
        text = payments.iban(self.rng)
        return Text().put(text, "IBAN", origin=text[:2].upper())

    def ip(self, told=False) -> Text:
        six = self.rng.random() < 0.4
        return Text().put(network.ipv6(self.rng) if six else network.ipv4(self.rng), "IP_ADDRESS", origin="v6" if six else "v4")

    def mac(self, told=False) -> Text:
        return Text().put(network.mac(self.rng), "MAC_ADDRESS")

    def ssn(self, told=False) -> Text:
        text = identities.ssn(self.rng, told)
        return Text().put(text, "USA_SSN", text.isdigit() and not told)

    def identity(self, told=True) -> tuple[Text, str]:
        """One of the kinds that need their name beside them; and that name."""
        kind = self.rng.choice(identities.KINDS)
        return Text().put(kind.make(self.rng), kind.type, origin=kind.word), kind.word

    def name(self, told=False) -> Text:
        return Text().put(people.name(self.rng, self.locale), "PERSON_NAME", not told)

    def address(self, told=False) -> Text:
        return Text().put(people.address(self.rng, self.locale), "POSTAL_ADDRESS", not told)

    def birthday(self, told=False) -> Text:
        return Text().put(people.birthday(self.rng), "DATE_OF_BIRTH", not told)

    def negative(self, told=False) -> Text:
        return Text().add(negatives.any_negative(self.rng)[1])

    def call(self, told=False) -> Text:
        return Text().add(self.locale.call)

    def write(self, told=False) -> Text:
        return Text().add(self.locale.write)

    def nick(self, told=False) -> Text:
        return Text().add(people.nickname(self.rng))


# {kind!}: the words before it tell what it is.
_SENTENCES = (
    "{call} {phone!} or {write} {email}", "{call}: {phone!}", "{name} <{email}>", "please ring {phone!} after 5, ask for {name}",
    "You reach me at {phone} or {email}.", "{email};{email}, {email}", "my new number is {phone!}, the old one {phone!} is gone",
    "{name}, {address}, {phone}", "mailto:{email}?subject=hi", "tel:{phone!}", "contact={email}&ref={negative}", "({email})", "[{phone}]",
    "{call} {phone!}/{call} {phone!}", "user {nick} logged in from {ip}", "ip={ip} user={email} status=200", "{ip} - - \"GET /a/b?x=1\" 200 {negative}",
    "host {ip} has mac {mac}", "lease {mac} -> {ip}", "paid with card {card}, exp 11/27", "card no. {card!}", "{card}", "IBAN {iban!}, thanks",
    "please transfer to {iban} by Friday", "SSN: {ssn!}", "his social is {ssn!}", "{ssn} is on file", "{name} ({birthday}) moved to {address}",
    "born {birthday!}", "order {negative} was sent", "{negative}", "{negative} and {negative}", "{negative}, {negative}; {negative}",
    "re: {negative}: write to {email} about it", "{phone} {negative}", "see {negative}\t{phone}\t{email}", "“{phone}”", "Kontakt: {phone!}; {email}!",
    "fwd from {email}: \"{negative}\"", "{write}={email}", "\"email\":\"{email}\",\"phone\":\"{phone!}\"", "{name} | {phone} | {email} | {negative}",
    "no personal data here, just {negative}", "a meeting at 10:30 in room 4.117, 12 people, 3 hours", "Lorem ipsum dolor sit amet, {negative}",
    "{email}, {phone}", "WhatsApp {phone!}", "fax {phone!}", "hello {nick}, your code is 48213", "IMPORTANT {email} URGENT", "{phone} ({name})",
    "reboot of {mac} at {negative}", "card {card!}, iban {iban!}, ip {ip}", "{identity}", "{identity}; {negative}", "id check ok: {identity}, {name}",
)
_PART = re.compile(r"\{(\w+)(!?)\}")


def sentence(rng: random.Random) -> Text:
    maker, out = Maker(rng), Text()
    at, template = 0, rng.choice(_SENTENCES)
    for match in _PART.finditer(template):
        out.add(template[at:match.start()])
        at = match.end()
        if match[1] == "identity":
            text, word = maker.identity()
            out.add(f"{word} ")
        else:
            text = getattr(maker, match[1])(told=bool(match[2]))
        out.pieces += text.pieces
    return out.add(template[at:])


def _collect(corpus: Corpus, text: Text, record: int, place: str) -> str:
    value = str(text)
    corpus.values[record, place] = value
    corpus.labels += text.labels(record, place)
    return value


def free_text(rng: random.Random, records: int) -> Corpus:
    corpus = Corpus("free text", "text", b"", [], {})
    lines = [_collect(corpus, sentence(rng), n, "line") for n in range(1, records + 1)]
    assert not any("\n" in line for line in lines)
    corpus.content = "".join(line + "\n" for line in lines).encode()
    return corpus


# Column -> what it holds, and whether its name tells so.
_COLUMNS = {
    "email": ("email", True), "reach": ("email", False), "phone": ("phone", True), "mobile_number": ("phone", True), "info": ("phone", False),
    "card_number": ("card", True), "pay": ("card", False), "iban": ("iban", True), "bank": ("iban", False), "ssn": ("ssn", True), "tax": ("ssn", False),
    "ip_address": ("ip", True), "origin": ("ip", False), "mac": ("mac", True), "station": ("mac", False), "full_name": ("name", True),
    "address": ("address", True), "date_of_birth": ("birthday", True),
}


def columns(rng: random.Random, records: int) -> Corpus:
    corpus = Corpus("columns", "csv", b"", [], {})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=rng.choice(("\n", "\r\n")))
    kinds = {kind.column: kind for kind in identities.KINDS}
    writer.writerow(["id", *_COLUMNS, *kinds, *negatives.MAKERS, "note"])
    for n in range(1, records + 1):
        maker = Maker(rng)
        row = [str(1000 + n)]
        for name, (kind, told) in _COLUMNS.items():
            text = getattr(maker, kind)(told) if rng.random() < 0.92 else Text()
            row.append(_collect(corpus, text, n, name))
        for name, kind in kinds.items():
            row.append(_collect(corpus, Text().put(kind.make(rng), kind.type, origin=kind.word), n, name))
        for name, make in negatives.MAKERS.items():
            row.append(_collect(corpus, Text().add(make(rng)), n, name))
        row.append(_collect(corpus, sentence(rng), n, "note"))
        writer.writerow(row)
    corpus.content = out.getvalue().encode()
    return corpus


def _document(rng: random.Random) -> dict:
    """Objects and lists with Text leaves."""
    maker = Maker(rng)
    document = {
        "user": {"handle": maker.nick(), "contact": {"mail": maker.email(), "phones": [maker.phone(told=True) for _ in range(rng.randint(0, 3))]}},
        "events": [{"at": Text().add(negatives.timestamp(rng)), "source": maker.ip(), "text": sentence(rng)} for _ in range(rng.randint(0, 3))],
        "order": {"no": Text().add(negatives.order_number(rng)), "total": Text().add(negatives.price(rng)), "ref": Text().add(negatives.identifier(rng))},
        "meta": {"build": Text().add(negatives.version(rng)), "digest": Text().add(negatives.content_hash(rng)), "tags": [sentence(rng) for _ in range(rng.randint(0, 2))]},
    }
    if rng.random() < 0.5:
        document["payment"] = {"card": maker.card(), "account": maker.iban(), "device": {"hw": maker.mac()}}
    if rng.random() < 0.3:
        document["deep"] = {"a": {"b": [{"c": {"d": [maker.email(), [maker.phone()]]}}]}}
    return document


def _resolved(value, place: str, record: int, corpus: Corpus):
    if isinstance(value, Text):
        return _collect(corpus, value, record, place)
    if isinstance(value, dict):
        return {key: _resolved(member, f"{place}.{key}" if place else key, record, corpus) for key, member in value.items()}
    return [_resolved(member, f"{place}[{i}]", record, corpus) for i, member in enumerate(value)]


def nested(rng: random.Random, records: int) -> Corpus:
    corpus = Corpus("nested JSON", "jsonl", b"", [], {})
    lines = [json.dumps(_resolved(_document(rng), "", n, corpus), ensure_ascii=rng.random() < 0.3) for n in range(1, records + 1)]
    corpus.content = "".join(line + "\n" for line in lines).encode()
    return corpus


def corpora(seed: int, records: int) -> list[Corpus]:
    """The same for the same seed and size."""
    return [make(random.Random(f"{seed} {make.__name__}"), records) for make in (columns, free_text, nested)]
