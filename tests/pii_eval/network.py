"""Addresses of machines: IPv4, IPv6 (RFC 4291, 5952) and MAC, in their written forms."""

import ipaddress
import random

from .patterns import fill


def ipv4(rng: random.Random) -> str:
    return f"{rng.choice((10, 172, 192, rng.randint(1, 223)))}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(0, 255)}"


def ipv6(rng: random.Random) -> str:
    words = [rng.choice((0x2001, 0x2a02, 0xfe80, 0xfd12)), *(rng.choice((0, 0, rng.randint(1, 0xffff))) for _ in range(7))]
    if not any(words[1:]):
        words[7] = rng.randint(1, 0xffff)
    address = ipaddress.IPv6Address(sum(word << 112 - 16 * i for i, word in enumerate(words)))
    roll = rng.random()
    if roll < 0.6:
        return str(address)
    if roll < 0.75:
        return address.exploded
    if roll < 0.85:
        return str(address).upper()
    if roll < 0.93:
        return f"::ffff:{ipv4(rng)}"
    return f"2001:db8::{rng.randint(1, 0xffff):x}"


def mac(rng: random.Random) -> str:
    pairs = [fill(rng, "HH") for _ in range(6)]
    form = rng.random()
    if form < 0.55:
        text = ":".join(pairs)
    elif form < 0.85:
        text = "-".join(pairs)
    else:
        joined = "".join(pairs)
        text = ".".join((joined[:4], joined[4:8], joined[8:]))
    return text.upper() if rng.random() < 0.5 else text
