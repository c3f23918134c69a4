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


def _birth(rng, year_from=1940, year_to=1999) -> tuple[int, int, int]:
    return rng.randint(year_from, year_to), rng.randint(1, 12), rng.randint(1, 28)


def cnpj(rng):
    body = digits(rng, 8) + "0001"
    for weights in ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        rest = _weighted(body, weights) % 11
        body += "0" if rest < 2 else str(11 - rest)
    return f"{body[:2]}.{body[2:5]}.{body[5:8]}/{body[8:12]}-{body[12:]}"


def nie(rng):
    lead, number = rng.randint(0, 2), digits(rng, 7)
    return f"{'XYZ'[lead]}{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[int(f'{lead}{number}') % 23]}"


def steuer_id(rng):
    """Ten digits, of which one stands twice and nine once or not; ISO 7064 MOD 11,10."""
    chosen = rng.sample("0123456789", 9)
    chosen.append(rng.choice(chosen))
    rng.shuffle(chosen)
    if chosen[0] == "0":
        return steuer_id(rng)
    product = 10
    for digit in chosen:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    number = "".join(chosen) + str((11 - product) % 10)
    return rng.choice((number, f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"))


def rijksregister(rng):
    y, m, d = _birth(rng)
    body = f"{y % 100:02}{m:02}{d:02}{rng.randint(1, 997):03}"
    check = f"{97 - int(body) % 97:02}"
    return rng.choice((f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}.{check}", body + check))


def nif(rng):
    body = rng.choice("12") + digits(rng, 7)
    rest = _weighted(body, range(9, 1, -1)) % 11
    return body + ("0" if rest < 2 else str(11 - rest))


def fodselsnummer(rng):
    while True:
        y, m, d = _birth(rng)
        body = f"{d:02}{m:02}{y % 100:02}{rng.randint(0, 499):03}"
        first = -_weighted(body, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
        second = -_weighted(body + str(first), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
        if first < 10 and second < 10:
            return f"{body[:6]}{rng.choice(('', ' '))}{body[6:]}{first}{second}"


def hetu(rng):
    y, m, d = _birth(rng)
    day, number = f"{d:02}{m:02}{y % 100:02}", f"{rng.randint(2, 899):03}"
    return f"{day}-{number}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(day + number) % 31]}"


def cpr(rng):
    y, m, d = _birth(rng)
    return f"{d:02}{m:02}{y % 100:02}-{rng.randint(0, 3999):04}"


def rodne_cislo(rng):
    while True:
        y, m, d = _birth(rng, 1955)
        body = f"{y % 100:02}{m + rng.choice((0, 50)):02}{d:02}{digits(rng, 3)}"
        if int(body) % 11 < 10:
            return f"{body[:6]}/{body[6:]}{int(body) % 11}"


def cnp(rng):
    y, m, d = _birth(rng)
    body = f"{rng.choice('12')}{y % 100:02}{m:02}{d:02}{rng.randint(1, 46):02}{rng.randint(1, 999):03}"
    check = _weighted(body, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return body + ("1" if check == 10 else str(check))


def egn(rng):
    y, m, d = _birth(rng)
    body = f"{y % 100:02}{m:02}{d:02}{digits(rng, 3)}"
    return body + str(_weighted(body, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10)


def ahv(rng):
    body = "756" + digits(rng, 9)
    check = str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body)) % 10)
    return f"{body[:3]}.{body[3:7]}.{body[7:11]}.{body[11]}{check}"


def rrn(rng):
    y, m, d = _birth(rng)
    body = f"{y % 100:02}{m:02}{d:02}{rng.choice('12')}{digits(rng, 5)}"
    return f"{body[:6]}-{body[6:]}{(11 - _weighted(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10}"


def hkid(rng):
    letter, body = rng.choice(string.ascii_uppercase), digits(rng, 6)
    total = 36 * 9 + (ord(letter) - 55) * 8 + _weighted(body, range(7, 1, -1))
    return f"{letter}{body}({'0123456789A'[-total % 11]})"


def taiwan_id(rng):
    letter = rng.choice(string.ascii_uppercase)
    code = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(letter)
    body = rng.choice("12") + digits(rng, 7)
    total = code // 10 + code % 10 * 9 + _weighted(body, range(8, 0, -1))
    return f"{letter}{body}{-total % 10}"


def thai_id(rng):
    body = rng.choice("12345678") + digits(rng, 11)
    number = body + str((11 - _weighted(body, range(13, 1, -1)) % 11) % 10)
    return rng.choice((number, f"{number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]}-{number[12]}"))


def israel_id(rng):
    body = digits(rng, 8)
    return body + luhn_digit(body)


def tfn(rng):
    while True:
        number = rng.choice("123456789") + digits(rng, 8)
        if _weighted(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0:
            return f"{number[:3]} {number[3:6]} {number[6:]}"


def curp(rng):
    y, m, d = _birth(rng)
    consonants = "BCDFGHJKLMNPQRSTVWXYZ"
    body = (rng.choice(consonants) + rng.choice("AEIOU") + "".join(rng.choices(consonants, k=2)) + f"{y % 100:02}{m:02}{d:02}" + rng.choice("HM") +
            rng.choice(("DF", "JC", "NL", "PL", "VZ")) + "".join(rng.choices(consonants, k=3)) + rng.choice(string.digits))
    order = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return body + str(-sum(order.index(c) * (18 - i) for i, c in enumerate(body)) % 10)


def cuit(rng):
    while True:
        body = rng.choice(("20", "23", "27")) + digits(rng, 8)
        check = 11 - _weighted(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
        if check != 10:
            return f"{body[:2]}-{body[2:]}-{check % 11}"


def itin(rng):
    return f"9{digits(rng, 2)}-{rng.choice((*range(50, 66), *range(70, 89)))}-{digits(rng, 4)}"


def npi(rng):
    body = rng.choice("12") + digits(rng, 8)
    return body + luhn_digit("80840" + body)


def dea(rng):
    d = digits(rng, 6)
    check = (int(d[0]) + int(d[2]) + int(d[4]) + 2 * (int(d[1]) + int(d[3]) + int(d[5]))) % 10
    return rng.choice("ABFM") + rng.choice(string.ascii_uppercase) + d + str(check)


def pps(rng):
    body = digits(rng, 7)
    return body + "WABCDEFGHIJKLMNOPQRSTUV"[_weighted(body, range(8, 1, -1)) % 23]


def pan(rng):
    return "".join(rng.choices(string.ascii_uppercase, k=3)) + rng.choice("PCHF") + rng.choice(string.ascii_uppercase) + fill(rng, "NXXX") + rng.choice(string.ascii_uppercase)


def api_key(rng):
    alphabet = string.ascii_letters + string.digits
    make = lambda count: "".join(rng.choices(alphabet, k=count))
    return rng.choice(("ghp_" + make(36), "sk_live_" + make(24), "AIza" + make(35), "xoxb-" + digits(rng, 11) + "-" + digits(rng, 12) + "-" + make(24), "glpat-" + make(20)))


def url_credentials(rng):
    return f"{rng.choice(('https', 'ftp', 'postgres', 'mysql', 'amqp'))}://{rng.choice(('deploy', 'app_rw', 'root'))}:{rng.choice(('hunter2', 'S3cr%21t', 'pa55word'))}@db{rng.randint(1, 9)}.acme.example"


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
    Kind("BRAZIL_CNPJ", "CNPJ", "cnpj", cnpj), Kind("SPAIN_NIE", "NIE", "nie", nie), Kind("GERMANY_TAX_IDENTIFICATION_NUMBER", "Steuer-ID", "steuer_id", steuer_id),
    Kind("BELGIUM_NATIONAL_REGISTER_NUMBER", "rijksregisternummer", "rijksregisternummer", rijksregister), Kind("PORTUGAL_NIF", "NIF", "nif", nif),
    Kind("NORWAY_BIRTH_NUMBER", "fødselsnummer", "fodselsnummer", fodselsnummer), Kind("FINLAND_NATIONAL_IDENTIFICATION_NUMBER", "henkilötunnus", "hetu", hetu),
    Kind("DENMARK_PERSONAL_IDENTIFICATION_NUMBER", "CPR", "cpr", cpr), Kind("CZECHIA_BIRTH_NUMBER", "rodné číslo", "rodne_cislo", rodne_cislo),
    Kind("ROMANIA_NUMERICAL_PERSONAL_CODE", "CNP", "cnp", cnp), Kind("BULGARIA_UNIFORM_CIVIL_NUMBER", "ЕГН", "egn", egn), Kind("SWITZERLAND_AHV_NUMBER", "AHV", "ahv", ahv),
    Kind("KOREA_RESIDENT_REGISTRATION_NUMBER", "주민등록번호", "rrn", rrn), Kind("HONG_KONG_IDENTITY_CARD", "HKID", "hkid", hkid), Kind("TAIWAN_NATIONAL_IDENTIFICATION_NUMBER", "身分證字號", "national_id", taiwan_id),
    Kind("THAILAND_PERSONAL_IDENTIFICATION_NUMBER", "เลขประจำตัวประชาชน", "thai_id", thai_id), Kind("ISRAEL_IDENTIFICATION_NUMBER", "תעודת זהות", "teudat_zehut", israel_id),
    Kind("AUSTRALIA_TAX_FILE_NUMBER", "TFN", "tfn", tfn), Kind("MEXICO_CURP", "CURP", "curp", curp), Kind("ARGENTINA_CUIT", "CUIT", "cuit", cuit), Kind("USA_ITIN", "ITIN", "itin", itin),
    Kind("USA_NATIONAL_PROVIDER_IDENTIFIER", "NPI", "npi", npi), Kind("USA_DEA_NUMBER", "DEA number", "dea_number", dea), Kind("IRELAND_PERSONAL_PUBLIC_SERVICE_NUMBER", "PPS", "pps_number", pps),
    Kind("INDIA_PERMANENT_ACCOUNT_NUMBER", "PAN", "pan", pan), Kind("API_KEY", "api key", "api_key", api_key), Kind("URL_CREDENTIALS", "connect to", "dsn", url_credentials),
)
