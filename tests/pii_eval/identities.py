"""Numbers that states and systems give to people, with right check digits where there are any."""

import base64
import hashlib
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

from .patterns import digits, fill, luhn_digit


def ssn(rng: random.Random, told: bool) -> str:
    area = rng.choice([n for n in (rng.randint(1, 899) for _ in range(4)) if n != 666])
    group, serial = rng.randint(1, 99), rng.randint(1, 9999)
    form = rng.random()
    if form < 0.8 or not told:
        return f"{area:03}-{group:02}-{serial:04}"
    return f"{area:03} {group:02} {serial:04}" if form < 0.9 else f"{area:03}{group:02}{serial:04}"


def _weighted(number: str, weights) -> int:
    return sum(int(d) * w for d, w in zip(number, weights))


def cpf(rng):
    body = digits(rng, 9)
    for start in (10, 11):
        rest = _weighted(body, range(start, 1, -1)) * 10 % 11
        body += str(rest % 10)
    return rng.choice((f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}", body))


def dni(rng):
    number = int(digits(rng, 8))
    return f"{number:08}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def pesel(rng):
    body = f"{rng.randint(40, 99)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{digits(rng, 4)}"
    return body + str(-_weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


def bsn(rng):
    while True:
        body = rng.choice("123456789") + digits(rng, 7)
        last = _weighted(body, range(9, 1, -1)) % 11
        if last < 10:
            return body + str(last)


def personnummer(rng):
    body = f"{rng.randint(40, 99)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{digits(rng, 3)}"
    return f"{body[:6]}-{body[6:]}{luhn_digit(body)}"


def nir(rng):
    body = f"{rng.choice('12')}{rng.randint(40, 99)}{rng.randint(1, 12):02}{rng.randint(1, 95):02}{rng.randint(1, 600):03}{rng.randint(1, 600):03}"
    key = f"{97 - int(body) % 97:02}"
    return rng.choice((f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key}", body + key))


def codice_fiscale(rng):
    consonants = "BCDFGLMNPRSTV"
    odd = dict(zip(string.digits + string.ascii_uppercase,
                   (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))
    body = "".join(rng.choices(consonants, k=6)) + f"{rng.randint(40, 99)}{rng.choice('ABCDEHLMPRST')}{rng.randint(1, 28):02}{rng.choice('ABCDEFGHL')}{rng.randint(100, 900)}"
    total = sum(odd[c] if i % 2 == 0 else int(c, 36) - (10 if c.isalpha() else 0) for i, c in enumerate(body))
    return body + string.ascii_uppercase[total % 26]


def nhs(rng):
    while True:
        body = rng.choice("4679") + digits(rng, 8)
        last = 11 - _weighted(body, range(10, 1, -1)) % 11
        if last != 10:
            last %= 11
            return f"{body[:3]} {body[3:6]} {body[6:]}{last}"


def nino(rng):
    return rng.choice(("AB", "CE", "JN", "WK", "ZR")) + rng.choice((f" {digits(rng, 2)} {digits(rng, 2)} {digits(rng, 2)} ", digits(rng, 6))) + rng.choice("ABCD")


def sin(rng):
    body = rng.choice("1234567") + digits(rng, 7)
    number = body + luhn_digit(body)
    return rng.choice((f"{number[:3]} {number[3:6]} {number[6:]}", f"{number[:3]}-{number[3:6]}-{number[6:]}"))


_D = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6), (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
      (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1), (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
      (8, 7, 6, 5, 9, 3, 2, 1, 0, 4), (9, 8, 7, 6, 5, 4, 3, 2, 1, 0))
_P = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2), (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
      (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1), (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8))


def aadhaar(rng):
    body, state = rng.choice("23456789") + digits(rng, 10), 0
    for i, d in enumerate(reversed(body)):
        state = _D[state][_P[(i + 1) % 8][int(d)]]
    number = body + str(_D[state].index(0))
    return rng.choice((f"{number[:4]} {number[4:8]} {number[8:]}", number))


def resident_id(rng):
    body = f"{rng.choice(('110101', '310104', '440106'))}{rng.randint(1950, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{digits(rng, 3)}"
    return body + "10X98765432"[sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(body)) % 11]


def rut(rng):
    number = rng.randint(5_000_000, 25_000_000)
    total = sum(int(d) * (2 + i % 6) for i, d in enumerate(reversed(str(number))))
    last = 11 - total % 11
    return f"{number:,}".replace(",", ".") + "-" + ("0" if last == 11 else "K" if last == 10 else str(last))


def nric(rng):
    body = digits(rng, 7)
    return "S" + body + "JZIHGFEDCBA"[_weighted(body, (2, 7, 6, 5, 4, 3, 2)) % 11]


def south_african(rng):
    body = f"{rng.randint(40, 99)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{digits(rng, 4)}08"
    return body + luhn_digit(body)


def tckn(rng):
    body = rng.choice("123456789") + digits(rng, 8)
    d = [int(c) for c in body]
    tenth = (sum(d[0::2]) * 7 - sum(d[1::2])) % 10
    return body + f"{tenth}{(sum(d) + tenth) % 10}"


def _segment(value) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwt(rng):
    return ".".join((_segment({"alg": "HS256", "typ": "JWT"}), _segment({"sub": digits(rng, 10), "iat": 1500000000 + rng.randint(0, 10**8)}), _segment(rng.randbytes(32))))


def aws_key(rng):
    return "AKIA" + "".join(rng.choices(string.ascii_uppercase + "234567", k=16))


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def bitcoin(rng):
    payload = b"\0" + rng.randbytes(20)
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def ethereum(rng):
    return "0x" + fill(rng, "H" * 40)


@dataclass(frozen=True)
class Kind:
    type: str
    word: str  # what stands before it in a text
    column: str
    make: Callable[[random.Random], str]


KINDS = (
    Kind("BRAZIL_CPF", "CPF", "cpf", cpf), Kind("SPAIN_DNI", "DNI", "dni", dni), Kind("POLAND_PESEL_NUMBER", "PESEL", "pesel", pesel),
    Kind("NETHERLANDS_CITIZEN_SERVICE_NUMBER", "BSN", "bsn", bsn), Kind("SWEDEN_NATIONAL_IDENTIFICATION_NUMBER", "personnummer", "personnummer", personnummer),
    Kind("FRANCE_NATIONAL_IDENTIFICATION_NUMBER", "sécurité sociale", "nir", nir), Kind("ITALY_FISCAL_CODE", "codice fiscale", "codice_fiscale", codice_fiscale),
    Kind("UK_NATIONAL_HEALTH_SERVICE_NUMBER", "NHS number", "nhs_number", nhs), Kind("UK_NATIONAL_INSURANCE_NUMBER", "National Insurance", "nino", nino),
    Kind("CANADA_SOCIAL_INSURANCE_NUMBER", "SIN", "sin", sin), Kind("INDIA_AADHAAR_NUMBER", "Aadhaar", "aadhaar", aadhaar), Kind("CHINA_IDENTIFICATION", "身份证", "id_card", resident_id),
    Kind("CHILE_RUT", "RUT", "rut", rut), Kind("SINGAPORE_NRIC", "NRIC", "nric", nric), Kind("SOUTH_AFRICA_PERSONAL_IDENTIFICATION_NUMBER", "SA ID", "sa_id", south_african),
    Kind("TURKEY_NATIONAL_IDENTIFICATION_NUMBER", "T.C. kimlik no", "tckn", tckn), Kind("JSON_WEB_TOKEN", "token", "jwt", jwt), Kind("AWS_ACCESS_KEY", "aws_access_key_id", "aws_access_key_id", aws_key),
    Kind("CRYPTO_ADDRESS", "bitcoin wallet", "btc_wallet", bitcoin), Kind("CRYPTO_ADDRESS", "ethereum wallet", "eth_wallet", ethereum),
)
