// National identifiers of Asia, the Pacific and Africa, by the issuing authorities' rules.

#include "transform/checksum.h"
#include "transform/detector_type.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

// ---- South Asia

bool in_aadhaar(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return id[0] >= '2' && verhoeff(id) && !all_same(id);
}

bool in_pan(const ShapeMatch& match) {
  return std::string_view("PCHFATBLJGE").find(match.id[3]) != std::string_view::npos;
}

bool in_gstin(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const auto value = [](char c) { return is_digit(c) ? c - '0' : c - 'A' + 10; };
  int sum = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    const int product = value(id[i]) * (i % 2 == 0 ? 1 : 2);
    sum += product / 36 + product % 36;
  }
  return (36 - sum % 36) % 36 == value(id[14]);
}

bool in_voter(const ShapeMatch& match) { return !all_same(match.id.substr(3)); }

bool pk_cnic(const ShapeMatch& match) {
  return match.id[0] >= '1' && match.id[0] <= '7' && !all_same(match.id);
}

// ---- East Asia

bool cn_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return id[0] >= '1' && id[0] <= '9' && has_yyyymmdd(id, 6) && all_digits(id.substr(0, 17)) &&
         mod_11_2(id);
}

// The check digit has not bound numbers since October 2020.
bool kr_rrn(const ShapeMatch& match) {
  return has_yymmdd(match.id) && match.id[6] >= '1' && match.id[6] <= '8';
}

bool jp_my_number(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int rest = weighted_sum(id, {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return !all_same(id) && (rest < 2 ? 0 : 11 - rest) == digit_at(id, 11);
}

bool tw_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (std::string_view("1289").find(id[1]) == id.npos) return false;
  const int area =
      10 + static_cast<int>(std::string_view("ABCDEFGHJKLMNPQRSTUVXYWZIO").find(id[0]));
  const int sum =
      area / 10 + area % 10 * 9 + weighted_sum(id.substr(1), {8, 7, 6, 5, 4, 3, 2, 1, 1});
  return sum % 10 == 0;
}

bool hk_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const std::size_t letters = id.size() - 7;
  int sum = letters == 1 ? 36 * 9 : (id[0] - 'A' + 10) * 9;
  sum += (id[letters - 1] - 'A' + 10) * 8;
  sum += weighted_sum(id.substr(letters), {7, 6, 5, 4, 3, 2});
  const int check = (11 - sum % 11) % 11;
  return id.back() == (check == 10 ? 'A' : static_cast<char>('0' + check));
}

// ---- South-east Asia

bool sg_nric(const ShapeMatch& match) {
  const std::string_view id = match.id;
  int sum = weighted_sum(id.substr(1), {2, 7, 6, 5, 4, 3, 2});
  switch (id[0]) {
    case 'S': return id[8] == "JZIHGFEDCBA"[sum % 11];
    case 'T': return id[8] == "JZIHGFEDCBA"[(sum + 4) % 11];
    case 'F': return id[8] == "XWUTRQPNMLK"[sum % 11];
    case 'G': return id[8] == "XWUTRQPNMLK"[(sum + 4) % 11];
    case 'M':
      return id[8] == "KLJNPQRTUWX"[(sum + 3) % 11] || id[8] == "XWUTRQPNJLK"[(sum + 3) % 11];
    default: return false;
  }
}

bool th_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int sum = weighted_sum(id, {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2});
  return id[0] >= '1' && id[0] <= '8' && (11 - sum % 11) % 10 == digit_at(id, 12);
}

bool my_nric(const ShapeMatch& match) {
  const long long place = number_at(match.id, 6, 2);
  return has_yymmdd(match.id) && place != 0 && place != 17 && place != 18 && place != 19 &&
         place != 20 && place != 70 && place != 73 && place != 80 && place != 81;
}

// Province, district; the day of women is 40 more.
bool id_nik(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int day = static_cast<int>(number_at(id, 6, 2));
  const long long province = number_at(id, 0, 2);
  return province >= 11 && province <= 97 &&
         is_day_of_month(static_cast<int>(number_at(id, 8, 2)), day > 40 ? day - 40 : day);
}

// ---- Central Asia, Middle East

bool kz_iin(const ShapeMatch& match) {
  const std::string_view id = match.id;
  if (!has_yymmdd(id) || id[6] > '6') return false;
  int rest = weighted_sum(id, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) % 11;
  if (rest == 10) rest = weighted_sum(id, {3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2}) % 11;
  return rest == digit_at(id, 11);
}

bool il_id(const ShapeMatch& match) { return luhn(match.id) && !all_same(match.id); }

bool ae_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const long long year = number_at(id, 3, 4);
  return id.starts_with("784") && year >= 1900 && year <= 2099 && luhn(id);
}

bool sa_id(const ShapeMatch& match) {
  return (match.id[0] == '1' || match.id[0] == '2') && luhn(match.id);
}

// ---- Africa

bool za_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return has_yymmdd(id) && id[10] <= '2' && luhn(id);
}

bool eg_id(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const long long region = number_at(id, 7, 2);
  return (id[0] == '2' || id[0] == '3') && has_yymmdd(id, 1) &&
         ((region >= 1 && region <= 35) || region == 88);
}

// ---- Australia, New Zealand

bool au_tfn(const ShapeMatch& match) {
  const std::string_view id = match.id;
  const int sum = id.size() == 9 ? weighted_sum(id, {1, 4, 3, 7, 5, 8, 6, 9, 10})
                                 : weighted_sum(id, {10, 7, 8, 4, 6, 3, 5, 1});
  return sum % 11 == 0 && !all_same(id);
}

bool au_medicare(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return id[0] >= '2' && id[0] <= '6' &&
         weighted_sum(id, {1, 3, 7, 9, 1, 3, 7, 9}) % 10 == digit_at(id, 8) && id[9] != '0';
}

bool au_abn(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return id[0] != '0' && (weighted_sum(id, {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19}) - 10) % 89 == 0;
}

bool au_acn(const ShapeMatch& match) {
  const std::string_view id = match.id;
  return (10 - weighted_sum(id, {8, 7, 6, 5, 4, 3, 2, 1}) % 10) % 10 == digit_at(id, 8) &&
         !all_same(id);
}

bool nz_ird(const ShapeMatch& match) {
  char nine[9] = {'0'};
  match.id.copy(nine + (9 - match.id.size()), match.id.size());
  const std::string_view id(nine, 9);
  const long long number = number_at(id, 0, 9);
  if (number < 10'000'000 || number > 150'000'000) return false;
  int check = (11 - weighted_sum(id, {3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11;
  if (check == 10) check = (11 - weighted_sum(id, {7, 4, 3, 2, 5, 2, 7, 6}) % 11) % 11;
  return check == digit_at(id, 8);
}

const DetectorType kTypes[] = {
    {.name = "INDIA_AADHAAR_NUMBER",
     .aliases = "IN_AADHAAR INDIA_AADHAAR AADHAAR",
     .validator = "first digit, Verhoeff",
     .context = "aadhaar aadhar adhar uidai uid आधार",
     .shapes = "#### #### ####=60|####-####-####=60|############=30",
     .valid = in_aadhaar,
     .example = "2345 6789 0124"},
    {.name = "INDIA_PERMANENT_ACCOUNT_NUMBER",
     .aliases = "IN_PAN INDIA_PAN PERMANENT_ACCOUNT_NUMBER",
     .validator = "letters and digits by place, kind of holder",
     .context = "pan permanent",
     .shapes = "@@@@@####@=85",
     .valid = in_pan,
     .example = "ABCPE1234F"},
    {.name = "INDIA_GSTIN",
     .aliases = "IN_GSTIN GSTIN",
     .validator = "check character mod 36",
     .context = "gstin gst",
     .shapes = "##@@@@@####@*@*=95",
     .valid = in_gstin,
     .example = "27AAPFU0939F1ZV"},
    {.name = "INDIA_VOTER_ID",
     .aliases = "IN_VOTER EPIC",
     .validator = "three letters and seven digits",
     .context = "voter epic election",
     .shapes = "@@@#######=15",
     .valid = in_voter,
     .example = "ABC1234567"},
    {.name = "PAKISTAN_CNIC",
     .aliases = "PK_CNIC CNIC",
     .validator = "province",
     .context = "cnic nadra",
     .shapes = "#####-#######-#=85|#############=15",
     .valid = pk_cnic,
     .example = "35202-1234567-1"},
    {.name = "CHINA_IDENTIFICATION",
     .aliases = "CN_RESIDENT_ID CHINA_RESIDENT_ID CN_ID",
     .validator = "birth date, MOD 11-2",
     .context = "身份证 居民 证件 shenfenzheng",
     .shapes = "#{17}*=90",
     .valid = cn_id,
     .example = "11010519491231002X"},
    {.name = "KOREA_RESIDENT_REGISTRATION_NUMBER",
     .aliases = "KR_RRN KOREA_RRN",
     .validator = "birth date, sex",
     .context = "rrn 주민등록번호 주민번호 주민등록 jumin",
     .shapes = "######-#######=80|#############=25",
     .valid = kr_rrn,
     .example = "900101-1234568"},
    {.name = "JAPAN_MY_NUMBER",
     .aliases = "JP_MY_NUMBER MY_NUMBER",
     .validator = "weighted sum mod 11",
     .context = "マイナンバー 個人番号 mynumber kojin",
     .shapes = "#### #### ####=35|####-####-####=35|############=20",
     .valid = jp_my_number,
     .example = "1234 5678 9018"},
    {.name = "TAIWAN_NATIONAL_IDENTIFICATION_NUMBER",
     .aliases = "TW_ID TAIWAN_ID",
     .validator = "area letter, check digit mod 10",
     .context = "身分證 統一編號 居留證 taiwan",
     .shapes = "@#########=60",
     .valid = tw_id,
     .example = "A123456789"},
    {.name = "HONG_KONG_IDENTITY_CARD",
     .aliases = "HK_ID HKID",
     .validator = "check digit mod 11",
     .context = "hkid 身份證 香港",
     .shapes = "@@?######[(]*[)]=95|@@?######*=35",
     .valid = hk_id,
     .example = "A123456(3)"},
    {.name = "SINGAPORE_NRIC",
     .aliases = "SG_NRIC_FIN SINGAPORE_FIN NRIC",
     .validator = "S, T, F, G or M, check letter",
     .context = "nric fin singapore",
     .shapes = "@#######@=75",
     .valid = sg_nric,
     .example = "S1234567D"},
    {.name = "THAILAND_PERSONAL_IDENTIFICATION_NUMBER",
     .aliases = "TH_TNIN TH_ID",
     .validator = "weighted sum mod 11",
     .context = "บัตรประชาชน เลขประจำตัวประชาชน thai",
     .shapes = "#-####-#####-##-#=95|# #### ##### ## #=95|#############=35",
     .valid = th_id,
     .example = "1-1017-00230-70-8"},
    {.name = "MALAYSIA_MYKAD",
     .aliases = "MY_NRIC MYKAD",
     .validator = "birth date, place",
     .context = "mykad nric ic kad pengenalan",
     .shapes = "######-##-####=85|############=20",
     .valid = my_nric,
     .example = "850412-14-5123"},
    {.name = "INDONESIA_NIK",
     .aliases = "ID_NIK NIK KTP",
     .validator = "province, birth date",
     .context = "nik ktp",
     .shapes = "################=30",
     .valid = id_nik,
     .example = "3171234512900123"},
    {.name = "KAZAKHSTAN_IIN",
     .aliases = "KZ_IIN IIN",
     .validator = "birth date, two-stage sum mod 11",
     .context = "iin иин жсн",
     .shapes = "############=45",
     .valid = kz_iin,
     .example = "770525300013"},
    {.name = "ISRAEL_IDENTIFICATION_NUMBER",
     .aliases = "IL_ID ISRAEL_ID TEUDAT_ZEHUT",
     .validator = "Luhn",
     .context = "teudat zehut זהות ת.ז israel",
     .shapes = "#########=15|########-#=35",
     .valid = il_id,
     .example = "123456782"},
    {.name = "UAE_EMIRATES_ID",
     .aliases = "AE_EMIRATES_ID EMIRATES_ID",
     .validator = "784, year, Luhn",
     .context = "emirates eid",
     .shapes = "784-####-#######-#=95|784#{12}=75",
     .valid = ae_id,
     .example = "784-1980-1234567-8"},
    {.name = "SAUDI_ARABIA_NATIONAL_ID",
     .aliases = "SA_NATIONAL_ID IQAMA",
     .validator = "1 or 2, Luhn",
     .context = "iqama national saudi هوية",
     .shapes = "##########=20",
     .valid = sa_id,
     .example = "1058529940"},
    {.name = "SOUTH_AFRICA_PERSONAL_IDENTIFICATION_NUMBER",
     .aliases = "ZA_ID SOUTH_AFRICA_ID",
     .validator = "birth date, citizenship, Luhn",
     .context = "rsa identity idnumber south",
     .shapes = "###### #### ###=70|###### #### ## #=80|#############=55",
     .valid = za_id,
     .example = "8001015009087"},
    {.name = "EGYPT_NATIONAL_ID",
     .aliases = "EG_NATIONAL_ID",
     .validator = "birth date, governorate",
     .context = "egypt الرقم القومي national",
     .shapes = "##############=40",
     .valid = eg_id,
     .example = "29001011234567"},
    {.name = "AUSTRALIA_TAX_FILE_NUMBER",
     .aliases = "AU_TFN TFN",
     .validator = "weighted sum mod 11",
     .context = "tfn tax",
     .shapes = "### ### ###=45|###-###-###=45|#########=15|########=5",
     .valid = au_tfn,
     .example = "123 456 782"},
    {.name = "AUSTRALIA_MEDICARE_NUMBER",
     .aliases = "AU_MEDICARE",
     .validator = "first digit, weighted sum mod 10",
     .context = "medicare",
     .shapes = "#### ##### #=75|####-#####-#=75|##########=20",
     .valid = au_medicare,
     .example = "2123 45670 1"},
    {.name = "AUSTRALIA_BUSINESS_NUMBER",
     .aliases = "AU_ABN ABN",
     .validator = "weighted sum mod 89",
     .context = "abn",
     .shapes = "## ### ### ###=70|###########=40",
     .valid = au_abn,
     .example = "51 824 753 556"},
    {.name = "AUSTRALIA_COMPANY_NUMBER",
     .aliases = "AU_ACN ACN",
     .validator = "weighted sum mod 10",
     .context = "acn",
     .shapes = "### ### ###=20|#########=10",
     .valid = au_acn,
     .example = "004 085 616"},
    {.name = "NEW_ZEALAND_IRD_NUMBER",
     .aliases = "NZ_IRD IRD",
     .validator = "range, weighted sum mod 11",
     .context = "ird",
     .shapes = "##-###-###=60|###-###-###=60|#########=15|########=10",
     .valid = nz_ird,
     .example = "49-091-850"},
};

}  // namespace

std::span<const DetectorType> asia_pacific_types() { return kTypes; }

}  // namespace freshet
