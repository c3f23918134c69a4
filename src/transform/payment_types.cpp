// Payment cards (ISO/IEC 7812: Luhn; issuer ranges as the card schemes publish them), IBAN (ISO
// 13616), BIC (ISO 9362), account numbers.

#include <algorithm>
#include <iterator>
#include <string>

#include "base/ascii.h"
#include "transform/checksum.h"
#include "transform/detector_type.h"
#include "transform/payment_card.h"

namespace freshet {
namespace {

struct Issuer {
  int first;  // six digits
  int last;
  std::size_t least;  // digits of a number
  std::size_t most;
};

constexpr Issuer kIssuers[] = {
    {180000, 180099, 15, 15}, {213100, 213199, 15, 15},  // JCB, old
    {220000, 220499, 16, 19},                            // Mir
    {222100, 272099, 16, 16},                            // Mastercard
    {300000, 305999, 14, 19}, {309500, 309599, 14, 19},  // Diners Club
    {340000, 349999, 15, 15},                            // American Express
    {350000, 359999, 16, 19},                            // JCB, all of its 35
    {360000, 369999, 14, 19},                            // Diners Club
    {370000, 379999, 15, 15},                            // American Express
    {380000, 399999, 14, 19},                            // Diners Club
    {400000, 499999, 13, 13}, {400000, 499999, 16, 16}, {400000, 499999, 19, 19},  // Visa
    {500000, 509999, 12, 19},                                                      // Maestro, Verve
    {510000, 559999, 16, 16},                                                      // Mastercard
    {560000, 589999, 12, 19},                                                      // Maestro
    {600000, 699999, 16, 19},  // Discover, UnionPay, RuPay, Maestro
    {630400, 630499, 12, 19}, {639000, 639099, 12, 19}, {670000, 679999, 12, 19},  // Maestro
    {810000, 829999, 16, 19},  // UnionPay, RuPay
    {979200, 979299, 16, 16},  // Troy
};

// EAN-13 and UPC-A: the number of goods.
bool is_article_number(std::string_view digits) noexcept {
  if (digits.size() != 12 && digits.size() != 13) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i)
    sum += (digits[digits.size() - 1 - i] - '0') * (i % 2 == 0 ? 1 : 3);
  return sum % 10 == 0;
}

bool names_card(std::string_view before) noexcept {
  constexpr std::size_t kReach = 40;
  const std::string words =
      lower_case(before.substr(before.size() - std::min(before.size(), kReach)));
  return words.contains("card") || words.contains("visa") || words.contains("maestro");
}

// Short numbers stand on goods, too: one with their check digit is a card only if a word says so.
bool card(const ShapeMatch& match) {
  return is_card_number(match.id) && (!is_article_number(match.id) || names_card(match.before));
}

// ISO 3166 codes, and XK.
constexpr std::string_view kCountries =
    "AD AE AF AG AI AL AM AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY "
    "BZ "
    "CA CD CF CG CH CI CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK "
    "FM "
    "FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ "
    "IR "
    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD "
    "ME "
    "MG MH MK ML MM MN MO MQ MR MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NZ OM PA PE PF PG "
    "PH "
    "PK PL PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SY "
    "SZ "
    "TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT "
    "ZA "
    "ZM ZW";

bool is_country(std::string_view code) noexcept {
  for (std::size_t at = 0; at < kCountries.size(); at += 3)
    if (kCountries.substr(at, 2) == code) return true;
  return false;
}

// Country and length.
constexpr std::string_view kIbanLengths =
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 "
    "DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 "
    "IL23 "
    "IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 "
    "MR27 "
    "MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 "
    "SI19 "
    "SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "
    "AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 "
    "NE28 "
    "SN28 TD27 TG28";

// Written in one piece it may have another length than the registry's: countries change it, and
// programs that make up accounts do not know it. Of what looks alike one in a hundred passes.
bool iban(const ShapeMatch& match) {
  const std::string_view id = match.id;
  std::size_t at = 0;
  while (at < kIbanLengths.size() && kIbanLengths.substr(at, 2) != id.substr(0, 2)) at += 5;
  const bool listed = at < kIbanLengths.size();
  const bool fits =
      listed && static_cast<std::size_t>(number_at(kIbanLengths, at + 2, 2)) == id.size();
  const bool may_fit = listed ? match.text.size() == id.size() : is_country(id.substr(0, 2));
  return (fits || may_fit) && mod_97(id.substr(0, 4), mod_97(id.substr(4))) == 1;
}

bool bic(const ShapeMatch& match) {
  return match.text == match.id && is_country(match.id.substr(4, 2));  // capitals only
}

const DetectorType kTypes[] = {
    {.name = "CREDIT_CARD",
     .aliases = "CREDIT_CARD_NUMBER CARD PAYMENT_CARD DEBIT_CARD",
     .validator = "Luhn, issuer ranges with their lengths",
     .context = "card cards credit debit visa mastercard amex discover diners jcb maestro unionpay "
                "pan cc creditcard cardnumber karte kreditkarte tarjeta carte cartao carta",
     .shapes =
         "####~ ?####~ ?####~ ?####=90|####~ ?####~ ?####~ ?####~#{2,3}=85|####~######~#####=90|"
         "####~######~####=85|######~##########=55|######~#############=55|#{14,19}=65|"
         "#{12,13}=50",
     .valid = card,
     .example = "4111 1111 1111 1111"},
    {.name = "IBAN",
     .aliases = "IBAN_CODE",
     .validator = "country, mod 97",
     .context = "iban konto account",
     .shapes = "@@##*{10,30}=95|@@##(?:~****){2,7}(?:~*{1,3}){0,1}=95",
     .valid = iban,
     .example = "DE89 3704 0044 0532 0130 00"},
    {.name = "BIC",
     .aliases = "SWIFT SWIFT_CODE BIC_CODE",
     .validator = "country, capitals",
     .context = "bic swift",
     .shapes = "@{6}**=15|@{6}*****=15",
     .valid = bic,
     .example = "DEUTDEFF500"},
    {.name = "BANK_ACCOUNT",
     .aliases = "BANK_ACCOUNT_NUMBER US_BANK_NUMBER USA_BANK_ACCOUNT",
     .validator = "6 to 17 digits",
     .context = "bank acct checking savings konto kontonummer kontonr routing aba bankaccount",
     .shapes = "#{6,17}=5",
     .valid = [](const ShapeMatch& match) { return !all_same(match.id); },
     .example = "000123456789"},
};

}  // namespace

bool is_card_number(std::string_view digits) noexcept {
  const int issuer = static_cast<int>(number_at(digits, 0, 6));
  const std::size_t size = digits.size();
  const bool issued =
      std::any_of(std::begin(kIssuers), std::end(kIssuers), [&](const Issuer& range) {
        return issuer >= range.first && issuer <= range.last && size >= range.least &&
               size <= range.most;
      });
  return issued && luhn(digits);
}

std::span<const DetectorType> payment_types() { return kTypes; }

}  // namespace freshet
