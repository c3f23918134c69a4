#include "transform/custom_detector.h"
#include "transform/detector_type.h"
#include "transform/email_detector.h"
#include "transform/phone_detector.h"

namespace freshet {
namespace {

// "ann at example dot com", "ann (at) example.com", "ann[at]example[dot]com".
constexpr const char* kSpelledOut =
    R"((?i)[a-z0-9][a-z0-9_+-]{0,63}(?:(?:\.|\s+dot\s+)[a-z0-9_+-]{1,64}){0,3})"
    R"((?:\s+at\s+[a-z0-9-]{1,63}(?:\s*\.\s*[a-z0-9-]{1,63}){0,2})"
    R"((?:\s+dot\s+|\s*[\[({<]\s*dot\s*[\])}>]\s*)[a-z]{2,24})"
    R"(|\s*[\[({<]\s*at\s*[\])}>]\s*[a-z0-9-]{1,63})"
    R"((?:(?:\s+dot\s+|\s*[\[({<]\s*dot\s*[\])}>]\s*|\.)[a-z0-9-]{2,63}){1,4}))";

const DetectorType kTypes[] = {
    {.name = "PHONE_NUMBER",
     .aliases = "PHONE TELEPHONE",
     .validator = "numbering plans of all countries (libphonenumber), notation",
     .context = "tel phone telephone mobile cell fax call caller whatsapp sms msisdn",
     .confidence = 90,
     .make = [](const SensitiveDataOptions& options) -> std::unique_ptr<Detector> {
       return std::make_unique<PhoneDetector>(options.phone_regions);
     },
     .example = "+49 30 901820"},
    {.name = "EMAIL",
     .aliases = "E_MAIL EMAIL_ADDRESS",
     .validator = "RFC 5322 and 6531 syntax, a domain with a dot",
     .context = "",
     .confidence = 95,
     .make = [](const SensitiveDataOptions&) -> std::unique_ptr<Detector> {
       return std::make_unique<EmailDetector>();
     },
     .example = "ann@example.com"},
    {.name = "OBFUSCATED_EMAIL",
     .aliases = "EMAIL_OBFUSCATED",
     .validator = "a name, `at`, a host and `dot`, spelled out",
     .context = "",
     .confidence = 70,
     .make = [](const SensitiveDataOptions&) -> std::unique_ptr<Detector> {
       return std::make_unique<CustomDetector>(
           CustomDetectorOptions{.name = "OBFUSCATED_EMAIL", .pattern = kSpelledOut});
     },
     .on_request = true,
     .example = "ann dot lee at example dot com"},
};

}  // namespace

std::span<const DetectorType> contact_types() { return kTypes; }

}  // namespace freshet
