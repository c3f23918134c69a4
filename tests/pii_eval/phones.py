"""Phone numbers of many countries as people write them, from what is publicly known of the national numbering plans."""

import random
from dataclasses import dataclass

from .patterns import digits, fill


@dataclass(frozen=True)
class Country:
    """plans: national significant numbers, grouped as is usual.  trunk: what stands before them within the country.
    styles: how the groups are joined within the country; see _NATIONAL."""

    code: str
    trunk: str
    styles: tuple[str, ...]
    plans: tuple[str, ...]


def _country(code: str, trunk: str, styles: str, *plans: str) -> Country:
    return Country(code, trunk, tuple(styles.split()), plans)


_AREAS_US = ("212", "415", "646", "305", "312", "206", "713", "404", "617", "702", "503", "919", "818", "202", "213")
_AREAS_CA = ("416", "604", "514", "403", "613", "905", "780", "902")

COUNTRIES = {
    "US": _country("1", "", "nanp_paren dash dot space nanp_tight", *(f"{a} N[0-9][2-9] XXXX" for a in _AREAS_US)),
    "CA": _country("1", "", "nanp_paren dash dot", *(f"{a} N[0-9][2-9] XXXX" for a in _AREAS_CA)),
    "GB": _country("44", "0", "space paren tight_tail dash", "20 7[0-9]XX XXXX", "20 8[0-9]XX XXXX", "77[0-9]X XXXXXX",
                   "78[1-9]X XXXXXX", "161 [2-9]XX XXXX", "121 [2-9]XX XXXX", "1223 [3-8]XXXXX"),
    "DE": _country("49", "0", "space slash paren dash slash_spaced", "30 [2-9]XXXXXX", "89 [2-9]XXXXXX", "40 [2-9]XXXXXX",
                   "221 [2-9]XXXXXX", "151 XXXXXXXX", "170 XXXXXXX", "176 XXXXXXXX", "6221 [2-9]XXXXX"),
    "FR": _country("33", "0", "space dot dash tight", "1 4[0-9] XX XX XX", "4 9[1-4] XX XX XX", "6 XX XX XX XX",
                   "7 [6-8]X XX XX XX"),
    "ES": _country("34", "", "space dash tight", "6XX XXX XXX", "6XX XX XX XX", "91X XXX XXX", "93X XXX XXX"),
    "IT": _country("39", "", "space dash slash", "06 [3-8]XXXXXXX", "02 [3-8]XXXXXXX", "33[3-9] XXXXXXX", "34[7-9] XXXXXXX",
                   "320 XXX XXXX"),
    "NL": _country("31", "0", "space dash tight_tail", "6 [1-5]XXXXXXX", "20 [4-7]XXXXXX", "10 [2-4]XXXXXX"),
    "BE": _country("32", "0", "space slash_dots dash", "2 [2-7]XX XX XX", "47[0-9] XX XX XX", "49[0-9] XX XX XX"),
    "LU": _country("352", "", "space", "621 XXX XXX", "661 XXX XXX"),
    "CH": _country("41", "0", "space dash tight", "44 [2-8]XX XX XX", "79 [2-9]XX XX XX", "78 [6-9]XX XX XX", "22 [3-7]XX XX XX"),
    "AT": _country("43", "0", "space slash paren", "664 XXXXXXX", "676 XXXXXXX", "1 [5-8]XXXXXX", "316 [2-8]XXXXX"),
    "PT": _country("351", "", "space dash tight", "21[0-9] XXX XXX", "91[0-9] XXX XXX", "96[0-9] XXX XXX"),
    "IE": _country("353", "0", "space paren dash", "1 [4-8]XX XXXX", "85 XXX XXXX", "86 XXX XXXX", "87 XXX XXXX"),
    "DK": _country("45", "", "space", "20 XX XX XX", "30 XX XX XX", "40 XX XX XX", "33 XX XX XX"),
    "NO": _country("47", "", "space", "4[0-8]X XX XXX", "9[0-9]X XX XXX", "22 XX XX XX"),
    "SE": _country("46", "0", "dash space", "8 [4-7]XX XXX XX", "70 [2-9]XX XX XX", "73 [2-9]XX XX XX", "31 [3-7]XX XX XX"),
    "FI": _country("358", "0", "space dash", "40 XXX XXXX", "50 XXX XXXX", "44 XXX XXXX"),
    "PL": _country("48", "", "space dash", "22 [3-8]XX XX XX", "50[0-9] XXX XXX", "60[0-9] XXX XXX", "79[0-9] XXX XXX"),
    "CZ": _country("420", "", "space", "60[1-8] XXX XXX", "72[0-9] XXX XXX", "77[3-7] XXX XXX", "22[0-9] XXX XXX"),
    "SK": _country("421", "0", "space slash", "90[3-8] XXX XXX", "2 [4-6]XXX XXXX"),
    "HU": _country("36", "06 ", "space dash", "1 [2-4]XX XXXX", "20 [3-9]XX XXXX", "30 [2-9]XX XXXX", "70 [3-7]XX XXXX"),
    "RO": _country("40", "0", "space dot dash", "21 [2-4]XX XXXX", "72[1-9] XXX XXX", "74[0-9] XXX XXX"),
    "BG": _country("359", "0", "space slash", "2 9[4-8]X XXXX", "88[5-9] XXX XXX", "87[7-9] XXX XXX"),
    "GR": _country("30", "", "space dash", "210 [3-9]XX XXXX", "694 XXX XXXX", "697 XXX XXXX"),
    "TR": _country("90", "0", "space paren", "212 [2-6]XX XX XX", "312 [2-4]XX XX XX", "53[2-9] [2-9]XX XX XX", "54[2-6] [2-9]XX XX XX"),
    "RU": _country("7", "8 ", "ru ru_dash", "495 [2-9]XX XX XX", "812 [3-7]XX XX XX", "903 XXX XX XX", "916 XXX XX XX", "921 XXX XX XX"),
    "UA": _country("380", "0", "space dash paren", "44 [2-5]XX XX XX", "50 [2-9]XX XX XX", "67 [2-9]XX XX XX", "97 XXX XX XX"),
    "IL": _country("972", "0", "dash space", "2 [5-6]XX XXXX", "3 [5-6]XX XXXX", "52 [2-9]XX XXXX", "54 [2-9]XX XXXX"),
    "AE": _country("971", "0", "space dash", "4 [2-4]XX XXXX", "50 [2-9]XX XXXX", "55 [2-9]XX XXXX"),
    "SA": _country("966", "0", "space tight", "50 [2-9]XX XXXX", "55 [2-9]XX XXXX", "11 [2-4]XX XXXX"),
    "EG": _country("20", "0", "space dash", "2 2[3-7]XX XXXX", "100 [1-9]XX XXXX", "122 [1-9]XX XXXX", "111 [1-9]XX XXXX"),
    "ZA": _country("27", "0", "space dash paren", "11 [4-8]XX XXXX", "21 [4-7]XX XXXX", "82 [3-9]XX XXXX", "83 [2-7]XX XXXX"),
    "NG": _country("234", "0", "space dash tight", "803 [2-9]XX XXXX", "806 [2-9]XX XXXX", "813 [2-9]XX XXXX", "703 [2-9]XX XXXX"),
    "KE": _country("254", "0", "space dash", "72[0-9] [1-9]XXXXX", "71[0-9] [1-9]XXXXX", "70[0-9] [1-9]XXXXX"),
    "IN": _country("91", "0", "space dash in_mobile", "98[1-9]XX XXXXX", "99[1-9]XX XXXXX", "70[1-4]XX XXXXX", "22 2[3-8]XX XXXX", "11 2[3-7]XX XXXX"),
    "PK": _country("92", "0", "dash space", "300 [2-9]XXXXXX", "321 [2-9]XXXXXX", "333 [2-9]XXXXXX", "21 3[4-5]XX XXXX"),
    "BD": _country("880", "0", "dash space", "17[1-4]X XXXXXX", "18[1-3]X XXXXXX", "19[1-3]X XXXXXX"),
    "LK": _country("94", "0", "space dash", "77 [2-7]XX XXXX", "71 [2-7]XX XXXX", "11 2[3-8]X XXXX"),
    "CN": _country("86", "0", "dash space", "13[5-9] XXXX XXXX", "15[0-2] XXXX XXXX", "18[6-9] XXXX XXXX", "10 [5-8]XXX XXXX", "21 [5-6]XXX XXXX"),
    "HK": _country("852", "", "space dash", "2[3-8]XX XXXX", "9[1-8]XX XXXX", "6[0-9]XX XXXX"),
    "TW": _country("886", "0", "dash paren space", "2 [2-8][3-9]XX XXXX", "912 [1-9]XX XXX", "922 [1-9]XX XXX", "933 [1-9]XX XXX"),
    "JP": _country("81", "0", "dash paren space", "3 [3-6][2-9]XX XXXX", "6 6[3-7]XX XXXX", "90 [1-9]XXX XXXX", "80 [3-6]XXX XXXX"),
    "KR": _country("82", "0", "dash space dot", "2 [2-7][2-9]X XXXX", "10 [2-9]XXX XXXX", "31 [2-9]XX XXXX"),
    "TH": _country("66", "0", "dash space", "2 [2-7]XX XXXX", "81 [2-9]XX XXXX", "89 [2-9]XX XXXX", "92 [2-9]XX XXXX"),
    "VN": _country("84", "0", "space dot dash", "24 3[7-9]XX XXXX", "28 3[8-9]XX XXXX", "90[3-9] XXX XXX", "98[2-9] XXX XXX"),
    "ID": _country("62", "0", "dash paren space", "21 5[2-7]X XXXX", "812 [1-9]XXX XXXX", "813 [1-9]XXX XXXX"),
    "MY": _country("60", "0", "dash space", "3 2[0-7]XX XXXX", "3 7[7-9]XX XXXX", "12 [2-9]XX XXXX", "19 [2-9]XX XXXX"),
    "SG": _country("65", "", "space dash", "6[2-7]XX XXXX", "9[1-8]XX XXXX", "81[2-8]X XXXX"),
    "PH": _country("63", "0", "space dash", "917 [2-9]XX XXXX", "918 [2-9]XX XXXX", "905 [2-9]XX XXXX", "2 8[2-9]XX XXXX"),
    "AU": _country("61", "0", "space paren tight_tail", "2 9[2-9]XX XXXX", "3 9[2-8]XX XXXX", "41[0-9] XXX XXX", "43[0-9] XXX XXX"),
    "NZ": _country("64", "0", "space dash paren", "9 3[0-9][2-9] XXXX", "4 4[7-9]X XXXX", "27 [2-7]XX XXXX", "21 [2-9]XX XXX"),
    "BR": _country("55", "", "br space", "11 9[6-9]XXX XXXX", "21 9[6-9]XXX XXXX", "11 3[0-8]XX XXXX", "31 3[2-4]XX XXXX"),
    "AR": _country("54", "0", "space dash paren", "11 4[3-8]XX XXXX", "351 4[2-8]X XXXX"),
    "MX": _country("52", "", "space dash paren", "55 5[2-6]XX XXXX", "33 3[6-8]XX XXXX", "81 8[1-3]XX XXXX"),
    "CL": _country("56", "", "space", "2 2[2-9]XX XXXX", "9 [6-9]XXX XXXX"),
    "CO": _country("57", "", "space dash", "310 [2-8]XX XXXX", "315 [2-8]XX XXXX", "601 [2-7]XX XXXX"),
    "PE": _country("51", "0", "space dash", "1 [2-7]XX XXXX", "98[1-9] XXX XXX"),
    "VE": _country("58", "0", "dash space", "212 [2-9]XX XXXX", "414 [2-9]XX XXXX", "424 [2-9]XX XXXX"),
    "EE": _country("372", "", "space", "5[1-8]XX XXXX", "6[0-9]X XXXX"),
    "LT": _country("370", "8 ", "space paren", "61[0-9] XXXXX", "68[0-9] XXXXX"),
    "LV": _country("371", "", "space", "29[1-6]X XXXX", "26[1-7]X XXXX"),
    "HR": _country("385", "0", "space slash", "1 4[5-8]X XXXX", "91 [2-9]XX XXXX", "98 [2-9]XX XXX"),
    "SI": _country("386", "0", "space slash", "1 4[2-7]X XX XX", "41 [3-9]XX XXX", "31 [3-9]XX XXX"),
    "RS": _country("381", "0", "space slash", "11 3[0-4]X XXXX", "64 [1-9]XX XXXX"),
}

# Joins trunk and groups. Where an area has no trunk before it, the brackets stand around the area alone.
_NATIONAL = {
    "space": lambda t, g: t + " ".join(g),
    "dash": lambda t, g: t + "-".join(g),
    "dot": lambda t, g: t + ".".join(g),
    "tight": lambda t, g: t + "".join(g),
    "tight_tail": lambda t, g: f"{t}{g[0]} {''.join(g[1:])}",
    "slash": lambda t, g: f"{t}{g[0]}/{' '.join(g[1:])}",
    "slash_dots": lambda t, g: f"{t}{g[0]}/{'.'.join(g[1:])}",
    "slash_spaced": lambda t, g: f"{t}{g[0]} / {' '.join(g[1:])}",
    "paren": lambda t, g: f"({t.strip()}{g[0]}) {' '.join(g[1:])}",
    "nanp_paren": lambda t, g: f"({g[0]}) {g[1]}-{g[2]}",
    "nanp_tight": lambda t, g: f"({g[0]}){g[1]}-{g[2]}",
    "ru": lambda t, g: f"{t.strip()} ({g[0]}) {'-'.join(g[1:])}",
    "ru_dash": lambda t, g: f"{t.strip()}-{'-'.join(g)}",
    "br": lambda t, g: f"({g[0]}) {'-'.join(g[1:])}",
    "in_mobile": lambda t, g: f"{t}{g[0]}-{''.join(g[1:])}",
}

_EXTENSIONS = (" x{}", " ext. {}", " ext {}", "x{}", " extension {}", " Ext. {}", ";ext={}")


_NAMES = tuple(COUNTRIES)


@dataclass(frozen=True)
class Phone:
    text: str
    country: str
    bare: bool  # a run of digits, or eight and fewer in groups: nothing but its surroundings can tell that it is one


def _groups(rng: random.Random, country: Country) -> list[str]:
    return fill(rng, rng.choice(country.plans)).split(" ")


def _has_trunk(name: str, groups: list[str]) -> bool:
    """Mobile numbers of these countries are written without the trunk digit."""
    return not (name == "CN" and len(groups[0]) == 3 or name == "IN" and len(groups[0]) == 5)


def international(rng: random.Random, name: str) -> Phone:
    country = COUNTRIES[name]
    groups = _groups(rng, country)
    code, joined = country.code, "".join(groups)
    forms = [f"+{code} {' '.join(groups)}", f"+{code}-{'-'.join(groups)}", f"+{code}{joined}", f"+{code} {joined}",
             f"00{code} {' '.join(groups)}",
             f"+{code}.{'.'.join(groups)}", f"(+{code}) {' '.join(groups)}"]
    if "paren" in country.styles or name == "BR":
        forms.append(f"+{code} ({groups[0]}) {' '.join(groups[1:])}")
    if country.trunk == "0" and _has_trunk(name, groups):
        forms.append(f"+{code} (0){' '.join(groups)}")
    if code == "1":
        forms += [f"+1 ({groups[0]}) {groups[1]}-{groups[2]}", f"1-{'-'.join(groups)}", f"001-{'-'.join(groups)}"]
    return Phone(rng.choice(forms), name, bare=False)


def national(rng: random.Random, name: str) -> Phone:
    country = COUNTRIES[name]
    groups = _groups(rng, country)
    trunk = country.trunk if _has_trunk(name, groups) else ""
    style = rng.choice(country.styles)
    if len(groups) == 2 and style.endswith("tail"):
        style = "space"
    text = _NATIONAL[style](trunk, groups)
    return Phone(text, name, bare=text.isdigit() or len(trunk.strip() + "".join(groups)) < 9)


def bare(rng: random.Random, name: str) -> Phone:
    country = COUNTRIES[name]
    groups = _groups(rng, country)
    trunk = country.trunk.strip() if _has_trunk(name, groups) else ""
    return Phone(trunk + "".join(groups), name, bare=True)


def extended(rng: random.Random, name: str) -> Phone:
    """A number with an extension; countries that know them."""
    phone = international(rng, name) if rng.random() < 0.4 else national(rng, name)
    return Phone(phone.text + rng.choice(_EXTENSIONS).format(digits(rng, rng.choice((2, 3, 4, 5)))), name, bare=False)


def wide(phone: Phone) -> Phone:
    """The same in full-width characters."""
    table = {c: c + 0xfee0 for c in range(0x21, 0x7f)} | {0x20: 0x3000}
    return Phone(phone.text.translate(table), phone.country, phone.bare)


def phone(rng: random.Random, name: str | None = None, bare_share: float = 0.08) -> Phone:
    """A number of that country, or of any, in one of its written forms."""
    name = name or rng.choice(_NAMES)
    roll = rng.random()
    if roll < bare_share:
        return bare(rng, name)
    if name in ("US", "CA", "GB", "AU") and roll < bare_share + 0.1:
        return extended(rng, name)
    if name in ("JP", "CN", "TW") and roll < bare_share + 0.08:
        return wide(international(rng, name) if rng.random() < 0.5 else national(rng, name))
    return international(rng, name) if roll > 0.6 else national(rng, name)
