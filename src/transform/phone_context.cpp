#include "transform/phone_context.h"

#include <algorithm>

#include "transform/text_scan.h"
#include "transform/word_set.h"

namespace freshet {
namespace {

constexpr WordSet kPhoneWords(
    "tel phone telephone phones mobile mob cell fax cellphone call calls dial dialed dialled "
    "whatsapp sms text ring ph telefon telefono telefax telefone telef telf tlf handy mobil "
    "movil celular cellulare hotline landline contact msisdn me called phoned callto caller "
    "callee callback viber telegram rufnummer anrufen handynummer mobilnummer telefonnummer gsm "
    "kontakt kontakta contacto contato contatto telp telepon hubungi llamar llame ligar ligue "
    "chiamare chiama appeler appelez portable "
    "telefoon bellen ringa puhelin puh cep telefonszam telefonas phonenumber mobilephone fono "
    "fone natel mobiel hp mobilnr mobiil telephonenumber");
// Beyond ASCII: a word that is one of these, or begins with a longer one ("телефону"); those of
// scripts without spaces wherever they stand in it.
constexpr std::string_view kWidePhoneWords[] = {
    "tél",    "téléphone", "teléfono",  "móvil",   "telefón", "тел",      "телефон",
    "моб",    "мобильн",   "звони",     "позвони", "τηλ",     "τηλέφωνο", "κινητό",
    "thoại",  "電話",      "电话",      "手机",    "手機",    "携帯",     "致电",
    "拨打",   "전화",      "휴대폰",    "연락처",  "핸드폰",  "هاتف",     "جوال",
    "تلفن",   "फ़ोन",       "फोन",       "मोबाइल",  "โทร",     "טלפון",    "נייד",
    "موبايل", "تليفون",    "اتصل",      "ফোন",     "মোবাইল",  "tālr",     "tālrunis",
    "đt",     "sđt",       "telemóvel", "мобил",   "טל",      "телефоні", "telefonní"};
constexpr WordSet kOtherWords(
    "order ord orders id ids ref reference invoice inv ticket txn transaction tracking isbn issn "
    "sku serial version build commit timestamp ts epoch port pid uid account acct item article "
    "ean upc product part batch case po sn imei iban row key code amount total price hash doi "
    "customer rev revision session request offset lag size bytes seq count duration position "
    "index lot quantity tid checksum crc nonce token otp gtin asin vin imsi iccid parcel "
    "shipment block page line siret siren vat policy claim iat exp nbf expires cursor barcode");
// Words between the name of a number and itself: "order no. is 1234".
constexpr WordSet kLinks("no nr num number id ids nummer numero is was of");
// "my number is ...", "new number: ...": whose it is tells that it is one for calls.
constexpr WordSet kNumber("number nummer numero número numéro");
constexpr WordSet kWhose(
    "my his her your our their new old meine mi tu su mon ma son votre mio meu neue nuevo nouveau");
// These tell, but also stand before other numbers.
constexpr WordSet kLoose("me text contact kontakt kontakta contacto contato contatto");

bool is_word_byte(char c) noexcept { return is_letter(c) || is_wide(c); }

// Behind the last mark beyond ASCII (a quote, say) in a run of word bytes.
std::string_view behind_marks(std::string_view word) noexcept {
  for (std::size_t i = word.size(); i-- > 0;) {
    const bool mark =
        word[i] == '\xc2' || word[i] == '\xe2' || word.substr(i).starts_with("\xe3\x80");
    if (mark) return word.substr(std::min(word.size(), i + (word[i] == '\xc2' ? 2 : 3)));
  }
  return word;
}

// Small letters for the capitals of Latin-1, Greek and Cyrillic, in place.
void lower_wide(char* word, std::size_t size) noexcept {
  for (std::size_t i = 0; i + 1 < size; ++i) {
    auto& lead = reinterpret_cast<unsigned char&>(word[i]);
    auto& next = reinterpret_cast<unsigned char&>(word[i + 1]);
    if (lead == 0xc3 && next >= 0x80 && next <= 0x9e) next += 0x20;
    if (lead == 0xce && next >= 0x91 && next <= 0x9f) next += 0x20;
    if (lead == 0xd0 && next >= 0x90 && next <= 0x9f) next += 0x20;
    if (lead == 0xd0 && next >= 0xa0 && next <= 0xaf) {
      lead = 0xd1;
      next -= 0x20;
    }
    if (lead == 0xce && next >= 0xa0 && next <= 0xa9) {
      lead = 0xcf;
      next -= 0x20;
    }
  }
}

using Context = PhoneContext::Kind;

Context context_of_wide(std::string_view word) noexcept {
  const auto says = [&](std::string_view known) {
    if (static_cast<unsigned char>(known[0]) >= 0xe3) return word.contains(known);
    return known.size() < 10 ? word == known : word.starts_with(known);
  };
  return std::ranges::any_of(kWidePhoneWords, says) ? Context::phone : Context::none;
}

Context context_of(std::string_view word) noexcept {
  if (std::ranges::any_of(word, is_wide)) return context_of_wide(word);
  if (kPhoneWords.contains(word)) return Context::phone;
  return kOtherWords.contains(word) ? Context::other : Context::none;
}

}  // namespace

PhoneContext phone_context_before(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t kReach = 40;
  constexpr std::size_t kMostMarks = 12;  // between words
  const std::size_t limit = at > kReach ? at - kReach : 0;
  char behind[kReach];  // the word behind the one at hand
  std::size_t behind_size = 0;
  bool linked = true;
  for (int words = 0; words < 3; ++words) {
    for (std::size_t marks = 0; at > limit && !is_word_byte(text[at - 1]); --at)
      if (is_digit(text[at - 1]) || text[at - 1] == '\n' || ++marks > kMostMarks) return {};
    char word[kReach];
    const std::size_t end = at;
    while (at > limit && is_word_byte(text[at - 1])) --at;
    const std::size_t size = end - at;
    bool wide = false;
    for (std::size_t i = 0; i < size; ++i) {
      word[i] = lower(text[at + i]);
      wide |= is_wide(word[i]);
    }
    if (wide) lower_wide(word, size);
    const std::string_view found = wide ? behind_marks({word, size}) : std::string_view(word, size);
    if (found.empty()) continue;
    const Context context = context_of(found);
    if (context == Context::phone || (context == Context::other && linked))
      return {context, words == 0 && !kLoose.contains(found)};
    if (kNumber.contains({behind, behind_size}) && kWhose.contains(found))
      return {Context::phone, false};
    if (found == "n" && at > 1 && text[at - 1] == '/') return {Context::other, true};  // P/N, S/N
    linked = linked && kLinks.contains(found);
    behind_size = found.copy(behind, found.size());
  }
  return {};
}

}  // namespace freshet
