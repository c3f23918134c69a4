"""Random text from small patterns: X any digit, N 2 to 9, H hex digit, A capital, [3-68] one of these; the rest stands."""

import functools
import random
import re
import string

_PART = re.compile(r"\[([^\]]+)\]|(.)", re.DOTALL)
_CLASSES = {"X": string.digits, "N": "23456789", "H": "0123456789abcdef", "A": string.ascii_uppercase}


def _members(text: str) -> str:
    members = ""
    while text:
        if len(text) > 2 and text[1] == "-":
            members += "".join(chr(c) for c in range(ord(text[0]), ord(text[2]) + 1))
            text = text[3:]
        else:
            members, text = members + text[0], text[1:]
    return members


@functools.cache
def _parsed(pattern: str) -> tuple[str, ...]:
    return tuple(_members(chosen) if chosen else _CLASSES.get(plain, plain) for chosen, plain in _PART.findall(pattern))


def fill(rng: random.Random, pattern: str) -> str:
    return "".join(part if len(part) == 1 else rng.choice(part) for part in _parsed(pattern))


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=count))


def luhn_digit(number: str) -> str:
    """The check digit to put behind `number` (ISO/IEC 7812-1, annex B)."""
    total = 0
    for i, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if i % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
