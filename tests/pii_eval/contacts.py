"""Made-up e-mail addresses (RFC 5321, 6531) in the forms that people and systems write."""

import random
import unicodedata

from .patterns import digits, letters
from .people import Locale

_ZONES = ("com", "org", "net", "io", "de", "fr", "co.uk", "com.br", "co.jp", "edu", "info", "ai", "app", "museum",
          "technology", "com.au", "gov.uk", "online", "nl", "it", "ru", "cn", "mx", "dev")
_HOSTS = ("mail", "acme", "blue-sky", "northwind", "web4u", "example", "contoso", "gmail", "outlook", "uni-bonn", "stw", "q7")
_WIDE_DOMAINS = ("müller.de", "bücher.example", "пример.рф", "例子.中国", "почта.бел", "xn--mller-kva.de", "xn--e1afmkfd.xn--p1ai",
                 "société.fr", "παράδειγμα.ελ", "उदाहरण.भारत")
_ROLES = ("info", "sales", "no-reply", "support", "billing", "hr", "kontakt", "admin")


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in plain if c.isalnum()) or "user"


def _domain(rng: random.Random) -> str:
    host = rng.choice(_HOSTS) + (digits(rng, 2) if rng.random() < 0.1 else "")
    if rng.random() < 0.15:
        host = rng.choice(("mx", "eu-west.mail", "a.b", "students")) + "." + host
    return f"{host}.{rng.choice(_ZONES)}"


def email(rng: random.Random, locale: Locale) -> str:
    first, last = _ascii(rng.choice(locale.first)), _ascii(rng.choice(locale.last))
    local = rng.choice((f"{first}.{last}", f"{first}{digits(rng, 2)}", f"{first[0]}{last}", f"{first}_{last}", f"{last}-{first}",
                        f"{first}.{last}{rng.randint(1950, 2010)}", rng.choice(_ROLES), f"{first}.{letters(rng, 1)}.{last}"))
    roll = rng.random()
    if roll < 0.12:
        local += "+" + rng.choice(("news", "shop", "2024", "a.b", "list_1"))
    elif roll < 0.15:
        local = f"o'{last}"
    elif roll < 0.18:
        return f'"{first} {last}"@{_domain(rng)}'
    elif roll < 0.21:
        local = rng.choice(locale.first).lower()
        return f"{local}@{_domain(rng)}"
    elif roll < 0.27:
        return f"{local}@{rng.choice(_WIDE_DOMAINS)}"
    elif roll < 0.29:
        return f"{local}@[{rng.randint(11, 200)}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}]"
    address = f"{local}@{_domain(rng)}"
    if rng.random() < 0.06:
        return address.upper()
    return address.title() if rng.random() < 0.03 else address
