#include "transform/name_prior.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "transform/text_scan.h"

namespace freshet {
namespace {

constexpr NamePrior kEmail{"EMAIL", false};
constexpr NamePrior kPhone{"PHONE_NUMBER", true};

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
  return prior_of_words(words);
}

}  // namespace freshet
