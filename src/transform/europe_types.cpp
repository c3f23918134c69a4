// National identifiers of Europe. Each rule is the issuing authority's, as published; the weights
// and remainders of the sums stand in the code.

#include "transform/checksum.h"
#include "transform/detector_type.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

// ---- United Kingdom, Ireland

bool uk_nino(const ShapeMatch& match) {
  constexpr std::string_view kUnused = "BG GB KN NK NT TN ZZ";
  const std::string_view id = match.id;
  return std::string_view("DFIQUV").find(id[0]) == id.npos &&
         std::string_view("DFIQUVO").find(id[1]) == id.npos &&
         kUnused.find(id.substr(0, 2)) == id.npos && id[8] >= 'A' && id[8] <= 'D';
}

bool uk_nhs(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int check = 11 - weighted_sum(id, {10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return !all_same(id) && check != 10 && check % 11 == digit_at(id, 9);
}

// Surname, year and month (of women plus 50), day, initials, check.
bool uk_driver(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int month = static_cast<int>(number_at(id, 6, 2));
  return is_day_of_month(month > 50 ? month - 50 : month, static_cast<int>(number_at(id, 8, 2)));
}

bool ie_pps(const ShapeMatch& match) {
  const std::string_view id = match.id;
  int sum = weighted_sum(id, {8, 7, 6, 5, 4, 3, 2});
  if (id.size() == 9 && id[8] != 'W') sum += 9 * (id[8] - 'A' + 1);
  return id[7] == "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23];
}

// ---- Spain, Portugal, Italy, France

char es_letter(long long number) noexcept {
  return "TRWAGMYFPDXBNJZSQVHLCKE"[static_cast<std::size_t>(number % 23)];
}

bool es_nif(const ShapeMatch& match) { return match.id[8] == es_letter(number_at(match.id, 0, 8)); }

bool es_nie(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return id[8] == es_letter((id[0] - 'X') * 10'000'000LL + number_at(id, 1, 7));
}

bool pt_nif(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int rest = weighted_sum(id, {9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return id[0] != '0' && id[0] != '4' && digit_at(id, 8) == (rest < 2 ? 0 : 11 - rest);
}

// Value of a character in an odd place of the fiscal code.
int it_odd(char c) noexcept {
  constexpr int kValues[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                             20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  return kValues[is_digit(c) ? c - '0' : c - 'A'];
}

// Letters that stand for digits where two people would have the same code.
bool it_digit(char c) noexcept {
  return is_digit(c) || std::string_view("LMNPQRSTUV").find(c) != std::string_view::npos;
}

bool it_fiscal_code(const ShapeMatch& match) {
  const std::string_view id = match.id;
  for (const std::size_t i : {6, 7, 9, 10, 12, 13, 14})
    if (!it_digit(id[i])) return false;
  if (std::string_view("ABCDEHLMPRST").find(id[8]) == id.npos) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 15; ++i)
    sum += i % 2 == 0 ? it_odd(id[i]) : is_digit(id[i]) ? id[i] - '0' : id[i] - 'A';
  return id[15] == 'A' + sum % 26;
}

bool it_vat(const ShapeMatch& match) {
  return luhn(match.id) && !all_same(match.id) && number_at(match.id, 7, 3) <= 121;
}

bool fr_nir(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (std::string_view("123478").find(id[0]) == id.npos) return false;
  const long long month = number_at(id, 3, 2);
  if (month == 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  if (!is_digit(id[5])) return false;
  char digits[15];
  id.copy(digits, 15);
  long long corsica = 0;
  if (!is_digit(id[6])) {  // 2A and 2B count as 19 and 18
    if (id[5] != '2' || (id[6] != 'A' && id[6] != 'B')) return false;
    digits[6] = '0';
    corsica = id[6] == 'A' ? 1'000'000 : 2'000'000;
  }
  const std::string_view plain(digits, 15);
  if (!all_digits(plain)) return false;
  return 97 - (number_at(plain, 0, 13) - corsica) % 97 == number_at(plain, 13, 2);
}

// ---- Germany, Austria, Switzerland

// Among the first ten digits one occurs twice or thrice, the others once at most.
bool de_tax_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  int counts[10] = {};
  for (std::size_t i = 0; i < 10; ++i) ++counts[digit_at(id, i)];
  int repeated = 0;
  for (const int count : counts) {
    if (count > 3) return false;
    repeated += count > 1;
  }
  return id[0] != '0' && repeated == 1 && mod_11_10(id);
}

bool de_pension(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int day = static_cast<int>(number_at(id, 2, 2));
  if (!is_day_of_month(static_cast<int>(number_at(id, 4, 2)), day)) return false;
  char digits[13];
  id.copy(digits, 8);
  const int letter = id[8] - 'A' + 1;
  digits[8] = static_cast<char>('0' + letter / 10);
  digits[9] = static_cast<char>('0' + letter % 10);
  id.copy(digits + 10, 3, 9);
  constexpr int kWeights[] = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
  int sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const int product = (digits[i] - '0') * kWeights[i];
    sum += product / 10 + product % 10;
  }
  return sum % 10 == digits[12] - '0';
}

// ICAO 9303: weights 7, 3, 1; letters count from 10.
bool de_identity_card(const ShapeMatch& match) {
  const std::string_view id = match.id;
  constexpr int kWeights[] = {7, 3, 1};
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i)
    sum += (is_digit(id[i]) ? id[i] - '0' : id[i] - 'A' + 10) * kWeights[i % 3];
  return sum % 10 == digit_at(id, 9);
}

bool at_social(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int sum = weighted_sum(id, {3, 7, 9, 0, 5, 8, 4, 2, 1, 6});
  const int month = static_cast<int>(number_at(id, 6, 2));
  return id[0] != '0' && sum % 11 == digit_at(id, 3) && (has_ddmmyy(id, 4) || month > 12) &&
         month <= 15;
}

// EAN-13.
bool ch_social(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int sum = weighted_sum(id, {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1});
  return id.starts_with("756") && sum % 10 == 0;
}

// ---- Belgium, Netherlands, Luxembourg

bool be_register(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const long long month = number_at(id, 2, 2) % 20;  // 20 and 40 mark other registers
  if (month > 12 || number_at(id, 4, 2) > 31) return false;
  const long long check = number_at(id, 9, 2);
  const long long number = number_at(id, 0, 9);
  return 97 - number % 97 == check || 97 - (2'000'000'000 + number) % 97 == check;
}

bool nl_bsn(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return !all_same(id) && number_at(id, 0, 2) + number_at(id, 2, 2) > 0 &&
         weighted_sum(id, {9, 8, 7, 6, 5, 4, 3, 2, -1}) % 11 == 0;
}

bool lu_register(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (!has_yyyymmdd(id)) return false;
  char other[12];
  id.copy(other, 11);
  other[11] = id[12];
  return luhn(id.substr(0, 12)) && verhoeff({other, 12});
}

// ---- North

bool se_number(const ShapeMatch& match) {
  const std::string_view id = match.id.substr(match.id.size() - 10);
  const int month = static_cast<int>(number_at(id, 2, 2));
  const int day = static_cast<int>(number_at(id, 4, 2));  // plus 60: coordination number
  return is_day_of_month(month, day > 60 ? day - 60 : day) && luhn(id) &&
         (match.id.size() == 10 || match.id.starts_with("19") || match.id.starts_with("20"));
}

bool fi_hetu(const ShapeMatch& match) {
  const std::string_view id = match.id.substr(0, 6);
  const std::string_view rest = match.id.substr(match.id.size() - 4);
  if (!has_ddmmyy(id) || !all_digits(rest.substr(0, 3))) return false;
  if (match.id.size() == 11 &&
      std::string_view("ABCDEFYXWVU").find(match.id[6]) == std::string_view::npos)
    return false;
  const long long number = number_at(id, 0, 6) * 1000 + number_at(rest, 0, 3);
  return rest[3] == "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31];
}

bool no_number(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int day = static_cast<int>(number_at(id, 0, 2));    // plus 40: D number
  const int month = static_cast<int>(number_at(id, 2, 2));  // plus 40: H number
  if (!is_day_of_month(month > 40 ? month - 40 : month, day > 40 ? day - 40 : day)) return false;
  return weighted_sum(id, {3, 7, 6, 1, 8, 9, 4, 5, 2, 1}) % 11 == 0 &&
         weighted_sum(id, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
}

// The sum of weights has not bound numbers since 2007.
bool dk_cpr(const ShapeMatch& match) {
  return has_ddmmyy(match.id) && number_at(match.id, 6, 4) != 0;
}

bool is_kennitala(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return has_ddmmyy(id) && std::string_view("890").find(id[9]) != id.npos &&
         weighted_sum(id, {3, 2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
}

// ---- Baltic states

bool ee_lt_code(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (id[0] < '1' || id[0] > '8' || !has_yymmdd(id, 1)) return false;
  int rest = weighted_sum(id, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11;
  if (rest == 10) rest = weighted_sum(id, {3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10;
  return rest == digit_at(id, 10);
}

bool lv_code(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (id.starts_with("32")) return match.text.size() == 12;  // since 2017 without a date
  return has_ddmmyy(id) &&
         (1101 - weighted_sum(id, {1, 6, 3, 7, 9, 10, 5, 8, 4, 2})) % 11 % 10 == digit_at(id, 10);
}

// ---- Centre and south-east

bool pl_pesel(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int month = static_cast<int>(number_at(id, 2, 2)) % 20;  // centuries add 20
  return is_day_of_month(month, static_cast<int>(number_at(id, 4, 2))) &&
         weighted_sum(id, {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1}) % 10 == 0;
}

bool pl_nip(const ShapeMatch& match) {
  return match.id[0] != '0' &&
         weighted_sum(match.id, {6, 5, 7, 2, 3, 4, 5, 6, 7}) % 11 == digit_at(match.id, 9);
}

bool cz_birth_number(const ShapeMatch& match) {
  const std::string_view id = match.id;
  int month = static_cast<int>(number_at(id, 2, 2));  // of women plus 50, of late comers plus 20
  if (month > 50) month -= 50;
  if (month > 20) month -= 20;
  const long long number = number_at(id, 0, 10);
  return is_day_of_month(month, static_cast<int>(number_at(id, 4, 2))) && number % 11 == 0;
}

bool hu_personal_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (id[0] < '1' || id[0] > '8' || !has_yymmdd(id, 1)) return false;
  const int check = digit_at(id, 10);
  return weighted_sum(id, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) % 11 == check ||
         weighted_sum(id, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}) % 11 == check;
}

bool hu_tax_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return id[0] == '8' && weighted_sum(id, {1, 2, 3, 4, 5, 6, 7, 8, 9}) % 11 == digit_at(id, 9);
}

bool hr_oib(const ShapeMatch& match) { return mod_11_10(match.id) && !all_same(match.id); }

// The number of Yugoslavia, still in use in its successors.
bool jmbg(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (!has_ddmmyy(id) || (id[4] != '9' && id[4] != '0')) return false;
  const int check = 11 - weighted_sum(id, {7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return (check > 9 ? 0 : check) == digit_at(id, 12);
}

bool ro_cnp(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const long long county = number_at(id, 7, 2);
  if (id[0] == '0' || !has_yymmdd(id, 1) || county == 0 || county > 52) return false;
  const int rest = weighted_sum(id, {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11;
  return (rest == 10 ? 1 : rest) == digit_at(id, 12);
}

bool bg_egn(const ShapeMatch& match) {
  const std::string_view id = match.id;
  int month = static_cast<int>(number_at(id, 2, 2));  // plus 20 before 1900, plus 40 from 2000
  if (month > 20) month -= month > 40 ? 40 : 20;
  return is_day_of_month(month, static_cast<int>(number_at(id, 4, 2))) &&
         weighted_sum(id, {2, 4, 8, 5, 10, 9, 7, 3, 6}) % 11 % 10 == digit_at(id, 9);
}

bool gr_amka(const ShapeMatch& match) { return has_ddmmyy(match.id) && luhn(match.id); }

bool gr_afm(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return !all_same(id) &&
         weighted_sum(id, {256, 128, 64, 32, 16, 8, 4, 2}) % 11 % 10 == digit_at(id, 8);
}

bool tr_number(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int odd = weighted_sum(id, {1, 0, 1, 0, 1, 0, 1, 0, 1});
  const int even = weighted_sum(id, {0, 1, 0, 1, 0, 1, 0, 1});
  return id[0] != '0' && ((odd * 7 - even) % 10 + 10) % 10 == digit_at(id, 9) &&
         (odd + even + digit_at(id, 9)) % 10 == digit_at(id, 10);
}

// ---- East

bool ru_inn(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return weighted_sum(id, {7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == digit_at(id, 10) &&
         weighted_sum(id, {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == digit_at(id, 11);
}

bool ru_snils(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return number_at(id, 0, 9) > 1'001'998 &&
         weighted_sum(id, {9, 8, 7, 6, 5, 4, 3, 2, 1}) % 101 % 100 == number_at(id, 9, 2);
}

bool ua_tax_number(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return (weighted_sum(id, {-1, 5, 7, 9, 4, 6, 10, 5, 7}) % 11 + 11) % 11 % 10 == digit_at(id, 9);
}

const DetectorType kTypes[] = {
    {.name = "UK_NATIONAL_INSURANCE_NUMBER",
     .aliases = "UK_NINO NINO",
     .validator = "prefix in use, suffix A to D",
     .context = "nino insurance ni",
     .shapes = "@@######@=80|@@ ## ## ## @=95|@@-##-##-##-@=95|@@ ###### @=85",
     .valid = uk_nino,
     .example = "AB 12 34 56 C"},
    {.name = "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
     .aliases = "UK_NHS UK_NHS_NUMBER NHS",
     .validator = "weighted sum mod 11",
     .context = "nhs health patient",
     .shapes = "### ### ####=55|###-###-####=40|##########=20",
     .valid = uk_nhs,
     .example = "943 476 5919"},
    {.name = "UK_DRIVING_LICENSE",
     .aliases = "UK_DRIVING_LICENCE UK_DRIVERS_LICENSE",
     .validator = "birth date by place",
     .context = "driving driver licence license dvla",
     .shapes = "@****######@*#@@=80|@**** ###### @*#@@=85",
     .valid = uk_driver,
     .example = "MORGA657054SM9IJ"},
    {.name = "IRELAND_PERSONAL_PUBLIC_SERVICE_NUMBER",
     .aliases = "IE_PPS IRELAND_PPS PPS PPSN",
     .validator = "weighted sum mod 23",
     .context = "pps ppsn",
     .shapes = "#######@=45|#######@@=60",
     .valid = ie_pps,
     .example = "1234567FA"},
    {.name = "SPAIN_DNI",
     .aliases = "ES_NIF SPAIN_NIF NIF DNI",
     .validator = "letter by mod 23",
     .context = "dni nif",
     .shapes = "########@=60|########[- ]@=70|##.###.###-?@=90|##.###.### @=90",
     .valid = es_nif,
     .example = "12345678Z"},
    {.name = "SPAIN_NIE",
     .aliases = "ES_NIE NIE",
     .validator = "X, Y or Z, letter by mod 23",
     .context = "nie extranjero",
     .shapes = "X-?#######-?@=80|Y-?#######-?@=80|Z-?#######-?@=80|X #######[ -]@=80|"
               "Y #######[ -]@=80|Z #######[ -]@=80",
     .valid = es_nie,
     .example = "X1234567L"},
    {.name = "PORTUGAL_NIF",
     .aliases = "PT_NIF PORTUGAL_TAX_IDENTIFICATION_NUMBER",
     .validator = "weighted sum mod 11",
     .context = "nif contribuinte nipc",
     .shapes = "#########=15|### ### ###=25",
     .valid = pt_nif,
     .example = "123456789"},
    {.name = "ITALY_FISCAL_CODE",
     .aliases = "IT_FISCAL_CODE CODICE_FISCALE",
     .validator = "month letter, check letter",
     .context = "codice fiscale cf",
     .shapes = "@{6}**@**@***@=95|@@@ @@@ **@** @***@=90",
     .valid = it_fiscal_code,
     .example = "RSSMRA85T10A562S"},
    {.name = "ITALY_VAT_CODE",
     .aliases = "IT_VAT_CODE PARTITA_IVA",
     .validator = "Luhn, office",
     .context = "partita iva piva vat",
     .shapes = "###########=20",
     .valid = it_vat,
     .example = "12345670017"},
    {.name = "FRANCE_NATIONAL_IDENTIFICATION_NUMBER",
     .aliases = "FR_NIR FRANCE_INSEE NIR INSEE",
     .validator = "sex, month, department, mod 97",
     .context = "nir insee securite sécurité sociale",
     .shapes = "#{6}*#{8}=75|# ## ## #* ### ### ##=95|# ## ## #* ### ###~##=95",
     .valid = fr_nir,
     .example = "1 84 12 76 451 089 46"},
    {.name = "GERMANY_TAX_IDENTIFICATION_NUMBER",
     .aliases = "DE_TAX_ID STEUER_ID IDNR",
     .validator = "repeated digit, MOD 11,10",
     .context = "steuer steuerid steuernummer identifikationsnummer idnr tin tax",
     .shapes = "## ### ### ###=60|###########=30",
     .valid = de_tax_id,
     .example = "86 095 742 719"},
    {.name = "GERMANY_SOCIAL_SECURITY_NUMBER",
     .aliases = "DE_SOCIAL_SECURITY GERMANY_PENSION_NUMBER",
     .validator = "birth date, check digit",
     .context = "rentenversicherung rentenversicherungsnummer sozialversicherungsnummer rvnr svnr",
     .shapes = "########@###=75|## ###### @ ###=90",
     .valid = de_pension,
     .example = "15 070649 C 103"},
    {.name = "GERMANY_IDENTITY_CARD",
     .aliases = "DE_ID_CARD GERMANY_PASSPORT_NUMBER",
     .validator = "weights 7, 3, 1",
     .context = "ausweis personalausweis ausweisnummer reisepass passnummer passport",
     .shapes = "@********#=15|##########=5",
     .valid = de_identity_card,
     .example = "T220001293"},
    {.name = "AUSTRIA_SOCIAL_SECURITY_NUMBER",
     .aliases = "AT_SVNR SVNR",
     .validator = "birth date, weighted sum mod 11",
     .context = "svnr sozialversicherung sozialversicherungsnummer versicherungsnummer sv",
     .shapes = "#### ######=60|####-######=50|##########=25",
     .valid = at_social,
     .example = "1237 010180"},
    {.name = "SWITZERLAND_AHV_NUMBER",
     .aliases = "CH_AHV AHV AVS",
     .validator = "756, EAN-13",
     .context = "ahv avs sozialversicherungsnummer",
     .shapes = "###.####.####.##=95|#############=60",
     .valid = ch_social,
     .example = "756.9217.0769.85"},
    {.name = "BELGIUM_NATIONAL_REGISTER_NUMBER",
     .aliases = "BE_RRN BELGIUM_NATIONAL_IDENTIFICATION_NUMBER RRN",
     .validator = "birth date, mod 97",
     .context = "rijksregister rijksregisternummer national niss insz registre",
     .shapes = "##.##.##-###.##=95|##.##.## ###.##=95|##.##.##-###-##=95|###### ###~##=75|"
               "######-###~##=75|###########=45",
     .valid = be_register,
     .example = "85.07.30-033.28"},
    {.name = "NETHERLANDS_CITIZEN_SERVICE_NUMBER",
     .aliases = "NL_BSN NETHERLANDS_BSN BSN",
     .validator = "weighted sum mod 11",
     .context = "bsn burgerservicenummer sofinummer sofi",
     .shapes = "#########=15|####.##.###=65|### ### ###=25|########=5",
     .valid =
         [](const ShapeMatch& match) {
           char nine[9] = {'0'};
           match.id.copy(nine + (9 - match.id.size()), match.id.size());
           return nl_bsn({{nine, 9}, match.text, match.before});
         },
     .example = "111222333"},
    {.name = "LUXEMBOURG_NATIONAL_IDENTIFICATION_NUMBER",
     .aliases = "LU_ID",
     .validator = "birth date, Luhn and Verhoeff",
     .context = "matricule luxembourg",
     .shapes = "#############=60",
     .valid = lu_register,
     .example = "1980011512341"},
    {.name = "SWEDEN_NATIONAL_IDENTIFICATION_NUMBER",
     .aliases = "SE_PERSONNUMMER SWEDEN_PERSONNUMMER PERSONNUMMER",
     .validator = "birth date, Luhn",
     .context = "personnummer pnr samordningsnummer",
     .shapes = "######-####=60|######+####=80|########-####=85|##########=15|############=35",
     .valid = se_number,
     .example = "811228-9874"},
    {.name = "FINLAND_NATIONAL_IDENTIFICATION_NUMBER",
     .aliases = "FI_PERSONAL_IDENTITY_CODE FINLAND_HETU HETU",
     .validator = "birth date, mod 31",
     .context = "hetu henkilotunnus henkilötunnus",
     .shapes = "######-###*=85|######+###*=85|######@###*=85",
     .valid = fi_hetu,
     .example = "131052-308T"},
    {.name = "NORWAY_BIRTH_NUMBER",
     .aliases = "NO_FODSELSNUMMER NORWAY_NATIONAL_IDENTIFICATION_NUMBER",
     .validator = "birth date, two sums mod 11",
     .context = "fodselsnummer fødselsnummer personnummer fnr",
     .shapes = "###### #####=80|###########=50",
     .valid = no_number,
     .example = "15108695088"},
    {.name = "DENMARK_PERSONAL_IDENTIFICATION_NUMBER",
     .aliases = "DK_CPR DENMARK_CPR CPR",
     .validator = "birth date",
     .context = "cpr personnummer cprnr",
     .shapes = "######-####=40|##########=10",
     .valid = dk_cpr,
     .example = "211062-5629"},
    {.name = "ICELAND_KENNITALA",
     .aliases = "IS_KENNITALA",
     .validator = "birth date, weighted sum mod 11",
     .context = "kennitala",
     .shapes = "######-####=70|##########=30",
     .valid = is_kennitala,
     .example = "120174-3399"},
    {.name = "ESTONIA_PERSONAL_IDENTIFICATION_CODE",
     .aliases = "EE_ISIKUKOOD LT_ASMENS_KODAS LITHUANIA_PERSONAL_IDENTIFICATION_NUMBER",
     .validator = "birth date, two-stage sum mod 11",
     .context = "isikukood asmens kodas",
     .shapes = "###########=45",
     .valid = ee_lt_code,
     .example = "37605030299"},
    {.name = "LATVIA_PERSONAL_IDENTIFICATION_NUMBER",
     .aliases = "LV_PERSONAS_KODS",
     .validator = "birth date, weighted sum mod 11",
     .context = "personas kods",
     .shapes = "######-#####=60|###########=20",
     .valid = lv_code,
     .example = "161175-19997"},
    {.name = "POLAND_PESEL_NUMBER",
     .aliases = "PL_PESEL POLAND_PESEL PESEL POLAND_NATIONAL_ID_NUMBER",
     .validator = "birth date, weighted sum mod 10",
     .context = "pesel",
     .shapes = "###########=40",
     .valid = pl_pesel,
     .example = "44051401359"},
    {.name = "POLAND_NIP",
     .aliases = "PL_NIP POLAND_TAXPAYER_IDENTIFICATION_NUMBER",
     .validator = "weighted sum mod 11",
     .context = "nip",
     .shapes = "###-###-##-##=65|###-##-##-###=65|##########=20",
     .valid = pl_nip,
     .example = "123-456-32-18"},
    {.name = "CZECHIA_BIRTH_NUMBER",
     .aliases = "CZ_RODNE_CISLO SK_RODNE_CISLO SLOVAKIA_BIRTH_NUMBER RODNE_CISLO",
     .validator = "birth date, mod 11",
     .context = "rodne rodné cislo číslo rc",
     .shapes = "######/####=85|##########=25",
     .valid = cz_birth_number,
     .example = "736028/5163"},
    {.name = "HUNGARY_PERSONAL_ID",
     .aliases = "HU_PERSONAL_ID",
     .validator = "birth date, weighted sum mod 11",
     .context = "szemelyi személyi azonosito azonosító",
     .shapes = "#-######-####=80|# ###### ####=80|###########=25",
     .valid = hu_personal_id,
     .example = "1-890721-4567"},
    {.name = "HUNGARY_TAX_ID",
     .aliases = "HU_TAX_ID ADOAZONOSITO",
     .validator = "8, weighted sum mod 11",
     .context = "ado adó adoazonosito adóazonosító adoszam",
     .shapes = "##########=20",
     .valid = hu_tax_id,
     .example = "8012345676"},
    {.name = "CROATIA_PERSONAL_IDENTIFICATION_NUMBER",
     .aliases = "HR_OIB CROATIA_OIB OIB",
     .validator = "MOD 11,10",
     .context = "oib",
     .shapes = "###########=25",
     .valid = hr_oib,
     .example = "69435151530"},
    {.name = "SERBIA_UNIQUE_MASTER_CITIZEN_NUMBER",
     .aliases = "RS_JMBG JMBG SI_EMSO SLOVENIA_UNIQUE_MASTER_CITIZEN_NUMBER EMSO",
     .validator = "birth date, weighted sum mod 11",
     .context = "jmbg emso emšo embg",
     .shapes = "#############=45",
     .valid = jmbg,
     .example = "0101006500006"},
    {.name = "ROMANIA_NUMERICAL_PERSONAL_CODE",
     .aliases = "RO_CNP ROMANIA_CNP CNP",
     .validator = "birth date, county, weighted sum mod 11",
     .context = "cnp",
     .shapes = "#############=45",
     .valid = ro_cnp,
     .example = "1800101221144"},
    {.name = "BULGARIA_UNIFORM_CIVIL_NUMBER",
     .aliases = "BG_EGN BULGARIA_EGN EGN",
     .validator = "birth date, weighted sum mod 11",
     .context = "egn егн ucn",
     .shapes = "##########=25",
     .valid = bg_egn,
     .example = "7523169263"},
    {.name = "GREECE_AMKA",
     .aliases = "GR_AMKA AMKA",
     .validator = "birth date, Luhn",
     .context = "amka αμκα",
     .shapes = "###########=40",
     .valid = gr_amka,
     .example = "01013099997"},
    {.name = "GREECE_TAX_IDENTIFICATION_NUMBER",
     .aliases = "GR_AFM AFM",
     .validator = "powers of two mod 11",
     .context = "afm αφμ",
     .shapes = "#########=15",
     .valid = gr_afm,
     .example = "094259216"},
    {.name = "TURKEY_NATIONAL_IDENTIFICATION_NUMBER",
     .aliases = "TR_TCKN TURKEY_TCKN TCKN",
     .validator = "two check digits",
     .context = "tckn tc kimlik",
     .shapes = "###########=45",
     .valid = tr_number,
     .example = "10000000146"},
    {.name = "RUSSIA_TAXPAYER_IDENTIFICATION_NUMBER",
     .aliases = "RU_INN INN",
     .validator = "two sums mod 11",
     .context = "inn инн",
     .shapes = "############=45",
     .valid = ru_inn,
     .example = "500100732259"},
    {.name = "RUSSIA_SNILS",
     .aliases = "RU_SNILS SNILS",
     .validator = "weighted sum mod 101",
     .context = "snils снилс",
     .shapes = "###-###-###[- ]##=95|###########=30",
     .valid = ru_snils,
     .example = "112-233-445 95"},
    {.name = "UKRAINE_INDIVIDUAL_TAX_NUMBER",
     .aliases = "UA_RNOKPP RNOKPP",
     .validator = "weighted sum mod 11",
     .context = "рнокпп іпн rnokpp ipn",
     .shapes = "##########=20",
     .valid = ua_tax_number,
     .example = "1759013776"},
};

}  // namespace

std::span<const DetectorType> europe_types() { return kTypes; }

}  // namespace freshet
