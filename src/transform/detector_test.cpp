#include "transform/detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "transform/detector_test_support.h"

namespace freshet {
namespace {

const DetectorSet& all_detectors() {
  static const DetectorSet detectors{SensitiveDataOptions{}};
  return detectors;
}

// With the first five letters of each type.
std::string marked(std::string_view text, const DetectorSet& detectors = all_detectors()) {
  return marked_text(detectors, text, {}, 5);
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST(EmailDetector, FindsAddresses) {
  const Case cases[] = {
      {"ann@example.com", "<EMAIL>"},
      {"ann.lee+news@mail.example.co.uk", "<EMAIL>"},
      {"Write to ann@example.com, please.", "Write to <EMAIL>, please."},
      {"It is ann@example.com.", "It is <EMAIL>."},
      {"Ann Lee <ann@example.com>", "Ann Lee <<EMAIL>>"},
      {"mailto:ann@example.com?subject=x", "mailto:<EMAIL>?subject=x"},
      {"'o'brien@example.com'", "'<EMAIL>'"},
      {"\"ann lee\"@example.com", "<EMAIL>"},
      {"ann@[192.0.2.1]", "<EMAIL>"},
      {"ann@192.0.2.1", "<EMAIL>"},
      {"a@b.io;c@d.org", "<EMAIL>;<EMAIL>"},
      {"jos\u00e9@ex\u00e4mple.de", "<EMAIL>"},
      {"\u7528\u6237@\u4f8b\u5b50.\u516c\u53f8", "<EMAIL>"},
      {"\u90ae\u7bb1ann@example.com\u8bf7", "\u90ae\u7bb1<EMAIL>\u8bf7"},
      {"\u201cann@example.com\u201d", "\u201c<EMAIL>\u201d"},
      {"\u043f\u043e\u0447\u0442\u0430@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
       "<EMAIL>"},
      {"ann@xn--bcher-kva.example", "<EMAIL>"},
      {"https://x.org/p?email=ann@example.com&a=1", "https://x.org/p?email=<EMAIL>&a=1"},
      {"email=ann%40example.com", "email=<EMAIL>"},
      {"ann\uff20example.com", "<EMAIL>"},
      {"ann@example.com-old", "<EMAIL>-old"},
      {"user_name@corp.local", "<EMAIL>"},
      {"1234567@example.com", "<EMAIL>"},
      {"(ann@example.com)", "(<EMAIL>)"},
      {"{\"to\":\"ann@example.com\"}", "{\"to\":\"<EMAIL>\"}"},
      // Look-alikes: Cyrillic and Greek letters, other marks.
      {"\u0430nn@example.com", "<EMAIL>"},
      {"ann@ex\u0430mple.\u0441om", "<EMAIL>"},
      {"\u03b1nn@\u03b5xample.com", "<EMAIL>"},
      {"ann@example\u3002com", "<EMAIL>"},
      {"ann\ufe6bexample\uff0ecom", "<EMAIL>"},
      {"ann@EXAMPLE.COM", "<EMAIL>"},
      {"ann@163.com", "<EMAIL>"},
  };
  for (const Case& c : cases) EXPECT_EQ(marked(c.text), c.expected) << c.text;
}

TEST(EmailDetector, LeavesOtherTextAlone) {
  for (const std::string_view text :
       {"@handle", "ask @ann or @bob", "user@host", "a @ b", "lodash@4.17.21", "icon@2x.png",
        "5 apples @ 1.20", "@", "@@", "@.com", "ann@", "x = y@z", "SELECT @a := 1.5",
        "git@github.com:acme/x.git", "ssh://git@example.org/acme/x"})
    EXPECT_EQ(marked(text), text);
}

TEST(PhoneDetector, FindsNumbers) {
  const Case cases[] = {
      {"(555) 123-4567", "<PHONE>"},
      {"555-123-4567", "<PHONE>"},
      {"555.123.4567", "<PHONE>"},
      {"+1 555 123 4567", "<PHONE>"},
      {"1-555-123-4567", "<PHONE>"},
      {"(664)602-4412", "<PHONE>"},
      {"001-581-896-0013x3890", "<PHONE>"},
      {"650 253 0000", "<PHONE>"},
      {"6502530000", "<PHONE>"},
      {"+16502530000", "<PHONE>"},
      {"555-1234", "<PHONE>"},
      {"Call (212) 555-0142 ext. 12 now", "Call <PHONE> now"},
      {"212-555-0142, 212-555-0143", "<PHONE>, <PHONE>"},
      {"212-555-0142 212-555-0143", "<PHONE> <PHONE>"},
      {"212-555-0142/212-555-0143", "<PHONE>/<PHONE>"},
      {"+49 30 901820", "<PHONE>"},
      {"+49 (0)30 901820", "<PHONE>"},
      {"0049 30 901820", "<PHONE>"},
      {"tel:+493012345678", "tel:<PHONE>"},
      {"+33 6 12 34 56 78", "<PHONE>"},
      {"+33\u202f6\u202f12\u202f34\u202f56\u202f78", "<PHONE>"},
      {"06 12 34 56 78", "<PHONE>"},
      {"06.12.34.56.78", "<PHONE>"},
      {"Mein Anschluss: 030/12345678.", "Mein Anschluss: <PHONE>."},
      {"020 7946 0958", "<PHONE>"},
      {"+44 20 7946 0958", "<PHONE>"},
      {"reach me at 07911 123456 today", "reach me at <PHONE> today"},
      {"612 345 678", "<PHONE>"},
      {"98765 43210", "<PHONE>"},
      {"9876543210", "<PHONE>"},
      {"+91 98765 43210", "<PHONE>"},
      {"+86 138 0013 8000", "<PHONE>"},
      {"13800138000", "<PHONE>"},
      {"+55 (11) 98765-4321", "<PHONE>"},
      {"(11) 98765-4321", "<PHONE>"},
      {"+81-3-1234-5678", "<PHONE>"},
      {"03-1234-5678", "<PHONE>"},
      {"\uff0b\uff18\uff11\uff0d\uff13\uff0d\uff11\uff12\uff13\uff14\uff0d\uff15\uff16\uff17\uff18",
       "<PHONE>"},
      {"\u7535\u8bdd13800138000\u3002", "\u7535\u8bdd<PHONE>\u3002"},
      {"+971 50 123 4567", "<PHONE>"},
      {"+372 5123 4567", "<PHONE>"},
      {"+1-800-555-0199;ext=12", "<PHONE>"},
      {"phone 612345678", "phone <PHONE>"},
      {"tel 4155550", "tel <PHONE>"},
      {"[555] 123-4567", "<PHONE>"},
      {"see (555-123-4567)", "see (<PHONE>)"},
      {"https://wa.me/15551234567", "https://wa.me/<PHONE>"},
      {"https://wa.me/491701234567?text=hi", "https://wa.me/<PHONE>?text=hi"},
      {"https://api.whatsapp.com/send?phone=491701234567",
       "https://api.whatsapp.com/send?phone=<PHONE>"},
      {"GET /call/+491701234567 200", "GET /call/<PHONE> 200"},
      {"GET /v1/sms/491701234567/status", "GET /v1/sms/<PHONE>/status"},
      {"tel:0301234567", "tel:<PHONE>"},
      {"tel://+49-30-1234567", "tel://<PHONE>"},
      {"sip:+493012345678@sip.example.org", "sip:<EMAIL>"},
      {"callto:%2B493012345678", "callto:<PHONE>"},
      {"+33 (0)1 23 45 67 89", "<PHONE>"},
      {"+33(0)1 23 45 67 89", "<PHONE>"},
      {"+33 (0) 1 23 45 67 89", "<PHONE>"},
      {"0033 (0)1 23 45 67 89", "<PHONE>"},
      {"+49 (0)6221 54-0", "<PHONE>"},
      {"Zentrale 06221 54-0", "Zentrale <PHONE>"},
      {"+44 (0)20 7946 0958", "<PHONE>"},
      {"+353 (0)1 679 1234", "<PHONE>"},
      {"+61 (0)2 9374 4000", "<PHONE>"},
      {"my new number is 0912345678", "my new number is <PHONE>"},
      {"\u0442\u0435\u043b. 8 (495) 517-48-99 \u0434\u043e\u0431. 3",
       "\u0442\u0435\u043b. <PHONE> \u0434\u043e\u0431. 3"},
      {"T\u00e9l.: 0123456789", "T\u00e9l.: <PHONE>"},
      {"22 345 67 89", "<PHONE>"},
      {"0664 1234567", "<PHONE>"},
      {"2 2345 6789", "<PHONE>"},
      {"mob 8 (916) 123-4567", "mob <PHONE>"},
      {"89161234567", "<PHONE>"},
      {"ask 912 34 567", "ask <PHONE>"},
      {"22 33 44 55", "<PHONE>"},
      {"ask +3892653132626 or +54 9 3828 9779", "ask <PHONE> or <PHONE>"},  // no plan has them
      {"ask (12)/685-8729", "ask <PHONE>"},
      {"ann\t030 901820\t17", "ann\t<PHONE>\t17"},
      {"customer 212-555-0142 called", "customer <PHONE> called"},
      {"parcel later 0031 6 52435378: sorted", "parcel later <PHONE>: sorted"},
      {"see parcel 0031 6 52435378", "see parcel <PHONE>"},
      // As support tickets, logs and exports have them.
      {"Hi team, pls ring Mrs Owens back on 07700 900123 (after 3pm). Ref 88213",
       "Hi team, pls ring Mrs Owens back on <PHONE> (after 3pm). Ref 88213"},
      {"Customer says parcel 00340434161094021501 never came, reach her at (303) 555-0187 x22",
       "Customer says parcel 00340434161094021501 never came, reach her at <PHONE>"},
      {"2026-03-01T10:15:30Z INFO sms gateway: to=+4915112345678 id=7731229 status=DELIVRD",
       "2026-03-01T10:15:30Z INFO sms gateway: to=<PHONE> id=7731229 status=DELIVRD"},
      {"{\"caller\":\"4930901820\",\"dur\":311}", "{\"caller\":\"<PHONE>\",\"dur\":311}"},
      {"7,Smith,+1 (415) 555-2671,94107", "7,Smith,<PHONE>,94107"},
  };
  for (const Case& c : cases) EXPECT_EQ(marked(c.text), c.expected) << c.text;
}

TEST(PhoneDetector, LeavesOtherNumbersAlone) {
  for (const std::string_view text : {"2024-01-15",
                                      "2024-01-15 10:20:30",
                                      "2024-01-15T10:20:30.123456Z",
                                      "15/01/2024 10:20",
                                      "15.01.2024",
                                      "01/15/2024",
                                      "20240115",
                                      "20240115103000",
                                      "1700000000",
                                      "1700000000000",
                                      "192.168.100.200",
                                      "10.0.0.1:8080",
                                      "255.255.255.255",
                                      "123e4567-e89b-12d3-a456-426614174000",
                                      "12345678-1234-1234-1234-123456789012",
                                      "d41d8cd98f00b204e9800998ecf8427e",
                                      "1234567890123456789012345678901234567890",
                                      "$1,234,567.00",
                                      "1 234 567,00",
                                      "1.234.567,89",
                                      "\u20ac 1234567890",
                                      "1234567890.12",
                                      "v1.2.3456789",
                                      "1.0.0+20240315120000",
                                      "10.15.7",
                                      "ORD-2024-0012345",
                                      "INV-5551234567",
                                      "order 4502938475",
                                      "Invoice no. 2125550142",
                                      "id: 2125550142",
                                      "978-3-16-148410-0",
                                      "978 0 306 40615 7",
                                      "0-306-40615-2",
                                      "ISBN 0306406152",
                                      "4111 1111 1111 1111",
                                      "4111-1111-1111-1111",
                                      "3782 822463 10005",
                                      "DE89 3704 0044 0532 0130 00",
                                      "123-45-6789",
                                      "40.712776, -74.005974",
                                      "1234567",
                                      "12345678",
                                      "100000 200000",
                                      "2019-2023",
                                      "12-3456789",
                                      "AB1234567890",
                                      "0x1234567890",
                                      "1 2 3 4 5 6 7 8 9 10 11 12",
                                      "commit 1234567890",
                                      "12:30:45.123456",
                                      "+12.50",
                                      "99.99999999%",
                                      "port 8080 8443 9000",
                                      "2024011510",
                                      "kernel: [086425.488661] usb 1-7: new device 49",
                                      "level=warn offset=9497731140 lag=6536",
                                      "P/N 090-21731-15",
                                      "PH-06539-107",
                                      "59 Temple Place, Suite 330, Boston, MA  02111-1307",
                                      "crc = x | -2147483648",
                                      "if c in '0123456789':",
                                      "UPDATE s SET a = 054454728, b = 2",
                                      "https://example.org/item/9876543210",
                                      "GET /orders/5551234567 200",
                                      "{\"order_id\":\"450-2938475\"}"})
    EXPECT_EQ(marked(text), text);
}

// The name of a column, or of a JSON member, tells what its bare numbers are.
TEST(PhoneDetector, HeedsTheColumn) {
  const auto in = [](std::string_view column, std::string_view text) {
    return marked_text(all_detectors(), text, column, 5);
  };
  EXPECT_EQ(in("reach", "6502530000"), "<PHONE>");
  EXPECT_EQ(in("phone", "12345678"), "<PHONE>");
  for (const std::string_view column : {"order_no", "customer_id", "createdEpoch", "offset"})
    EXPECT_EQ(in(column, "6502530000"), "6502530000") << column;
  EXPECT_EQ(in("order_no", "+16502530000"), "<PHONE>");
  EXPECT_EQ(in("order_note", "6502530000"), "<PHONE>");
}

TEST(DetectorSet, MasksWhatItCannotJudge) {
  EXPECT_EQ(marked("abc\xff\xfe"), "<PHONE>");
  SensitiveDataOptions options;
  options.detect = {};
  options.custom = {{.name = "GREEDY", .pattern = "a.*z|a"}};  // looks through the rest each time
  EXPECT_EQ(marked(std::string(1 << 20, 'a'), DetectorSet(options)), "<GREED>");
}

TEST(DetectorSet, RefusesUnknownNames) {
  SensitiveDataOptions options;
  options.detect = {"EMIAL"};
  EXPECT_THROW(DetectorSet{options}, Error);
  options.detect = {"PHONE_NUMBER"};
  options.phone_regions = {"XX"};
  EXPECT_THROW(DetectorSet{options}, Error);
}

// Text made to cost as much as possible: bounded, whatever it holds.
// Processor time of a text of `size` bytes made of `piece`, in seconds; at least a millisecond.
double seconds_of(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  const std::clock_t start = std::clock();
  marked(text);
  return std::max(0.001, double(std::clock() - start) / CLOCKS_PER_SEC);
}

// Sixteen times the text may take sixteen times as long, or a little more; not its square, 256.
TEST(DetectorSet, HostileTextDoesNotStall) {
  constexpr std::size_t kSize = 1 << 20;
  for (const std::string_view piece :
       {"1 ", "12 34 56 ", "9876543210 ", "06 12 34 56 78 ", "+49 ", "(555", "a@", "\"@", "@a.b",
        "1.", "\xef\xbc\x91", "555-123-", "a@b.c@", "++++1", "00 49 30 1"})
    EXPECT_LT(seconds_of(piece, kSize), 100 * seconds_of(piece, kSize / 16)) << piece;
}

TEST(DetectorSet, AnyBytesAreSurvived) {
  std::mt19937 random(7);
  const std::string_view alphabet = "0123456789+-(). @ax/:\xef\xbc\x91\xc2\xa0\"[]#,;=%4";
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 60, ' ');
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
