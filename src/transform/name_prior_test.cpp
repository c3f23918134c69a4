#include "transform/name_prior.h"

#include <gtest/gtest.h>

#include <utility>

namespace freshet {
namespace {

TEST(NamePrior, Names) {
  for (const char* name : {"email", "Email", "e_mail", "eMail", "userEmail", "EMAIL_ADDRESS",
                           "mail_address", "mail", "contact_email", "email2"})
    EXPECT_EQ(prior_of_name(name).type, "EMAIL") << name;
  for (const char* name :
       {"phone", "phone_number", "phoneNumber", "PhoneNumber", "mobile", "cell", "tel", "telephone",
        "fax", "whatsapp", "msisdn", "home_phone", "work_fax", "cellphone", "mobile_no", "phone2"})
    EXPECT_EQ(prior_of_name(name).type, "PHONE_NUMBER") << name;
  for (const char* name :
       {"email_verified", "phone_type", "cell_count", "is_email_confirmed", "mobile_os",
        "mailing_list", "telemetry", "name", "number", "hotel", "cell_value", "excellent"})
    EXPECT_FALSE(prior_of_name(name)) << name;
  const std::pair<const char*, const char*> kinds[] = {
      {"ssn", "USA_SSN"},
      {"socialSecurityNumber", "USA_SSN"},
      {"credit_card_number", "CREDIT_CARD"},
      {"first_name", "PERSON_NAME"},
      {"customer_last_name", "PERSON_NAME"},
      {"date_of_birth", "DATE_OF_BIRTH"},
      {"dob", "DATE_OF_BIRTH"},
      {"billing_address", "POSTAL_ADDRESS"},
      {"address_line_2", "POSTAL_ADDRESS"},
      {"client_ip", "IP_ADDRESS"},
      {"ip_address", "IP_ADDRESS"},
      {"iban", "IBAN"},
      {"latitude", "GPS_COORDINATES"},
  };
  for (const auto& [name, type] : kinds) EXPECT_EQ(prior_of_name(name).type, type) << name;
  for (const char* name : {"username", "product_name", "address_id", "ship", "card_type",
                           "ip_count", "birth_order", "street_count"})
    EXPECT_FALSE(prior_of_name(name)) << name;
  EXPECT_EQ(prior_of_name("home", "phone").type, "PHONE_NUMBER");
  EXPECT_FALSE(prior_of_name("country", "phone"));
}

}  // namespace
}  // namespace freshet
