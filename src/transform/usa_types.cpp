// Identifiers of the United States. SSN, ITIN, ATIN: rules of the Social Security Administration
// and the IRS; MBI: format of the Centers for Medicare & Medicaid Services; NPI: Luhn over the
// number behind the issuer's 80840; DEA: check digit of the registration number.

#include "transform/checksum.h"
#include "transform/detector_type.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

bool ssn(const ShapeMatch& match) {
  const std::string_view id = match.id.substr(0, 9);
  const long long area = number_at(id, 0, 3);
  return area != 0 && area != 666 && area < 900 && number_at(id, 3, 2) != 0 &&
         number_at(id, 5, 4) != 0;
}

bool itin(const ShapeMatch& match) {
  const long long group = number_at(match.id, 3, 2);
  return match.id[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                                (group >= 90 && group <= 92) || (group >= 94 && group <= 99));
}

bool atin(const ShapeMatch& match) { return match.id[0] == '9' && number_at(match.id, 3, 2) == 93; }

// Prefixes that the IRS has not assigned.
bool ein(const ShapeMatch& match) {
  constexpr std::string_view kUnused = "00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97";
  return kUnused.find(match.id.substr(0, 2)) == kUnused.npos;
}

bool mbi(const ShapeMatch& match) {
  constexpr std::string_view kNoLetters = "SLOIBZ";
  const std::string_view id = match.id;
  return id[0] != '0' && id.find_first_of(kNoLetters) == id.npos;
}

bool npi(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (id[0] != '1' && id[0] != '2') return false;
  char whole[15] = {'8', '0', '8', '4', '0'};
  id.copy(whole + 5, 10);
  return luhn({whole, 15});
}

bool dea(const ShapeMatch& match) {
  constexpr std::string_view kRegistrants = "ABCDEFGHJKLMPRSTUX";
  const std::string_view id = match.id;
  if (kRegistrants.find(id[0]) == kRegistrants.npos) return false;
  const int odd = digit_at(id, 2) + digit_at(id, 4) + digit_at(id, 6);
  const int even = digit_at(id, 3) + digit_at(id, 5) + digit_at(id, 7);
  return (odd + 2 * even) % 10 == digit_at(id, 8);
}

bool any_digits(const ShapeMatch& match) { return !all_same(match.id); }

const DetectorType kTypes[] = {
    {.name = "USA_SSN",
     .aliases = "SSN US_SSN SOCIAL_SECURITY_NUMBER USA_SOCIAL_SECURITY_NUMBER",
     .validator = "area, group and serial in use",
     .context = "ssn ssns social security socialsecurity",
     .shapes = "###-##-####=85|### ## ####=60|###.##.####=55|#########=10",
     .valid = ssn,
     .example = "536-22-1147"},
    {.name = "USA_ITIN",
     .aliases = "ITIN US_ITIN",
     .validator = "9, group in use",
     .context = "itin taxpayer tax tin",
     .shapes = "###-##-####=85|### ## ####=60|#########=10",
     .valid = itin,
     .example = "912-70-1234"},
    {.name = "USA_ATIN",
     .aliases = "ATIN US_ATIN",
     .validator = "9, group 93",
     .context = "atin adoption",
     .shapes = "###-##-####=80|#########=10",
     .valid = atin,
     .example = "912-93-1234"},
    {.name = "USA_PTIN",
     .aliases = "PTIN US_PTIN",
     .validator = "P and eight digits",
     .context = "ptin preparer",
     .shapes = "P########=40",
     .valid = any_digits,
     .example = "P01234567"},
    {.name = "USA_EIN",
     .aliases = "EIN FEIN US_EIN",
     .validator = "prefix in use",
     .context = "ein fein employer tin",
     .shapes = "##-#######=35|#########=5",
     .valid = ein,
     .example = "12-3456789"},
    {.name = "USA_PASSPORT_NUMBER",
     .aliases = "US_PASSPORT USA_PASSPORT PASSPORT",
     .validator = "nine digits, or a letter and eight",
     .context = "passport passports passportno passportnumber",
     .shapes = "#########=5|@########=15",
     .valid = any_digits,
     .example = "A12345678"},
    {.name = "USA_DRIVING_LICENSE",
     .aliases = "US_DRIVER_LICENSE USA_DRIVERS_LICENSE DRIVING_LICENSE DRIVER_LICENSE",
     .validator = "forms of the states",
     .context = "driver drivers driving licence license licenses dl dmv driverslicense",
     .shapes = "@#{6,8}=15|@#{12,14}=15|@@#{6,7}=15|@@#{3}###=10|#{7,9}=5|@###-####-####=40|"
               "@###-###-##-###-#=45|@###-####-####-##=45|###-##-####=5|##-###-####=15",
     .valid = any_digits,
     .example = "D1234567"},
    {.name = "USA_MEDICARE_BENEFICIARY_IDENTIFIER",
     .aliases = "MBI US_MBI MEDICARE_BENEFICIARY_IDENTIFIER",
     .validator = "letters and digits by place, no S, L, O, I, B, Z",
     .context = "mbi medicare beneficiary",
     .shapes = "#@*#-@*#-@@##=90|#@*#@*#@@##=75|#@*# @*# @@##=85",
     .valid = mbi,
     .example = "1EG4-TE5-MK73"},
    {.name = "USA_NATIONAL_PROVIDER_IDENTIFIER",
     .aliases = "NPI US_NPI",
     .validator = "1 or 2, Luhn with 80840",
     .context = "npi provider prescriber",
     .shapes = "##########=20",
     .valid = npi,
     .example = "1234567893"},
    {.name = "USA_DEA_NUMBER",
     .aliases = "DEA US_DEA MEDICAL_LICENSE",
     .validator = "registrant, check digit",
     .context = "dea prescriber registration",
     .shapes = "@@#######=40|@9#######=40",
     .valid = dea,
     .example = "BB1388568"},
    {.name = "USA_HEALTH_INSURANCE_CLAIM_NUMBER",
     .aliases = "HICN US_HICN",
     .validator = "SSN and a letter",
     .context = "hicn medicare claim",
     .shapes = "###-##-####-?@#?=70|#########@=15|#########@#=15",
     .valid = ssn,
     .example = "536-22-1147A"},
    {.name = "USA_NATIONAL_DRUG_CODE",
     .aliases = "NDC US_NDC",
     .validator = "4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits",
     .context = "ndc drug",
     .shapes = "####-####-##=20|#####-###-##=20|#####-####-#=20|#####-####-##=20",
     .valid = any_digits,
     .on_request = true,
     .example = "0777-3105-02"},
};

}  // namespace

std::span<const DetectorType> usa_types() { return kTypes; }

}  // namespace freshet
