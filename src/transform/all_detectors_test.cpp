// All detectors at once: what they find in running text, what they leave alone, hostile text.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "transform/detector.h"
#include "transform/text_scan.h"

#include "transform/detector_test_support.h"

namespace freshet {
namespace {

const DetectorSet& all_detectors() {
  static const DetectorSet detectors = [] {
    SensitiveDataOptions options;
    options.detect = {"all"};
    return DetectorSet(options);
  }();
  return detectors;
}

std::string marked(std::string_view text, std::string_view column = {}) {
  return marked_text(all_detectors(), text, column);
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST(AllDetectors, FindInText) {
  const Case cases[] = {
      {"card 4111-1111-1111-1111 exp 12/27", "card <CREDIT_CARD> exp 12/27"},
      {"4111111111111111,Smith", "<CREDIT_CARD>,Smith"},
      {"7,378282246310005,x", "7,<CREDIT_CARD>,x"},
      {"3782 822463 10005", "<CREDIT_CARD>"},
      {"7,676366379938,x", "7,<CREDIT_CARD>,x"},              // Maestro of 12 digits
      {"paid by 3502860260614049", "paid by <CREDIT_CARD>"},  // JCB below 3528
      {"7,4584262891277,x", "7,<CREDIT_CARD>,x"},             // Visa of 13 digits
      {"mail TH590844209754", "mail <IBAN>"},  // a country that is not in the registry
      {"card=4111%201111%201111%201111", "card=<CREDIT_CARD>"},
      {"SSN: 536-22-1147", "SSN: <USA_SSN>"},
      {"ssn 536221147 on file", "ssn <USA_SSN> on file"},
      {"IBAN GB82 WEST 1234 5698 7654 32 please", "IBAN <IBAN> please"},
      {"BE68 5390 0754 7034 paid", "<IBAN> paid"},
      {"fr1420041010050500013m02606", "<IBAN>"},
      {"from 203.0.113.7:8080", "from <IP_ADDRESS>:8080"},
      {"10.0.0.1/24 and 10.0.0.2-10.0.0.9", "<IP_ADDRESS>/24 and <IP_ADDRESS>-<IP_ADDRESS>"},
      {"[2001:db8::1]:443", "[<IP_ADDRESS>]:443"},
      {"addr:fe80::1ff:fe23:4567:890a%eth0", "addr:<IP_ADDRESS>%eth0"},
      {"::ffff:192.0.2.128", "<IP_ADDRESS>"},
      {"2001:0db8:85a3:0000:0000:8a2e:0370:7334", "<IP_ADDRESS>"},
      {"mac aa:bb:cc:dd:ee:ff.", "mac <MAC_ADDRESS>."},
      {"AA-BB-CC-DD-EE-FF", "<MAC_ADDRESS>"},
      {"dead.beef.cafe", "<MAC_ADDRESS>"},
      {"postgres://app:s3cr3t@db.internal/x", "postgres://<URL_CREDENTIALS>/x"},
      {"529.982.247-25", "<BRAZIL_CPF>"},
      {"RSSMRA85T10A562S", "<ITALY_FISCAL_CODE>"},
      {"National ID: 44051401359 (checked)", "National ID: <POLAND_PESEL_NUMBER> (checked)"},
      {"11010519491231002X", "<CHINA_IDENTIFICATION>"},
      {"12345678Z", "<SPAIN_DNI>"},
      {"AKIAIOSFODNN7EXAMPLE", "<AWS_ACCESS_KEY>"},
      {"0x52908400098527886E0F7030069857D2E4169EE7", "<CRYPTO_ADDRESS>"},
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "<CRYPTO_ADDRESS>"},
      {"0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359", "<CRYPTO_ADDRESS>"},
      {"mysql://app:s%21cr3t@db.acme.example/x", "mysql://<URL_CREDENTIALS>/x"},
      {"user=ann@[203.0.113.7] ip=203.0.113.8", "user=<EMAIL> ip=<IP_ADDRESS>"},
      {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "<CRYPTO_ADDRESS>"},
      {"born 12 March 1985 in Bonn", "born <DATE_OF_BIRTH> in Bonn"},
      {"dob: 1985-03-12", "dob: <DATE_OF_BIRTH>"},
      {"lives at 12 Main Street now", "lives at <POSTAL_ADDRESS> now"},
      {"Hauptstra\u00dfe 12", "<POSTAL_ADDRESS>"},
      {"Dear Mr. Ottersworth,", "Dear <PERSON_NAME>,"},
      {"40.712776, -74.005974", "<GPS_COORDINATES>"},
  };
  for (const Case& c : cases) EXPECT_EQ(marked(c.text), c.expected) << c.text;
  EXPECT_EQ(marked("536221147", "customer_ssn"), "<USA_SSN>");
  EXPECT_EQ(marked("1985-03-12", "birth_date"), "<DATE_OF_BIRTH>");
  EXPECT_EQ(marked("943 476 5919", "nhs_number"), "<UK_NATIONAL_HEALTH_SERVICE_NUMBER>");
  EXPECT_EQ(marked("8001015009087", "sa_id"), "<SOUTH_AFRICA_PERSONAL_IDENTIFICATION_NUMBER>");
}

TEST(AllDetectors, LeaveOtherTextAlone) {
  for (const std::string_view text :
       {"2024-01-15",
        "2024-01-15T10:20:30.123456Z",
        "15/01/2024 10:20",
        "1700000000",
        "1700000000000",
        "1712345678901234",
        "123e4567-e89b-12d3-a456-426614174000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "order 4111111111111111",
        "ORD-2024-0012345",
        "$1,234,567.00",
        "1234567890,00",
        "978-3-16-148410-0",
        "978 0 306 40615 7",
        "ISBN 0306406152",
        "version 1.2.3.4",
        "v10.15.7.1",
        "Mozilla/5.0 Chrome/120.0.0.0",
        "std::vector<a::b>",
        "10:20:30",
        "4111 1111 1111 1112",
        "DE89 3704 0044 0532 0130 01",
        "000-12-3456",
        "666-12-3456",
        "256.1.1.1",
        "1.2.3",
        "the quick brown fox",
        "CUSTOMER SERVICE DEPARTMENT",
        "SKU AB1234567",
        "12345678",
        "123456789",
        "1234567890123",
        "7,4002590000008,x",  // EAN
        "https://example.org/a/b?id=12345&page=7",
        "build 20240115.1",
        "0.123456789",
        "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "this-is-a-long-slug-with-many-words"})
    EXPECT_EQ(marked(text), text);
}

// The same number in other clothes.
TEST(AllDetectors, SeeThroughLookAlikes) {
  const auto dressed = [](std::string_view digits, auto dress) {
    std::string out;
    for (const char c : digits) out += is_digit(c) ? dress(c - '0') : std::string(1, c);
    return out;
  };
  const auto wide = [](int digit) {
    return std::string("\xef\xbc") + static_cast<char>(0x90 + digit);
  };
  const auto arabic = [](int digit) {
    return std::string("\xd9") + static_cast<char>(0xa0 + digit);
  };
  const auto zero_width = [](int digit) { return std::to_string(digit) + "\xe2\x80\x8b"; };
  const auto soft_hyphen = [](int digit) { return std::to_string(digit) + "\xc2\xad"; };
  for (const std::string_view plain :
       {"4111 1111 1111 1111", "536-22-1147", "203.0.113.7", "+49 30 901820", "4111111111111111"})
    for (const std::string& text : {dressed(plain, wide), dressed(plain, arabic),
                                    dressed(plain, zero_width), dressed(plain, soft_hyphen)}) {
      const std::string found = marked(text);
      EXPECT_EQ(found.find_first_of("0123456789\xef\xd9"), std::string::npos) << found;
      EXPECT_EQ(found.front(), '<') << found;
    }
  EXPECT_EQ(marked("\xef\xbc\xa4\xef\xbc\xa5"
                   "89370400440532013000"),
            "<IBAN>");
}

// Text made to cost as much as possible: bounded, whatever it holds.
TEST(AllDetectors, HostileTextDoesNotStall) {
  constexpr std::size_t kSize = 1 << 20;
  for (const std::string_view piece :
       {"a@", "://a:b@", "::", "1:", "a:b:c:d:", "4111 1111 1111 1111 ", "123456789 ", "A1", "eyJ.",
        "-----BEGIN RSA PRIVATE KEY-----", "ssn 536221147 ", "12 Main ", "John ", "1.2.3.4.",
        "40.7127, ", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa ", "bc1q",
        "\xe2\x80\x8b"
        "1",
        "Mr Mr "}) {
    std::string text;
    while (text.size() < kSize) text += piece;
    marked(text);
  }
}

TEST(AllDetectors, AnyBytesAreSurvived) {
  std::mt19937 random(11);
  const std::string_view alphabet =
      "0123456789+-(). @aAxX/:_\xef\xbc\x91\xc2\xa0\"[]#,;=%4defMrJohn\xe2\x80\x8b";
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 150, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    Hits hits;
    DetectorScratch scratch;
    all_detectors().find(text, hits, scratch);
    std::size_t done = 0;
    for (const Hit& hit : hits) {
      ASSERT_LE(done, hit.begin);
      ASSERT_LT(hit.begin, hit.end);
      ASSERT_LE(hit.end, text.size());
      done = hit.end;
    }
  }
}

}  // namespace
}  // namespace freshet
