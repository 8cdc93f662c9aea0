"""Swedish sentences made from data, and the rule that nothing is said twice."""

from dataclasses import replace

from django.test import SimpleTestCase

from meetings.language import spoken as meeting_sentences
from motions import spoken as sentences
from protocol import format as form
from protocol import spoken
from tests.samples import invented


def make_protocol(**known) -> form.Protocol:
    return replace(form.read(invented()), **known)


def make_paragraph(heading: str, text: str = "", **known) -> form.Paragraph:
    return form.Paragraph(number=4, heading=heading, text=text, **known)


def make_matter(**known) -> form.Matter:
    return form.Matter(**{"title": "Ny plantskola", "presenter": "Ekonomichef", "outcome": "no_comments", **known})


FVG = form.Body(name="Förvaltningsgruppen", abbreviation="FVG", kind="fvg", organisation="Parkförvaltningen")
SVG = form.Body(name="SVG Norr", abbreviation="SVG Norr", kind="svg", organisation="Parkförvaltningen")


class WordTests(SimpleTestCase):
    def test_dates_and_times(self):
        self.assertEqual(meeting_sentences.day("2020-04-16"), "den 16 april 2020")
        self.assertEqual(spoken.meeting_time("2020-04-16", "09:00", "11:15"), "Torsdagen den 16 april 2020, kl. 09:00 – 11:15")
        self.assertEqual(spoken.meeting_time("2020-04-16", "09:00", None), "Torsdagen den 16 april 2020, kl. 09:00")
        self.assertEqual(spoken.meeting_time("2020-04-16", None, None), "Torsdagen den 16 april 2020")
        self.assertEqual(spoken.meeting_time(None, None, None), "")

    def test_the_group_is_called_by_its_own_definite_name_or_by_its_kind(self):
        self.assertEqual((spoken.group(FVG), spoken.group(SVG)), ("förvaltningsgruppen", "samverkansgruppen"))

    def test_the_print_filter_keeps_numbers_with_their_words(self):
        text = "Se § 7 och bilaga 1, den 17 april 2020, kl. 09:00 – 11:15 (75 %), nr 1"
        expected = "Se §_7 och bilaga_1, den_17_april_2020, kl._09:00_– 11:15 (75_%), nr_1"
        self.assertEqual(spoken.no_break(text).replace("\u00a0", "_"), expected)
        self.assertEqual(spoken.no_break(text).replace("\u00a0", " "), text)


class AttendeeTests(SimpleTestCase):
    def row(self, **known) -> str:
        return spoken.attendee(form.Attendee(**{"name": "Siv Alm", "side": "employee", **known}))

    def test_rows(self):
        for known, expected in [
            ({}, "Siv Alm"),
            ({"title": "chef", "roles": ("chair",), "side": "employer"}, "Siv Alm, chef, ordförande"),
            ({"title": "ordförande", "roles": ("chair",), "side": "employer"}, "Siv Alm, ordförande"),
            ({"party": "Vision", "channel": "Skype"}, "Siv Alm, Vision, Skype"),
            (
                {"title": "huvudskyddsombud", "party": "Vision", "roles": ("chief_safety_rep",)},
                "Siv Alm, huvudskyddsombud, Vision",
            ),
            ({"party": "Vision", "roles": ("safety_rep", "adjuster")}, "Siv Alm, skyddsombud, Vision"),
            ({"party": "Vision", "replaces": "Olle Rönn", "roles": ("substitute",)}, "Siv Alm, Vision, ersättare för Olle Rönn"),
            ({"side": "board", "political_party": "S"}, "Siv Alm (S)"),
            ({"presence": form.Presence(paragraphs=(1, 2, 3, 9))}, "Siv Alm – närvarande under § 1–3 och § 9"),
        ]:
            with self.subTest(expected):
                self.assertEqual(self.row(**known), expected)

    def test_presence_follows_the_numbers(self):
        self.assertEqual(spoken.presence([9, 1, 2, 3, 4, 5, 6, 7]), "närvarande under § 1–7 och § 9")
        self.assertEqual(spoken.presence([2, 5, 6, 8]), "närvarande under § 2, § 5–6 och § 8")

    def test_a_channel_that_no_row_names_is_printed_with_the_place(self):
        protocol = make_protocol(channels=("Skype", "Teams"))
        self.assertEqual(spoken.place(protocol), "Eken, Lindvägen 1 samt via Teams")
        self.assertEqual(spoken.place(make_protocol(place=None, channels=("Teams",))), "Via Teams")
        self.assertEqual(spoken.place(make_protocol(place="Eken samt via teams", channels=("Teams",))), "Eken samt via teams")


class FormalTests(SimpleTestCase):
    def test_an_empty_formal_paragraph_says_what_the_data_says(self):
        protocol = make_protocol()
        for heading, expected in [
            ("Mötets öppnande", "Ordförande Vera Ek, förvaltningschef, förklarade mötet för öppnat."),
            ("Val av sekreterare", "Tor Hassel valdes till sekreterare för mötet."),
            (
                "Val justerare och justeringsdag",
                "Siv Alm, Trädgårdarnas, valdes till justerare. Justeringsdag för protokollet är den 6 mars 2026.",
            ),
            ("Balanslista", "Följande punkter återfinns på balanslistan:\n\n- Skyltar | \\*\\*nya\\*\\*"),
            ("Nästa möte", "Nästa möte med förvaltningsgruppen äger rum den 9 april 2026, kl. 09:00 i lokal Eken."),
            ("Justering av föregående protokoll", ""),
            ("Mötet avslutades", ""),
            ("Information", ""),
        ]:
            with self.subTest(heading):
                self.assertEqual(spoken.default_text(protocol, make_paragraph(heading)), expected)

    def test_own_text_replaces_the_phrase(self):
        protocol = make_protocol()
        for heading in ("Mötets öppnande", "Val av sekreterare", "Val av justerare"):
            self.assertEqual(spoken.default_text(protocol, make_paragraph(heading, "Det gick till så här.")), "")
        self.assertEqual(spoken.default_text(protocol, make_paragraph("Nästa möte", "Vi ses den 9 april 2026.")), "")
        listed = "På listan:\n\n- Skyltar | \\*\\*nya\\*\\*"
        self.assertEqual(spoken.default_text(protocol, make_paragraph("Balanslista", listed)), "")

    def test_an_open_promise_does_not_fall_off_the_list_because_of_a_remark(self):
        printed = spoken.default_text(make_protocol(), make_paragraph("Balanslista", "En punkt stängdes."))
        self.assertEqual(printed, "Följande punkter återfinns på balanslistan:\n\n- Skyltar | \\*\\*nya\\*\\*")

    def test_nothing_is_invented_without_data(self):
        protocol = make_protocol(chair=None, secretary=None, adjusters=(), balance=(), next_meeting=None)
        headings = ["Mötets öppnande", "Val av sekreterare", "Val av justerare", "Balanslista", "Nästa möte"]
        self.assertEqual({spoken.default_text(protocol, make_paragraph(heading)) for heading in headings}, {""})

    def test_several_adjusters(self):
        elected = meeting_sentences.elected_adjusters([("Siv Alm", "Vision"), ("Olle Rönn", None)])
        self.assertEqual(elected, "Siv Alm, Vision, och Olle Rönn valdes till justerare.")

    def test_agenda_and_personnel_representatives(self):
        self.assertEqual(meeting_sentences.agenda_approved(), "Dagordningen godkändes.")
        self.assertEqual(
            meeting_sentences.agenda_approved(["från Vision under § 7 gällande lokaler"]),
            "Dagordningen godkändes med tillägg från Vision under § 7 gällande lokaler.",
        )
        self.assertEqual(
            meeting_sentences.agenda_approved(moves=[("Visions yrkande", "§ 10")]),
            "Visions yrkande flyttades till § 10 och dagordningen godkändes sedan.",
        )
        self.assertEqual(
            meeting_sentences.personnel_reps([], "parknämnden", "2026-03-10"),
            "Ingen av de fackliga organisationerna anmälde deltagande vid parknämndens sammanträde den 10 mars 2026.",
        )
        self.assertEqual(
            meeting_sentences.personnel_reps([("Siv Alm", "Vision"), ("Olle Rönn", "SACO")], "parknämnden"),
            "Siv Alm, Vision och Olle Rönn, SACO deltar vid parknämndens sammanträde.",
        )

    def test_where_the_next_meeting_is(self):
        for place, expected in [("lokal Ek", " i lokal Ek"), ("Ekbacken", ", Ekbacken"), ("via Skype", " via Skype"), (None, "")]:
            printed = spoken.next_meeting(form.NextMeeting(date="2026-04-09", place=place), SVG)
            self.assertEqual(printed, f"Nästa möte med samverkansgruppen äger rum den 9 april 2026{expected}.")


class InterruptionTests(SimpleTestCase):
    def protocol(self, text: str) -> tuple[form.Protocol, form.Paragraph]:
        absence = form.Absence(since="09:58", until="10:10", paragraph=4, reason="tekniska problem")
        person = form.Attendee(name="Olle Rönn", party="SACO", side="employee", absences=(absence,))
        paragraph = make_paragraph("Information", text)
        return make_protocol(attendees=(person,), paragraphs=(paragraph,)), paragraph

    def test_a_broken_line_is_printed_once(self):
        expected = ["SACO deltog inte kl. 09:58–10:10 på grund av tekniska problem."]
        self.assertEqual(spoken.interruptions(*self.protocol("SACO var med kl. 10:58.")), expected)
        self.assertEqual(spoken.interruptions(*self.protocol("Vision hörde inget 09:58-10.10.")), expected)
        self.assertEqual(spoken.interruptions(*self.protocol("SACO hörde inget mellan 09.58 och 10.10.")), [])
        self.assertEqual(spoken.interruptions(*self.protocol("Olle Rönn hörde inget från 9:58.")), [])

    def test_what_no_paragraph_carries_stands_in_the_row_unless_a_text_tells_it(self):
        def row(number: int | None, text: str = "", **known) -> str:
            absence = form.Absence(since="09:58", until="10:10", paragraph=number, reason="tekniska problem")
            person = form.Attendee(name="Olle Rönn", party="SACO", side="employee", absences=(absence,), **known)
            return spoken.attendee_row(
                make_protocol(attendees=(person,), paragraphs=(make_paragraph("Information", text),)), person
            )

        away = "deltog inte kl. 09:58–10:10 på grund av tekniska problem"
        self.assertEqual(row(None), f"Olle Rönn, SACO – {away}")
        self.assertEqual(row(99), f"Olle Rönn, SACO – {away}")
        some = form.Presence(paragraphs=(1, 2, 4))
        self.assertEqual(row(None, presence=some), f"Olle Rönn, SACO – närvarande under § 1–2 och § 4; {away}")
        self.assertEqual(row(None, "SACO hörde inget mellan 09.58 och 10.10."), "Olle Rönn, SACO")
        self.assertEqual(row(4), "Olle Rönn, SACO")

    def test_a_reason_that_ends_with_a_full_stop_gets_no_second_one(self):
        absence = form.Absence(since="09:58", until=None, paragraph=1, reason="strömavbrott.")
        person = form.Attendee(name="Olle Rönn", side="employee")
        self.assertEqual(spoken.interruption(person, absence), "Olle Rönn deltog inte från kl. 09:58 på grund av strömavbrott.")


class MatterTests(SimpleTestCase):
    def test_each_outcome_has_its_sentence(self):
        expected = {
            "no_comments": ["Förvaltningsgruppen lämnade inga synpunkter."],
            "comments": [],
            "no_disagreement": ["Ingen oenighet anmäldes."],
            "agreement": ["Parterna var eniga."],
            "disagreement": ["Oenighet anmäldes."],
            "separate_negotiation": ["Frågan förhandlas separat."],
            "removed": ["Ärendet utgick."],
            "rejected": ["Förslaget avslogs."],
            "tabled": ["Ärendet bordlades."],
            "other": [],
            None: [],
        }
        sentences = {outcome: spoken.matter_lines(make_matter(outcome=outcome), FVG)[1] for outcome in expected}
        self.assertEqual(sentences, expected)
        self.assertEqual({outcome for outcome in expected if outcome}, set(form.MATTER_OUTCOMES))

    def test_what_the_text_says_is_not_said_again(self):
        self.assertEqual(spoken.matter_lines(make_matter(), FVG)[0], "Ekonomichef föredrog ärendet.")
        told = make_matter(
            text="Ekonomichef föredrog ärendet kort. Gruppen lämnade inga synpunkter, se bilaga 2", appendices=(2,)
        )
        self.assertEqual(spoken.matter_lines(told, FVG), ("", []))
        appendices = make_matter(outcome="comments", text="Se bilaga 12.", appendices=(1, 2))
        self.assertEqual(spoken.matter_lines(appendices, FVG)[1], ["Se bilaga 1 och 2."])


class MotionTests(SimpleTestCase):
    def label(self, outcome: str | None, answer: str | None = None, body: form.Body = FVG) -> str:
        return spoken.answer_label(form.Claim(text="att", outcome=outcome, answer=answer), body)

    def test_support(self):
        self.assertEqual(sentences.support(["Lärarförbundet", "SACO"], "LR"), "Lärarförbundet och SACO stödjer LRs yrkande.")
        self.assertEqual(sentences.support([], "LR"), "")

    def test_the_label_follows_the_outcome(self):
        self.assertEqual(self.label("answered", "Det pågår."), "Besvaras:")
        self.assertEqual(self.label("answered"), "Yrkandet besvarades.")
        self.assertEqual(self.label(None), "")
        self.assertEqual(self.label("granted"), "Förvaltningens svar: yrkandet bifalls.")
        self.assertEqual(self.label("partly_granted"), "Förvaltningens svar: yrkandet bifalls delvis.")
        self.assertEqual(self.label("rejected", "Det är för dyrt."), "Förvaltningens svar: yrkandet avslås.")
        self.assertEqual(self.label("rejected", "Yrkandet avslås."), "Förvaltningens svar:")
        self.assertEqual(self.label("tabled", None, SVG), "Arbetsgivarens svar: yrkandet bordläggs.")
        self.assertEqual(self.label("withdrawn"), "Yrkandet återtogs.")

    def test_headings(self):
        self.assertEqual(spoken.motion_heading(form.Motion(party="LR", number=2, title="Rekrytering")), "2. Rekrytering")
        self.assertEqual(spoken.motion_heading(form.Motion(party="LR")), "Yrkande från LR")
        self.assertEqual(
            spoken.motion_heading(form.Motion(party="SACO", kind="inquiry", title="Lokaler")), "Skrivelse från SACO: Lokaler"
        )
        self.assertEqual(sentences.motions_intro("LR"), "LRs yrkanden:")
        self.assertEqual(spoken.appendix_title("inquiry", "SACO"), "Skrivelse från SACO")
        entry = form.Reservation(paragraph=1, kind="special_opinion", persons=("Siv Alm",), parties=("Vision",))
        self.assertEqual(spoken.reservation(entry), "Särskilt yttrande från Siv Alm (Vision)")
