"""Payment cards of all issuers and IBANs of all countries (SWIFT IBAN registry), with right check digits."""

import random
import string

from .patterns import digits, luhn_digit

_ISSUERS = (  # prefix, length
    ("4", 16), ("4", 16), ("4", 16), ("4", 19), ("51", 16), ("53", 16), ("55", 16), ("2221", 16), ("2345", 16), ("2719", 16),
    ("34", 15), ("37", 15), ("6011", 16), ("644", 16), ("65", 16), ("36", 14), ("300", 14), ("38", 14), ("3528", 16),
    ("3589", 16), ("62", 16), ("6212", 19), ("5018", 16), ("6304", 16), ("6759", 18), ("2202", 16), ("6062", 16))
_GROUPS = {15: (4, 6, 5), 14: (4, 6, 4), 16: (4, 4, 4, 4), 18: (4, 4, 4, 4, 2), 19: (4, 4, 4, 4, 3)}


def card(rng: random.Random) -> str:
    prefix, length = rng.choice(_ISSUERS)
    body = prefix + digits(rng, length - len(prefix) - 1)
    return _grouped(rng, body + luhn_digit(body))


def bad_card(rng: random.Random) -> str:
    """The right look with a wrong check digit."""
    prefix, length = rng.choice(_ISSUERS)
    body = prefix + digits(rng, length - len(prefix) - 1)
    return _grouped(rng, body + str((int(luhn_digit(body)) + rng.randint(1, 9)) % 10))


def _grouped(rng: random.Random, number: str) -> str:
    separator = rng.choice(("", "", " ", "-"))
    parts, at = [], 0
    for size in _GROUPS[len(number)]:
        parts.append(number[at:at + size])
        at += size
    return separator.join(parts)


# The part behind country and check digits: n digits, a capitals, c either.
IBAN_FORMS = {
    "AD": "8n12c", "AE": "19n", "AL": "8n16c", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n", "BG": "4a6n8c", "BH": "4a14c",
    "BI": "23n", "BR": "23n1a1c", "BY": "4c4n16c", "CH": "5n12c", "CR": "18n", "CY": "8n16c", "CZ": "20n", "DE": "18n", "DJ": "23n",
    "DK": "14n", "DO": "4c20n", "EE": "16n", "EG": "25n", "ES": "20n", "FI": "14n", "FK": "2a12n", "FO": "14n", "FR": "10n11c2n",
    "GB": "4a14n", "GE": "2a16n", "GI": "4a15c", "GL": "14n", "GR": "7n16c", "GT": "4c20c", "HR": "17n", "HU": "24n", "IE": "4a14n",
    "IL": "19n", "IQ": "4a15n", "IS": "22n", "IT": "1a10n12c", "JO": "4a4n18c", "KW": "4a22c", "KZ": "3n13c", "LB": "4n20c",
    "LC": "4a24c", "LI": "5n12c", "LT": "16n", "LU": "3n13c", "LV": "4a13c", "LY": "21n", "MC": "10n11c2n", "MD": "2c18c",
    "ME": "18n", "MK": "3n10c2n", "MR": "23n", "MT": "4a5n18c", "MU": "4a19n3a", "NL": "4a10n", "NO": "11n", "PK": "4a16c",
    "PL": "24n", "PS": "4a21c", "PT": "21n", "QA": "4a21c", "RO": "4a16c", "RS": "18n", "SA": "2n18c", "SC": "4a20n3a",
    "SE": "20n", "SI": "15n", "SK": "20n", "SM": "1a10n12c", "ST": "21n", "SV": "4a20n", "TL": "19n", "TN": "20n", "TR": "6n16c",
    "UA": "6n19c", "VA": "18n", "VG": "4a16n", "XK": "16n",
}
_COUNTRIES = tuple(IBAN_FORMS)
_CHARACTERS = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits + string.ascii_uppercase}


def _body(rng: random.Random, form: str) -> str:
    out, count = "", ""
    for c in form:
        if c.isdigit():
            count += c
        else:
            out += "".join(rng.choices(_CHARACTERS[c], k=int(count)))
            count = ""
    return out


def _check(country: str, body: str) -> int:
    """ISO 7064, MOD 97-10."""
    return 98 - int("".join(str(int(c, 36)) for c in body + country + "00")) % 97


def iban(rng: random.Random) -> str:
    country = rng.choice(_COUNTRIES)
    body = _body(rng, IBAN_FORMS[country])
    return _iban_text(rng, f"{country}{_check(country, body):02}{body}")


def bad_iban(rng: random.Random) -> str:
    country = rng.choice(_COUNTRIES)
    body = _body(rng, IBAN_FORMS[country])
    return _iban_text(rng, f"{country}{(_check(country, body) + rng.randint(1, 60)) % 97:02}{body}")


def _iban_text(rng: random.Random, text: str) -> str:
    roll = rng.random()
    if roll < 0.45:
        return " ".join(text[i:i + 4] for i in range(0, len(text), 4))
    return text.lower() if roll > 0.95 else text
