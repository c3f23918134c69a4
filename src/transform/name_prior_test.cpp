#include "transform/name_prior.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(prior_of_name("home", "phone").type, "PHONE_NUMBER");
  EXPECT_FALSE(prior_of_name("country", "phone"));
}

}  // namespace
}  // namespace freshet
