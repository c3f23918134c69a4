#include "transform/detector_type.h"
#include "transform/email_detector.h"
#include "transform/phone_detector.h"

namespace freshet {
namespace {

const DetectorType kTypes[] = {
    {.name = "PHONE_NUMBER",
     .aliases = "PHONE PHONES TELEPHONE",
     .validator = "numbering plans of all countries (libphonenumber), notation",
     .context = "tel phone telephone mobile cell fax call whatsapp sms",
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
};

}  // namespace

std::span<const DetectorType> contact_types() { return kTypes; }

}  // namespace freshet
