#include "transform/name_prior.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "transform/text_scan.h"

namespace freshet {
namespace {

constexpr NamePrior kEmail{.type = "EMAIL"};
constexpr NamePrior kPhone{.type = "PHONE_NUMBER", .numeric = true};

// One of these makes a name a prior by itself.
constexpr std::string_view kEmailWords[] = {
    "email",     "emails",    "emailaddress", "emailaddresses", "mailaddress",
    "emailaddr", "useremail", "mailbox",      "courriel",       "correo"};
constexpr std::string_view kPhoneWords[] = {
    "phone",     "phones",      "phonenumber",   "phonenumbers", "phoneno",      "phonenum",
    "telephone", "telephones",  "telefon",       "telefono",     "telefone",     "telephonenumber",
    "telno",     "telnumber",   "telnr",         "msisdn",       "whatsapp",     "cellphone",
    "cellno",    "cellnumber",  "mobilephone",   "mobileno",     "mobilenumber", "mobilenum",
    "faxnumber", "faxno",       "homephone",     "workphone",    "userphone",    "celular",
    "rufnummer", "handynummer", "telefonnummer", "landline"};
// These only if nothing but kPlainWords stands beside them: "mobile", "work_fax", "cell_no".
constexpr std::string_view kEmailHints[] = {"mail", "mails"};
constexpr std::string_view kPhoneHints[] = {"mobile", "mobil", "cell", "tel",
                                            "fax",    "handy", "movil"};
// Words that leave the meaning of a name as it is.
constexpr std::string_view kPlainWords[] = {
    "number",   "numbers",   "no",       "nr",        "num",         "user",      "users",
    "customer", "client",    "contact",  "home",      "work",        "office",    "business",
    "primary",  "secondary", "alt",      "alternate", "alternative", "emergency", "personal",
    "private",  "billing",   "shipping", "main",      "my",          "address",   "addresses",
    "addr",     "company",   "other",    "digits",    "employee",    "member",    "owner",
    "person",   "recipient", "sender",   "e164",      "new",         "old",       "current",
    "previous", "e",         "day",      "evening",   "night",       "direct"};
// In JSON, members that hold what the name above says: {"phone": {"value": ...}}.
constexpr std::string_view kHolderWords[] = {"value", "raw", "full", "formatted", "default"};
// Words that tell that a name is about something else than the address or number itself.
constexpr std::string_view kOtherWords[] = {"is",
                                            "has",
                                            "count",
                                            "verified",
                                            "verification",
                                            "confirmed",
                                            "confirmation",
                                            "status",
                                            "type",
                                            "sent",
                                            "at",
                                            "on",
                                            "date",
                                            "time",
                                            "enabled",
                                            "disabled",
                                            "opt",
                                            "optin",
                                            "optout",
                                            "template",
                                            "subject",
                                            "body",
                                            "text",
                                            "content",
                                            "id",
                                            "ids",
                                            "flag",
                                            "version",
                                            "app",
                                            "os",
                                            "device",
                                            "provider",
                                            "domain",
                                            "carrier",
                                            "country",
                                            "code",
                                            "format",
                                            "preference",
                                            "preferences",
                                            "pref",
                                            "notifications",
                                            "notification",
                                            "allowed",
                                            "valid",
                                            "validated",
                                            "created",
                                            "updated",
                                            "bounced",
                                            "bounce",
                                            "opened",
                                            "clicked",
                                            "frequency",
                                            "language",
                                            "model",
                                            "brand",
                                            "ext",
                                            "extension",
                                            "hash",
                                            "token",
                                            "score",
                                            "list",
                                            "campaign",
                                            "queue",
                                            "size",
                                            "length",
                                            "price",
                                            "prefix",
                                            "kind",
                                            "label",
                                            "subscribed",
                                            "subscription",
                                            "marketing",
                                            "consent",
                                            "plan",
                                            "calls",
                                            "in",
                                            "out"};

// Names of other kinds: the words of a name, joined; with or without kPlainWords.
struct NamedKind {
  NamePrior prior;
  std::string_view names;
};
constexpr NamedKind kKinds[] = {
    {{.type = "PHONE_NUMBER", .numeric = true},
     " contactno contactnumber contactnum contactnr callerid callernumber calleenumber ani dnis "},
    {{.type = "CREDIT_CARD", .numeric = true},
     " cardnumber cardnum cardno creditcard creditcardnumber creditcardno ccnumber ccnum ccno "
     "debitcard debitcardnumber paymentcard paymentcardnumber kreditkarte kreditkartennummer "},
    {{.type = "IBAN"}, " iban ibannumber ibancode bankiban "},
    {{.type = "BIC"}, " bic swift swiftcode biccode swiftbic "},
    {{.type = "BANK_ACCOUNT", .numeric = true},
     " bankaccount bankaccountnumber bankacct bankaccountno kontonummer kontonr routingnumber "
     "abarouting abaroutingnumber "},
    {{.type = "USA_SSN", .numeric = true},
     " ssn ssnnumber socialsecurity socialsecuritynumber socialsecurityno "},
    {{.type = "USA_ITIN", .numeric = true}, " itin "},
    {{.type = "USA_PASSPORT_NUMBER", .numeric = true},
     " passport passportnumber passportno passportnum passnummer reisepassnummer "},
    {{.type = "USA_DRIVING_LICENSE", .numeric = true},
     " driverslicense driverslicensenumber driverlicense driverlicensenumber drivinglicense "
     "drivinglicence drivinglicencenumber dlnumber "},
    {{.type = "USA_MEDICARE_BENEFICIARY_IDENTIFIER"}, " mbi medicarenumber medicareid "},
    {{.type = "UK_NATIONAL_INSURANCE_NUMBER"}, " nino nationalinsurancenumber nationalinsurance "},
    {{.type = "UK_NATIONAL_HEALTH_SERVICE_NUMBER", .numeric = true}, " nhsnumber nhsno "},
    {{.type = "SPAIN_DNI"}, " dni "},
    {{.type = "SPAIN_NIE"}, " nie "},
    {{.type = "ITALY_FISCAL_CODE"}, " codicefiscale fiscalcode "},
    {{.type = "FRANCE_NATIONAL_IDENTIFICATION_NUMBER", .numeric = true},
     " nir numerosecuritesociale securitesociale "},
    {{.type = "GERMANY_TAX_IDENTIFICATION_NUMBER", .numeric = true},
     " steuerid steueridentifikationsnummer steuernummer "},
    {{.type = "NETHERLANDS_CITIZEN_SERVICE_NUMBER", .numeric = true},
     " bsn burgerservicenummer sofinummer "},
    {{.type = "BELGIUM_NATIONAL_REGISTER_NUMBER", .numeric = true},
     " rijksregisternummer insz niss "},
    {{.type = "SWEDEN_NATIONAL_IDENTIFICATION_NUMBER"}, " personnummer "},
    {{.type = "NORWAY_BIRTH_NUMBER", .numeric = true}, " fodselsnummer "},
    {{.type = "FINLAND_NATIONAL_IDENTIFICATION_NUMBER"}, " hetu henkilotunnus "},
    {{.type = "DENMARK_PERSONAL_IDENTIFICATION_NUMBER"}, " cpr cprnr cprnummer "},
    {{.type = "POLAND_PESEL_NUMBER", .numeric = true}, " pesel "},
    {{.type = "CROATIA_PERSONAL_IDENTIFICATION_NUMBER", .numeric = true}, " oib "},
    {{.type = "ROMANIA_NUMERICAL_PERSONAL_CODE", .numeric = true}, " cnp "},
    {{.type = "BULGARIA_UNIFORM_CIVIL_NUMBER", .numeric = true}, " egn "},
    {{.type = "TURKEY_NATIONAL_IDENTIFICATION_NUMBER", .numeric = true}, " tckn tckimlikno "},
    {{.type = "BRAZIL_CPF", .numeric = true}, " cpf "},
    {{.type = "BRAZIL_CNPJ", .numeric = true}, " cnpj "},
    {{.type = "MEXICO_CURP"}, " curp "},
    {{.type = "INDIA_AADHAAR_NUMBER", .numeric = true}, " aadhaar aadhaarnumber aadhar "},
    {{.type = "SINGAPORE_NRIC"}, " nric "},
    {{.type = "HONG_KONG_IDENTITY_CARD"}, " hkid "},
    {{.type = "IP_ADDRESS"},
     " ip ips ipaddress ipaddresses ipaddr clientip remoteip sourceip userip loginip lastip "
     "lastloginip hostip remoteaddr "},
    {{.type = "MAC_ADDRESS"}, " macaddress macaddr wifimac bssid hwaddr "},
    {{.type = "PERSON_NAME"},
     " firstname lastname fullname middlename surname givenname familyname maidenname forename "
     "fname lname customername contactname patientname employeename recipientname cardholdername "
     "cardholder beneficiaryname accountholder accountholdername payeename passengername guestname "
     "mothername fathername mothersmaidenname spousename nameoncard vorname nachname prenom "
     "apellido "
     "apellidos cognome sobrenome nomecompleto nombrecompleto nomcomplet voornaam achternaam "},
    {{.type = "DATE_OF_BIRTH", .dated = true},
     " dob birthdate birthdates dateofbirth birthday birthdt bornon borndate geburtsdatum "
     "geburtstag fechanacimiento fechadenacimiento datenaissance datedenaissance datadenascimento "
     "datadinascita geboortedatum "},
    {{.type = "POSTAL_ADDRESS"},
     " address streetaddress street addressline streetname postaladdress mailingaddress "
     "homeaddress "
     "shippingaddress billingaddress deliveryaddress residentialaddress addr strasse anschrift "
     "adresse direccion endereco indirizzo domicilio "},
    {{.type = "GPS_COORDINATES", .numeric = true},
     " latitude longitude lat lng lon gps gpscoordinates coordinates geolocation latlng latlon "},
    {{.type = "API_KEY"}, " apikey secretkey accesstoken refreshtoken clientsecret "},
};

template <std::size_t N>
bool is_one_of(const std::string& word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// Lower-case words of a name: breaks at punctuation, digits and camel humps.
std::vector<std::string> split_words(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_letter(c) && !is_wide(c)) {
      finish();
      continue;
    }
    const bool upper = c != lower(c);
    const bool after_lower = i > 0 && is_letter(name[i - 1]) && name[i - 1] == lower(name[i - 1]);
    const bool before_lower =
        i + 1 < name.size() && is_letter(name[i + 1]) && name[i + 1] == lower(name[i + 1]);
    if (upper && (after_lower || before_lower)) finish();
    word.push_back(lower(c));
  }
  finish();
  return words;
}

// "e_mail", "eMail", "E-Mail" are one word.
void join_email(std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "e" || !words[i + 1].starts_with("mail")) continue;
    words[i] = "e" + words[i + 1];
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

NamePrior prior_of_words(const std::vector<std::string>& words) {
  NamePrior strong;
  NamePrior hint;
  bool plain = true;  // all words are known to leave the meaning alone
  for (const std::string& word : words) {
    if (is_one_of(word, kOtherWords)) return NamePrior{};
    if (is_one_of(word, kEmailWords))
      strong = kEmail;
    else if (is_one_of(word, kPhoneWords))
      strong = kPhone;
    else if (is_one_of(word, kEmailHints))
      hint = kEmail;
    else if (is_one_of(word, kPhoneHints))
      hint = kPhone;
    else
      plain = plain && is_one_of(word, kPlainWords);
  }
  if (strong) return strong;
  return plain ? hint : NamePrior{};
}

// The kind that words name from end to end, apart from plain words around: "customer_first_name".
NamePrior kind_of_words(const std::vector<std::string>& words) {
  for (std::size_t first = 0; first < words.size(); ++first) {
    for (std::size_t last = words.size(); last > first; --last) {
      std::string joined = " ";
      for (std::size_t i = first; i < last; ++i) joined += words[i];
      joined += ' ';
      for (const NamedKind& kind : kKinds)
        if (kind.names.find(joined) != kind.names.npos) return kind.prior;
      if (!is_one_of(words[last - 1], kPlainWords)) break;
    }
    if (!is_one_of(words[first], kPlainWords)) break;
  }
  return {};
}

}  // namespace

NamePrior prior_of_name(std::string_view name, std::string_view parent) {
  std::vector<std::string> words = split_words(name);
  const bool says_nothing = std::all_of(words.begin(), words.end(), [](const std::string& word) {
    return is_one_of(word, kPlainWords) || is_one_of(word, kHolderWords);
  });
  if (says_nothing && !parent.empty()) {
    std::vector<std::string> above = split_words(parent);
    words.insert(words.begin(), above.begin(), above.end());
  }
  join_email(words);
  if (const NamePrior prior = prior_of_words(words)) return prior;
  return kind_of_words(words);
}

}  // namespace freshet
