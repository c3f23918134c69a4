"""Text that looks like personal data and is none. Each maker gives a text and a name that a column of such text has."""

import base64
import hashlib
import random
import uuid
from datetime import datetime, timedelta, timezone

from .patterns import digits, fill, letters, luhn_digit
from .payments import bad_card, bad_iban


def _moment(rng: random.Random) -> datetime:
    return datetime(2015, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=rng.randint(0, 400_000_000))


def order_number(rng):
    return rng.choice((f"ORD-{rng.randint(2018, 2026)}-{digits(rng, 6)}", f"#{digits(rng, 7)}", f"SO{digits(rng, 8)}", f"{letters(rng, 2).upper()}-{digits(rng, 5)}-{digits(rng, 3)}",
                       f"PO {digits(rng, 6)}/{rng.randint(1, 99)}"))


def epoch(rng):
    seconds = int(_moment(rng).timestamp())
    return rng.choice((str(seconds), f"{seconds}{digits(rng, 3)}", f"{seconds}.{digits(rng, 6)}"))


def timestamp(rng):
    m = _moment(rng)
    return rng.choice((m.isoformat(), m.strftime("%Y-%m-%d %H:%M:%S"), m.strftime("%d.%m.%Y %H:%M"), m.strftime("%Y%m%d%H%M%S"), m.strftime("%m/%d/%Y"),
                       m.strftime("%Y-%m-%dT%H:%M:%S.123Z"), m.strftime("%Y-%m-%d_%H-%M-%S"), m.strftime("%a, %d %b %Y %H:%M:%S GMT"), m.strftime("%Y/%m/%d")))


def version(rng):
    r = rng.randint
    return rng.choice((f"v{r(0, 9)}.{r(0, 40)}.{r(0, 99)}", f"{r(1, 20)}.{r(0, 9)}.{r(0, 30)}-rc{r(1, 9)}", f"{r(100, 130)}.0.{r(1000, 7000)}.{r(10, 200)}", f"release-{r(2018, 2026)}.{r(1, 12)}.{r(0, 9)}",
                       f"{r(0, 9)}.{r(0, 9)}.{r(0, 9)}+build.{digits(rng, 4)}", f"libfoo.so.{r(1, 9)}.{r(0, 9)}.{r(0, 9)}"))


def content_hash(rng):
    data = rng.randbytes(16)
    return rng.choice((hashlib.md5(data).hexdigest(), hashlib.sha1(data).hexdigest(), hashlib.sha256(data).hexdigest(), hashlib.sha1(data).hexdigest()[:10],
                       "sha256:" + hashlib.sha256(data).hexdigest(), base64.b64encode(hashlib.sha256(data).digest()).decode()))


def identifier(rng):
    text = str(uuid.UUID(bytes=rng.randbytes(16), version=4))
    return rng.choice((text, text.upper(), text.replace("-", ""), f"urn:uuid:{text}", "{" + text + "}"))


def price(rng):
    whole, cents = rng.randint(1, 9_999_999), rng.randint(0, 99)
    return rng.choice((f"${whole:,}.{cents:02}", f"{whole:,}".replace(",", ".") + f",{cents:02} €", f"EUR {whole}.{cents:02}", f"£{whole:,}", f"{whole:,}".replace(",", " ") + f",{cents:02} kr",
                       f"¥{whole:,}", f"{whole}.{cents:02} USD", f"-{whole / 7:.4f}", f"{cents}.5 %"))


def book(rng):
    body = "978" + digits(rng, 9)
    check = str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body)) % 10)
    ten = digits(rng, 9)
    last = sum(int(d) * (i + 1) for i, d in enumerate(ten)) % 11
    ten += "X" if last == 10 else str(last)
    return rng.choice((f"{body[:3]}-{body[3]}-{body[4:8]}-{body[8:]}-{check}", body + check, f"ISBN {ten[0]}-{ten[1:5]}-{ten[5:9]}-{ten[9]}", f"ISBN-13: {body[:3]} {body[3:5]} {body[5:9]} {body[9:]} {check}"))


def ean(rng):
    body = rng.choice(("400", "501", "761", "890")) + digits(rng, 9)
    return "EAN " + body + str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body)) % 10)


def tracking(rng):
    return rng.choice((f"1Z{fill(rng, 'HHHHHH').upper()}{digits(rng, 10)}", f"RR{digits(rng, 9)}DE", f"JJD{digits(rng, 18)}", f"tracking {digits(rng, 12)}", f"9400 1{digits(rng, 3)} {digits(rng, 4)} {digits(rng, 4)} {digits(rng, 4)} {digits(rng, 2)}"))


def hex_id(rng):
    return rng.choice(("0x" + fill(rng, "HHHHHHHH"), fill(rng, "H" * 24), fill(rng, "HHHH-HHHH-HHHH"), f"trace={fill(rng, 'H' * 32)}", f"{fill(rng, 'HH:HH:HH')} -> color #{fill(rng, 'HHHHHH')}"))


def size(rng):
    return rng.choice((f"{rng.randint(100, 4000)}x{rng.randint(100, 4000)}", f"{rng.randint(1, 999)} x {rng.randint(1, 999)} x {rng.randint(1, 999)} mm", f"{rng.random() * 100:.2f} kg", f"{rng.randint(1, 99)}/{rng.randint(100, 999)}"))


def log_line(rng):
    m = _moment(rng)
    return rng.choice((
        f"{m:%Y-%m-%d %H:%M:%S},{digits(rng, 3)} INFO [main-{rng.randint(1, 64)}] c.a.b.Worker - batch {digits(rng, 8)} took {rng.randint(1, 99999)} ms",
        f"{m:%b %d %H:%M:%S} host-{rng.randint(1, 99)} kernel: [{digits(rng, 6)}.{digits(rng, 6)}] usb 1-{rng.randint(1, 9)}: new device {digits(rng, 2)}",
        f'level=warn ts={m:%Y-%m-%dT%H:%M:%S}.{digits(rng, 3)}Z msg="retry {rng.randint(1, 9)}/10" offset={digits(rng, 10)} lag={digits(rng, 4)}',
        f"GC({digits(rng, 4)}) Pause Young 1{digits(rng, 3)}M->{digits(rng, 3)}M({digits(rng, 4)}M) {rng.randint(1, 99)}.{digits(rng, 3)}ms",
        f"pid={digits(rng, 5)} tid={digits(rng, 15)} fd={digits(rng, 2)} errno={rng.randint(1, 99)}"))


def sql(rng):
    return rng.choice((
        f"SELECT * FROM t WHERE id IN ({digits(rng, 7)}, {digits(rng, 7)}, {digits(rng, 7)}) AND v > {rng.randint(1, 9)}.{digits(rng, 2)}",
        f"UPDATE s SET a = {digits(rng, 9)}, b = '{letters(rng, 8)}' WHERE k = '{identifier(rng)}'",
        f"INSERT INTO m (x, y) VALUES ({digits(rng, 6)}, -{rng.randint(1, 99)}.{digits(rng, 5)}); -- {digits(rng, 5)} rows"))


def code(rng):
    return rng.choice((
        "@Override public int hashCode() { return 31 * 17 + Objects.hash(a, b); }", f"@media (min-width: {digits(rng, 4)}px) {{ .a {{ margin: 0 {digits(rng, 2)}px }} }}",
        f"const MASK = 0x{fill(rng, 'HHHHHHHH')}; // {digits(rng, 5)}", f"git@github.com:acme/{letters(rng, 6)}.git", f"npm install @types/{letters(rng, 6)}@{rng.randint(1, 20)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}",
        f"a[{rng.randint(0, 99)}] = b @ c + {rng.randint(0, 99)}", f"img{digits(rng, 4)}@2x.png", f"@{letters(rng, 6)} thanks! see #{digits(rng, 5)}", f"docker pull x/y@sha256:{fill(rng, 'H' * 64)}"))


def imei_like(rng):
    body = "35" + digits(rng, 12)
    return "IMEI " + body + luhn_digit(body)


def serial(rng):
    return rng.choice((f"S/N {fill(rng, 'AAXXXXXXX')}", f"serial {digits(rng, 11)}", fill(rng, "XXXXX-XXXXX-XXXXX"), f"P/N {digits(rng, 3)}-{digits(rng, 5)}-{digits(rng, 2)}", f"lot {digits(rng, 6)}-{fill(rng, 'A')}"))


def account(rng):
    return rng.choice((f"customer {digits(rng, 8)}", f"account_id={digits(rng, 10)}", f"ticket {digits(rng, 7)}", f"invoice no. {digits(rng, 9)}", f"id: {digits(rng, 10)}"))


def socials(rng):
    """The look of a US social security number, in a range that is never given out."""
    return rng.choice((f"000-{digits(rng, 2)}-{digits(rng, 4)}", f"666-{digits(rng, 2)}-{digits(rng, 4)}", f"part {digits(rng, 3)}-00-{digits(rng, 4)}"))


def ratio(rng):
    return " ".join(f"{rng.random() * 100:.{rng.randint(1, 5)}f}" for _ in range(rng.randint(2, 6)))


def range_of_years(rng):
    y = rng.randint(1950, 2020)
    return rng.choice((f"{y}-{y + rng.randint(1, 30)}", f"FY{y}/{(y + 1) % 100:02}", f"Q{rng.randint(1, 4)} {y}", f"pp. {rng.randint(1, 400)}-{rng.randint(401, 999)}"))


# By the name of a column that holds such text.
MAKERS = {
    "order_no": order_number, "created_epoch": epoch, "created_at": timestamp, "app_version": version, "checksum": content_hash, "uuid": identifier,
    "price": price, "isbn": book, "ean": ean, "tracking_no": tracking, "trace": hex_id, "dimensions": size, "log": log_line, "query": sql, "snippet": code,
    "device": imei_like, "serial": serial, "reference": account, "part_no": socials, "test_card": bad_card, "bad_account": bad_iban, "ratios": ratio, "years": range_of_years,
}


_NAMES = tuple(MAKERS)


def any_negative(rng: random.Random) -> tuple[str, str]:
    name = rng.choice(_NAMES)
    return name, MAKERS[name](rng)
