"""Made-up people: names and addresses in the manner of many countries."""

import random
from dataclasses import dataclass

from .patterns import digits, fill


@dataclass(frozen=True)
class Locale:
    """address: how street, number, postal code and town are written; {st} street, {n} number, {pc} code, {tw} town.
    call: words that introduce a phone number; write: words that introduce an e-mail address."""

    country: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    code: str
    address: str
    call: str
    write: str
    family_first: bool = False


def _locale(country, first, last, streets, towns, code, address, call, write, family_first=False) -> Locale:
    return Locale(country, tuple(first.split()), tuple(last.split()), tuple(streets.split("|")), tuple(towns.split("|")),
                  code, address, call, write, family_first)


_WEST = "{n} {st}, {tw} {pc}"
_EUROPE = "{st} {n}, {pc} {tw}"

LOCALES = {
    "en_US": _locale("US", "James Mary Robert Linda Michael Susan David Karen", "Smith Johnson Brown Garcia Miller Davis O'Brien Wilson",
                     "Oak Street|Maple Avenue|Main St|Cedar Ln|Park Blvd|W 42nd St", "Austin, TX|Denver, CO|Boise, ID|Salem, OR",
                     "[1-9]XXXX", _WEST, "Call", "email"),
    "en_CA": _locale("CA", "Liam Emma Noah Olivia", "Tremblay Roy Singh MacDonald", "Queen Street West|Yonge St|Rue Sainte-Catherine",
                     "Toronto, ON|Halifax, NS|Calgary, AB", "KXA XAX", _WEST, "Phone", "e-mail"),
    "en_GB": _locale("GB", "Oliver Amelia George Isla Harry Poppy", "Taylor Evans Thomas Walker Wright Hughes", "High Street|Station Road|Church Lane|Mill Close",
                     "London|Leeds|Bristol|York", "LSX XAB", "{n} {st}, {tw}, {pc}", "Tel", "mail"),
    "en_AU": _locale("AU", "Jack Charlotte Lachlan Matilda", "Nguyen Kelly Campbell Murphy", "George Street|Collins St|Bondi Road", "Sydney NSW|Perth WA|Hobart TAS",
                     "[2-7]XXX", _WEST, "Mobile", "email"),
    "en_NZ": _locale("NZ", "Aroha Wiremu Sophie Tane", "Williams Ngata Clark Tui", "Queen Street|Lambton Quay", "Auckland|Wellington|Dunedin", "[1-9]XXX", _WEST, "Ring", "email"),
    "en_IE": _locale("IE", "Conor Aoife Sean Niamh", "Murphy Byrne Walsh Doyle", "Grafton Street|Shop Street", "Dublin 2|Cork|Galway", "DXX AXHX", _WEST, "Phone", "email"),
    "en_ZA": _locale("ZA", "Thabo Lerato Johan Zanele", "Dlamini Botha Nkosi Naidoo", "Long Street|Jan Smuts Avenue", "Cape Town|Durban", "XXXX", _WEST, "Cell", "email"),
    "en_IN": _locale("IN", "Aarav Priya Rohan Ananya Vikram", "Sharma Patel Iyer Reddy Gupta", "MG Road|Linking Road|Anna Salai", "Mumbai|Chennai|Bengaluru", "[1-8]XXXXX", "{n}, {st}, {tw} - {pc}", "Mob", "email"),
    "en_NG": _locale("NG", "Chinedu Amaka Tunde Ngozi", "Okafor Adeyemi Balogun Eze", "Allen Avenue|Broad Street", "Lagos|Abuja", "[1-9]XXXXX", _WEST, "Call", "email"),
    "en_KE": _locale("KE", "Wanjiku Otieno Kamau Achieng", "Mwangi Odhiambo Njoroge Wafula", "Moi Avenue|Kenyatta Avenue", "Nairobi|Mombasa", "[1-9]XXXX", _WEST, "Call", "email"),
    "en_PH": _locale("PH", "Jose Maria Angelo Kristine", "Santos Reyes Cruz Bautista", "Ayala Avenue|Rizal Street", "Makati|Cebu City", "XXXX", _WEST, "Text", "email"),
    "en_SG": _locale("SG", "Wei Mei Jun Hui", "Tan Lim Lee Ng", "Orchard Road|Bukit Timah Road", "Singapore", "XXXXXX", _WEST, "HP", "email"),
    "de_DE": _locale("DE", "Hans Anna Jürgen Sabine Björn Käthe", "Müller Schmidt Weiß Schröder Becker", "Hauptstraße|Goethestr.|Am Markt|Lindenallee", "Berlin|Köln|Münster|Dresden", "[1-9]XXXX", _EUROPE, "Telefon", "E-Mail"),
    "de_AT": _locale("AT", "Franz Maria Lukas Eva", "Gruber Huber Wagner Pichler", "Mariahilfer Straße|Herrengasse", "Wien|Graz|Linz", "[1-9]XXX", _EUROPE, "Tel.", "Mail"),
    "de_CH": _locale("CH", "Urs Beat Regula Heidi", "Meier Keller Frei Zürcher", "Bahnhofstrasse|Seestrasse", "Zürich|Bern|Genève", "[1-9]XXX", _EUROPE, "Natel", "Mail"),
    "fr_FR": _locale("FR", "Jean Élodie François Zoé Hélène", "Martin Lefèvre Dubois Moreau Lévêque", "rue de la Paix|avenue Foch|bd Voltaire", "Paris|Lyon|Nîmes", "[1-9]XXXX", "{n} {st}, {pc} {tw}", "Tél.", "courriel"),
    "fr_BE": _locale("BE", "Luc Marie Pieter Lotte", "Peeters Janssens Dupont Maes", "Rue Neuve|Meir|Veldstraat", "Bruxelles|Gent|Liège", "[1-9]XXX", _EUROPE, "Gsm", "mail"),
    "fr_LU": _locale("LU", "Marc Sophie Paul Claire", "Weber Schmit Muller Hoffmann", "Grand-Rue|Avenue de la Gare", "Luxembourg|Esch", "L-[1-9]XXX", _EUROPE, "Tel", "mail"),
    "nl_NL": _locale("NL", "Daan Sanne Bram Fleur", "de-Vries Jansen Bakker Visser", "Kerkstraat|Dorpsstraat|Prinsengracht", "Utrecht|Leiden|Delft", "[1-9]XXX AB", _EUROPE, "Telefoon", "mail"),
    "es_ES": _locale("ES", "Lucía Pablo Íñigo Begoña", "García Muñoz Ibáñez López", "Calle Mayor|Avda. de la Constitución|Plaza España", "Madrid|Cádiz|León", "[1-5]XXXX", "{st}, {n}, {pc} {tw}", "Teléfono", "correo"),
    "es_MX": _locale("MX", "José Guadalupe Miguel Ximena", "Hernández Ramírez Torres Ortiz", "Av. Insurgentes|Calle Reforma", "Puebla|Mérida", "[1-9]XXXX", "{st} {n}, {pc} {tw}", "Cel", "correo"),
    "es_AR": _locale("AR", "Martín Florencia Tomás Valentina", "Fernández Gómez Peralta Sosa", "Av. Corrientes|Calle Florida", "Rosario|Córdoba", "[1-9]XXX", _EUROPE, "Celular", "mail"),
    "es_CO": _locale("CO", "Camilo Daniela Andrés Paola", "Rojas Vargas Castaño Zapata", "Carrera 7|Calle 85", "Bogotá|Medellín", "XXXXXX", "{st} # {n}, {tw}", "Celular", "correo"),
    "es_CL": _locale("CL", "Matías Javiera Benjamín Catalina", "Muñoz Rojas Soto Contreras", "Av. Providencia|Calle Huérfanos", "Santiago|Valparaíso", "XXXXXXX", _EUROPE, "Fono", "correo"),
    "es_PE": _locale("PE", "Luis Rosa Jorge Milagros", "Quispe Flores Mamani Huamán", "Av. Arequipa|Jr. de la Unión", "Lima|Cusco", "XXXXX", _EUROPE, "Celular", "correo"),
    "es_VE": _locale("VE", "Carlos Yelitza Rafael Mariana", "González Rodríguez Pérez Blanco", "Av. Bolívar|Calle Real", "Caracas|Maracaibo", "XXXX", _EUROPE, "Tlf", "correo"),
    "pt_PT": _locale("PT", "João Inês Tiago Conceição", "Gonçalves Simões Araújo Pires", "Rua Augusta|Av. da Liberdade", "Lisboa|Évora", "[1-9]XXX-XXX", _EUROPE, "Telemóvel", "correio"),
    "pt_BR": _locale("BR", "Antônio Júlia Gustavo Letícia", "Silva Souza Conceição Araújo", "Rua das Flores|Avenida Paulista", "São Paulo|Goiânia", "XXXXX-XXX", "{st}, {n}, {tw}, {pc}", "Celular", "e-mail"),
    "it_IT": _locale("IT", "Giulia Matteo Niccolò Chiara", "Rossi Ferrari D'Angelo Esposito", "Via Roma|Corso Italia|Piazza Dante", "Milano|Forlì|Bari", "[1-9]XXXX", "{st} {n}, {pc} {tw}", "Cellulare", "e-mail"),
    "da_DK": _locale("DK", "Søren Åse Mads Freja", "Jensen Nielsen Sørensen Møller", "Nørregade|Vestergade", "Aarhus|København K", "[1-9]XXX", _EUROPE, "Tlf.", "mail"),
    "nb_NO": _locale("NO", "Bjørn Ingrid Øyvind Solveig", "Hansen Ødegård Berg Haugen", "Storgata|Kirkegata", "Oslo|Tromsø", "XXXX", _EUROPE, "Mobil", "e-post"),
    "sv_SE": _locale("SE", "Åke Linnéa Björn Sara", "Andersson Öberg Lindström Ek", "Storgatan|Kungsgatan", "Malmö|Örebro", "XXX XX", _EUROPE, "Mobil", "e-post"),
    "fi_FI": _locale("FI", "Jukka Päivi Mikko Äimä", "Virtanen Mäkinen Lehtonen Hämäläinen", "Mannerheimintie|Kauppakatu", "Helsinki|Jyväskylä", "XXXXX", _EUROPE, "Puhelin", "sähköposti"),
    "et_EE": _locale("EE", "Mart Liis Jüri Õie", "Tamm Saar Mägi Rebane", "Pikk|Narva mnt", "Tallinn|Tartu", "XXXXX", _EUROPE, "Telefon", "e-post"),
    "lv_LV": _locale("LV", "Jānis Ilze Mārtiņš Kristīne", "Bērziņš Kalniņš Ozols Liepa", "Brīvības iela|Elizabetes iela", "Rīga|Liepāja", "LV-XXXX", _EUROPE, "Tālr.", "e-pasts"),
    "lt_LT": _locale("LT", "Jonas Rūta Mindaugas Eglė", "Kazlauskas Žukas Stankevičius Balčiūnas", "Gedimino pr.|Vilniaus g.", "Vilnius|Šiauliai", "LT-XXXXX", _EUROPE, "Tel.", "paštas"),
    "pl_PL": _locale("PL", "Łukasz Agnieszka Paweł Zofia", "Kowalski Wójcik Żak Dąbrowska", "ul. Długa|al. Jerozolimskie", "Kraków|Łódź", "XX-XXX", _EUROPE, "Kom.", "mail"),
    "cs_CZ": _locale("CZ", "Jiří Kateřina Tomáš Šárka", "Novák Dvořáková Černý Říha", "Dlouhá|Náměstí Míru", "Praha 1|Plzeň", "XXX XX", _EUROPE, "Mobil", "e-mail"),
    "sk_SK": _locale("SK", "Ján Zuzana Ľubomír Katarína", "Horváth Kováč Tóth Šimko", "Hlavná|Obchodná", "Bratislava|Košice", "XXX XX", _EUROPE, "Tel.", "e-mail"),
    "hu_HU": _locale("HU", "Ágnes György Zsófia Bence", "Nagy Szabó Kovács Tóth", "Váci utca|Andrássy út", "Budapest|Győr", "XXXX", "{pc} {tw}, {st} {n}.", "Mobil", "e-mail", True),
    "ro_RO": _locale("RO", "Ștefan Ioana Mihai Ană", "Popescu Ionescu Țăran Dumitrescu", "Calea Victoriei|Strada Lungă", "Iași|Brașov", "XXXXXX", _EUROPE, "Telefon", "e-mail"),
    "bg_BG": _locale("BG", "Георги Мария Иван Елена", "Иванов Петрова Димитров Николова", "ул. Шипка|бул. Витоша", "София|Пловдив", "[1-9]XXX", _EUROPE, "Тел.", "имейл"),
    "el_GR": _locale("GR", "Γιώργος Ελένη Νίκος Κατερίνα", "Παπαδόπουλος Γεωργίου Νικολάου Μακρή", "Ερμού|Πατησίων", "Αθήνα|Πάτρα", "XXX XX", _EUROPE, "Τηλ.", "email"),
    "hr_HR": _locale("HR", "Ivan Ana Željko Đurđa", "Horvat Babić Marić Šarić", "Ilica|Vukovarska", "Zagreb|Split", "XXXXX", _EUROPE, "Mob.", "e-mail"),
    "sl_SI": _locale("SI", "Luka Maja Žiga Špela", "Novak Krajnc Zupančič Žagar", "Slovenska cesta|Trubarjeva", "Ljubljana|Maribor", "[1-9]XXX", _EUROPE, "GSM", "e-pošta"),
    "sr_RS": _locale("RS", "Милан Јелена Nikola Dragana", "Јовановић Petrović Nikolić Đorđević", "Кнез Михаилова|Bulevar oslobođenja", "Београд|Niš", "XXXXX", _EUROPE, "Моб.", "e-mail"),
    "ru_RU": _locale("RU", "Иван Ольга Дмитрий Наталья", "Иванов Смирнова Кузнецов Попова", "ул. Ленина|Невский пр.", "Москва|Тула", "XXXXXX", "{pc}, {tw}, {st}, д. {n}", "Тел.", "почта"),
    "uk_UA": _locale("UA", "Тарас Оксана Андрій Ірина", "Шевченко Коваленко Бондар Ткачук", "вул. Хрещатик|вул. Франка", "Київ|Львів", "XXXXX", "{st}, {n}, {tw}, {pc}", "Моб.", "пошта"),
    "tr_TR": _locale("TR", "Mehmet Ayşe Ömer Çiğdem", "Yılmaz Şahin Öztürk Kılıç", "Atatürk Cad.|İstiklal Cd.", "Ankara|İzmir", "XXXXX", "{st} No: {n}, {pc} {tw}", "Cep", "e-posta"),
    "he_IL": _locale("IL", "דוד רחל יוסי מיכל", "כהן לוי מזרחי פרץ", "רחוב הרצל|דרך יפו", "תל אביב|חיפה", "XXXXXXX", _EUROPE, "טלפון", "אימייל"),
    "ar_EG": _locale("EG", "محمد فاطمة أحمد منى", "حسن علي إبراهيم محمود", "شارع التحرير|شارع الهرم", "القاهرة|الجيزة", "XXXXX", _EUROPE, "موبايل", "بريد"),
    "ar_SA": _locale("SA", "عبدالله نورة خالد سارة", "القحطاني الغامدي العتيبي الحربي", "طريق الملك فهد|شارع العليا", "الرياض|جدة", "XXXXX", _EUROPE, "جوال", "بريد"),
    "ar_AE": _locale("AE", "راشد مريم Omar Layla", "المنصوري Haddad النعيمي Khan", "Sheikh Zayed Road|شارع الاتحاد", "Dubai|أبوظبي", "XXXXX", _EUROPE, "Mobile", "email"),
    "ur_PK": _locale("PK", "Ali Ayesha بلال Sana", "Khan Ahmed ملک Hussain", "Mall Road|Shahrah-e-Faisal", "Lahore|کراچی", "XXXXX", _EUROPE, "Mobile", "email"),
    "bn_BD": _locale("BD", "রহিম নুসরাত Karim Fatema", "হোসেন Rahman আক্তার Islam", "গুলশান এভিনিউ|Mirpur Road", "ঢাকা|Sylhet", "XXXX", _EUROPE, "মোবাইল", "ইমেইল"),
    "hi_IN": _locale("IN", "अमित सुनीता राहुल पूजा", "शर्मा वर्मा सिंह गुप्ता", "गांधी मार्ग|स्टेशन रोड", "दिल्ली|जयपुर", "[1-8]XXXXX", _EUROPE, "मोबाइल", "ईमेल"),
    "si_LK": _locale("LK", "Nimal Kumari Saman Dilini", "Perera Fernando Silva Jayasinghe", "Galle Road|Kandy Road", "Colombo|Kandy", "XXXXX", _WEST, "Tel", "email"),
    "th_TH": _locale("TH", "สมชาย มาลี วิชัย สุดา", "ใจดี ศรีสุข แสงทอง บุญมา", "ถนนสุขุมวิท|ถนนสีลม", "กรุงเทพ|เชียงใหม่", "XXXXX", _EUROPE, "โทร", "อีเมล"),
    "vi_VN": _locale("VN", "Anh Hương Tuấn Thảo", "Nguyễn Trần Phạm Đặng", "Lê Lợi|Nguyễn Huệ", "Hà Nội|Đà Nẵng", "XXXXXX", _WEST, "SĐT", "email", True),
    "id_ID": _locale("ID", "Budi Siti Agus Dewi", "Santoso Wijaya Pratama Lestari", "Jl. Sudirman|Jl. Merdeka", "Jakarta|Bandung", "XXXXX", "{st} No. {n}, {tw} {pc}", "HP", "email"),
    "ms_MY": _locale("MY", "Ahmad Nurul Farid Aisyah", "Abdullah Rahman Ismail Lee", "Jalan Ampang|Jalan Tun Razak", "Kuala Lumpur|Ipoh", "XXXXX", "{n}, {st}, {pc} {tw}", "Tel", "e-mel"),
    "zh_CN": _locale("CN", "伟 芳 娜 秀英 敏", "王 李 张 刘 陈", "中山路|人民路", "北京市|广州市", "XXXXXX", "{tw}{st}{n}号 {pc}", "电话", "邮箱", True),
    "zh_TW": _locale("TW", "志明 淑芬 家豪 美玲", "林 黃 蔡 吳", "忠孝東路|民生路", "台北市|高雄市", "XXXXX", "{pc}{tw}{st}{n}號", "手機", "信箱", True),
    "zh_HK": _locale("HK", "嘉欣 俊傑 詠詩 子軒", "陳 梁 何 周", "彌敦道|皇后大道中", "九龍|香港", "XXXXX", "{tw}{st}{n}號", "電話", "電郵", True),
    "ja_JP": _locale("JP", "太郎 花子 健一 さくら", "佐藤 鈴木 高橋 田中", "銀座|本町", "東京都|大阪市", "XXX-XXXX", "〒{pc} {tw}{st}{n}", "電話", "メール", True),
    "ko_KR": _locale("KR", "민준 서연 지훈 하은", "김 이 박 최", "세종대로|테헤란로", "서울|부산", "XXXXX", "{tw} {st} {n} ({pc})", "전화", "이메일", True),
}


_ALL = tuple(LOCALES.values())


def locale_of(rng: random.Random) -> Locale:
    return rng.choice(_ALL)


def name(rng: random.Random, locale: Locale) -> str:
    first, last = rng.choice(locale.first), rng.choice(locale.last).replace("-", " ")
    if locale.family_first:
        return last + first if ord(last[0]) > 0x2000 else f"{last} {first}"
    return f"{first} {last}"


def address(rng: random.Random, locale: Locale) -> str:
    return locale.address.format(st=rng.choice(locale.streets), n=rng.randint(1, 240), pc=fill(rng, locale.code), tw=rng.choice(locale.towns))


def birthday(rng: random.Random) -> str:
    y, m, d = rng.randint(1935, 2012), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice((f"{y}-{m:02}-{d:02}", f"{d:02}.{m:02}.{y}", f"{m:02}/{d:02}/{y}"))


def nickname(rng: random.Random) -> str:
    return rng.choice(("blue", "night", "river", "pixel", "tiny")) + rng.choice(("fox", "owl", "byte", "star")) + digits(rng, 2)
