// National identifiers of the Americas without the United States, by the issuing authorities'
// rules.

#include "transform/checksum.h"
#include "transform/detector_type.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

// Remainder by 11 as Brazil's check digits take it.
int br_check(int sum) noexcept { return sum % 11 < 2 ? 0 : 11 - sum % 11; }

bool br_cpf(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return !all_same(id) &&
         br_check(weighted_sum(id, {10, 9, 8, 7, 6, 5, 4, 3, 2})) == digit_at(id, 9) &&
         br_check(weighted_sum(id, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2})) == digit_at(id, 10);
}

bool br_cnpj(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return !all_same(id) &&
         br_check(weighted_sum(id, {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2})) == digit_at(id, 12) &&
         br_check(weighted_sum(id, {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2})) == digit_at(id, 13);
}

bool ca_sin(const ShapeMatch& match) {
  return match.id[0] != '0' && match.id[0] != '8' && luhn(match.id) && !all_same(match.id);
}

bool mx_curp(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (!has_yymmdd(id, 4) || (id[10] != 'H' && id[10] != 'M' && id[10] != 'X')) return false;
  int sum = 0;  // of 37 characters, 'Ñ' behind 'N'
  for (std::size_t i = 0; i < 17; ++i) {
    const int value = is_digit(id[i]) ? id[i] - '0' : id[i] - 'A' + 10 + (id[i] > 'N');
    sum += value * (18 - static_cast<int>(i));
  }
  return is_digit(id[17]) && (10 - sum % 10) % 10 == digit_at(id, 17);
}

bool mx_rfc(const ShapeMatch& match) { return has_yymmdd(match.id, match.id.size() - 9); }

bool cl_rut(const ShapeMatch& match) {
  const std::string_view id = match.id;
  int sum = 0;
  int weight = 2;
  for (std::size_t i = id.size() - 1; i-- > 0; weight = weight == 7 ? 2 : weight + 1) {
    if (!is_digit(id[i])) return false;
    sum += weight * digit_at(id, i);
  }
  return id.back() == "0K987654321"[sum % 11] && !all_same(id);
}

bool ar_cuit(const ShapeMatch& match) {
  const std::string_view id = match.id;
  constexpr std::string_view kPrefixes = "20 23 24 25 26 27 30 33 34";
  const int check = 11 - weighted_sum(id, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return kPrefixes.find(id.substr(0, 2)) != kPrefixes.npos &&
         (check == 11   ? 0
          : check == 10 ? 9
                        : check) == digit_at(id, 10);
}

bool co_nit(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int rest = weighted_sum(id, {41, 37, 29, 23, 19, 17, 13, 7, 3}) % 11;
  return (rest < 2 ? rest : 11 - rest) == digit_at(id, 9);
}

bool ec_cedula(const ShapeMatch& match) {
  const long long province = number_at(match.id, 0, 2);
  return ((province >= 1 && province <= 24) || province == 30) && match.id[2] < '6' &&
         luhn(match.id);
}

bool uy_cedula(const ShapeMatch& match) {
  return weighted_sum(match.id, {2, 9, 8, 7, 6, 3, 4, 1}) % 10 == 0 && !all_same(match.id);
}

bool pe_ruc(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int check = 11 - weighted_sum(id, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return (id[0] == '1' || id[0] == '2') && check % 10 == digit_at(id, 10);
}

bool do_cedula(const ShapeMatch& match) { return luhn(match.id) && !all_same(match.id); }

const DetectorType kTypes[] = {
    {.name = "BRAZIL_CPF",
     .aliases = "BR_CPF BRAZIL_CPF_NUMBER CPF",
     .validator = "two check digits mod 11",
     .context = "cpf cadastro",
     .shapes =
         "###.###.###-##=95|###.###.###.##=75|#########-##=80|### ### ### ##=75|###########=35",
     .valid = br_cpf,
     .example = "529.982.247-25"},
    {.name = "BRAZIL_CNPJ",
     .aliases = "BR_CNPJ CNPJ",
     .validator = "two check digits mod 11",
     .context = "cnpj",
     .shapes = "##.###.###/####-##=95|########/####-##=90|##############=45",
     .valid = br_cnpj,
     .example = "11.222.333/0001-81"},
    {.name = "CANADA_SOCIAL_INSURANCE_NUMBER",
     .aliases = "CA_SIN CANADA_SIN SIN",
     .validator = "Luhn, first digit",
     .context = "sin social insurance nas",
     .shapes = "### ### ###=55|###-###-###=65|#########=15",
     .valid = ca_sin,
     .example = "130-692-544"},
    {.name = "MEXICO_CURP",
     .aliases = "MX_CURP CURP",
     .validator = "birth date, sex, check digit",
     .context = "curp",
     .shapes = "@@@@######@@@@@@**=95",
     .valid = mx_curp,
     .example = "BOXW310820HNERXN09"},
    {.name = "MEXICO_RFC",
     .aliases = "MX_RFC RFC MEXICO_TAXPAYER_IDENTIFICATION_NUMBER",
     .validator = "date",
     .context = "rfc",
     .shapes = "@@@@######***=60|@@@@-######-***=80|@@@######***=30",
     .valid = mx_rfc,
     .example = "GODE561231GR8"},
    {.name = "CHILE_RUT",
     .aliases = "CL_RUT RUT RUN CHILE_NATIONAL_IDENTIFICATION_NUMBER",
     .validator = "check digit mod 11",
     .context = "rut run",
     .shapes = "##?.###.###-*=95|########-*=60|#######-*=45|########*=15",
     .valid = cl_rut,
     .example = "12.345.678-5"},
    {.name = "ARGENTINA_CUIT",
     .aliases = "AR_CUIT CUIT CUIL ARGENTINA_TAX_IDENTIFICATION_NUMBER",
     .validator = "kind, check digit mod 11",
     .context = "cuit cuil",
     .shapes = "##-########-#=90|## ######## #=80|###########=40",
     .valid = ar_cuit,
     .example = "20-12345678-6"},
    {.name = "COLOMBIA_NIT",
     .aliases = "CO_NIT NIT COLOMBIA_TAX_IDENTIFICATION_NUMBER",
     .validator = "primes mod 11",
     .context = "nit",
     .shapes = "###.###.###-#=85|#########-#=55|##########=15",
     .valid = co_nit,
     .example = "800.197.268-4"},
    {.name = "ECUADOR_CEDULA",
     .aliases = "EC_CEDULA",
     .validator = "province, Luhn",
     .context = "cedula cédula ci",
     .shapes = "##########=20|#########-#=45",
     .valid = ec_cedula,
     .example = "1710034065"},
    {.name = "URUGUAY_CEDULA",
     .aliases = "UY_CEDULA UY_CI",
     .validator = "check digit mod 10",
     .context = "cedula cédula ci",
     .shapes = "#.###.###-#=85|#######-#=30|########=10",
     .valid = uy_cedula,
     .example = "1.234.567-2"},
    {.name = "PERU_RUC",
     .aliases = "PE_RUC RUC",
     .validator = "kind, check digit mod 11",
     .context = "ruc",
     .shapes = "###########=30",
     .valid = pe_ruc,
     .example = "20100070970"},
    {.name = "DOMINICAN_REPUBLIC_CEDULA",
     .aliases = "DO_CEDULA",
     .validator = "Luhn",
     .context = "cedula cédula",
     .shapes = "###-#######-#=70|###########=15",
     .valid = do_cedula,
     .example = "001-1391820-5"},
};

}  // namespace

std::span<const DetectorType> americas_types() { return kTypes; }

}  // namespace freshet
