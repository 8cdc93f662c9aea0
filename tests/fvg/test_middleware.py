"""The address of a button, opened as a page, says so."""

from django.test import TestCase
from django.urls import reverse

from tests.cast import Cast


class ButtonsOnlyTests(TestCase):
    def test_who_opens_the_address_of_a_button_gets_a_page(self):
        cast = Cast()
        meeting = cast.meeting("adjusted")
        self.client.force_login(cast.secretary)
        response = self.client.get(reverse("protocol:seal", args=[meeting.pk]))
        self.assertContains(response, "Här finns ingen sida", status_code=405)
        self.assertContains(response, "Inget har ändrats.", status_code=405)
        self.assertContains(response, 'href="/">Till startsidan', status_code=405)
        self.assertEqual(response["Allow"], "POST")

    def test_a_form_sent_to_a_page_that_is_only_read_gets_it_too(self):
        self.client.force_login(Cast().secretary)
        self.assertContains(self.client.put(reverse("protocol:verify")), "Här finns ingen sida", status_code=405)

    def test_a_script_gets_its_status_alone(self):
        cast = Cast()
        meeting = cast.meeting("adjusted")
        self.client.force_login(cast.secretary)
        response = self.client.get(reverse("protocol:seal", args=[meeting.pk]), headers={"X-Requested-With": "fetch"})
        self.assertNotIn(b"<html", response.content)
