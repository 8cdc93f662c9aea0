"""The rules for the wording, each with what it finds and what it leaves alone, and with texts made to stall them."""

from django.test import SimpleTestCase, tag

from meetings.language import statements, wording
from tests import THOROUGH

# rule → (texts that it finds something in, texts that it leaves alone)
WORDING = {
    "short_line": (
        ["v: stödjer LR", "obs: kl 10 kaffe", "lf, bf: yrkar på mer", "- ag: återkommer"],
        ["Vision: stödjer LR.", "Beslut: taket lagas.", "kl. 10: paus", "Hen sa: nej.", "https://fvg.example"],
    ),
    "double_space": (
        ["Dubbla  mellanslag.", "Hårt\u00a0 mellanslag.", "- en punkt  med två"],
        ["Ett mellanslag.", "- ett\n  - två\n    - tre", "Rad ett.\nRad två.", "| a | b |\n| c | d |"],
    ),
    "empty_bullet": (["- ett\n-\n- två", "1. ett\n2.", "•"], ["- ett\n- två", "Pris: 3 –", "-\n  - nästlad"]),
    "first_person": (
        ["Jag såg det själv.", "Det är min uppfattning.", "De frågade mig.", "Mina kollegor håller med."],
        [
            "Mötet tog 10 min.",
            "”Jag tror det”, sade hon.",
            "Det stod mitt i rummet.",
            "Mina sidor låg nere.",
            "MIN-värdet är 3.",
            "Minska kostnaden.",
            "Jaga älg.",
            "Migration pågår.",
        ],
    ),
    "full_stop": (
        ["Detta är en mening utan punkt", "- en punkt som är så lång att den är en hel mening"],
        [
            "Detta är en mening.",
            "Detta är en fråga?",
            "Han sade att ”det går bra.”",
            "Han sade att det ”går bra”.",
            "Kort rad",
            "## En rubrik som är lång och saknar punkt",
            "**En fet rad som är en rubrik**",
            "Följande frågor togs upp:",
            "Följande frågor togs upp\n\n- taket",
            "- taket\n- låsen",
            "| en cell som är lång | och en till som är lång |",
            "Läs mer på https://fvg.example/sida",
            "- att taket lagas före vintern och att någon ser till det,",
        ],
    ),
    "mailbox": (["Mejla anna.ek@fvg.example.", "[Skriv](mailto:anna@fvg.example)"], ["Tid: 9 @ sal 3.", "a@b", "@namn"]),
    "intranet": (
        [
            "Se https://intranat.fvg.example/sida.",
            "[Läs](https://stad.sharepoint.com/x)",
            "Se http://server/dokument.",
            "Ligger på file://server/mapp.",
            "Ligger på \\\\\\\\server\\\\mapp.",
        ],
        ["Se https://fvg.example/intro.", "Samtalen var interna.", "[Läs](https://www.fvg.example/)"],
    ),
}

PROMISES = (
    [
        "Chefen tar med sig frågan.",
        "Chefen tar frågan med sig.",
        "Frågan tas med till ledningen.",
        "HR har tagit med sig frågan.",
        "Förvaltningen kommer dock att skicka en lista.",
        "Då kommer HR att svara.",
        "Frågan utreds.",
        "Frågan ska utredas.",
        "Chefen återkommer.",
        "HR återkopplar i maj.",
        "HR ser över rutinen.",
        "Därför ser HR över rutinen.",
        "En översyn görs.",
        "HR undersöker saken.",
        "HR följer upp det.",
        "Förvaltningen åtar sig att måla.",
        "[V](party:1) tar med sig frågan.",
    ],
    [
        "Utredningen är klar.",
        "Återkommande möten hålls.",
        "Man ser fram emot det över sommaren.",
        "Översynen visade fel.",
        "[V](party:1) undrade om det kommer att ändras.",
        "Hon sade ”vi kommer att ses”.",
        "Bussen tar med cyklar.",
        "De kommer från Parken.",
        "Det följde upprepade gånger.",
        "Nämnden beslutade att avslå.",
        "Lovet börjar i juni.",
    ],
)

LOOSE = {
    "Se § 7.": [("paragraph", 7)],
    "Se §8 och paragraf 9.": [("paragraph", 8), ("paragraph", 9)],
    "Se bilaga 2 och ärende nr 12.": [("appendix", 2), ("matter", 12)],
    "Bilagorna 1 och 2 gäller ärendet 3.": [("appendix", 1), ("matter", 3)],
    "Se [§ 7](paragraph:3) och [bilaga 1](appendix:4).": [],
    "Förhandling enligt 11 § MBL.": [],
    "Förhandling enligt § 19 MBL.": [],
    "Enligt 6 kap. 4 § arbetsmiljölagen.": [],
    "Enligt § 5 i samverkansavtalet.": [],
    "Se § 7 i protokollet från mars.": [],
    "Föregående mötes protokoll, § 4, lades till handlingarna.": [],
    "Bilagan är lång. Ärendet är nytt.": [],
}

PRIVATE = {
    "delicate": (
        ["En lex Sarah-anmälan gjordes.", "Hon är sjukskriven.", "Han har fått en diagnos.", "Personen har skyddad identitet."],
        ["Sjukfrånvaron har minskat.", "Sara är här.", "Lexikonet är tryckt."],
    ),
    "small_group": (
        ["Två medarbetare slutar.", "Det gäller 3 personer.", "En av lärarna klagade.", "fyra av de anställda"],
        [
            "24 medarbetare slutar.",
            "2 000 medarbetare berörs.",
            "12,4 medarbetare i snitt.",
            "Två personalmöten hölls.",
            "Två hus.",
        ],
    ),
    "id_number": (
        ["Nummer 19811218-9876.", "811218-9876", "811278-9876", "198112189876"],
        ["Org.nr 556036-0793.", "PN 2026-0012", "Ring 08-508 250 00.", "2026-12-06", "1234567890123"],
    ),
}

LONG = 1_000_000 if THOROUGH else 200_000  # the longest text that can be saved has half of that
# rule → what would stall it, were it to look everywhere from everywhere
HOSTILE = {
    wording.promises: ["tar a " * (LONG // 6), "kommer a b " * (LONG // 11), "ser ö " * (LONG // 6)],
    wording.loose_references: ["§ " * (LONG // 2), "§ 1" * (LONG // 3), "§ 1 i " * (LONG // 6)],
    wording.findings: ["@" * LONG, "a@a." * (LONG // 4), "http://" * (LONG // 7), "\\\\a" * (LONG // 3), "”a" * (LONG // 2)],
    wording.delicate: ["19" * (LONG // 2), "två av de " * (LONG // 10), "lex " * (LONG // 4)],
    wording.full_names: ["A-" * (LONG // 2), "Anna Ek " * (LONG // 8)],
    statements.statements: ["." * LONG, "a." * (LONG // 2), "[V](party:1), " * (LONG // 14), "\n" * LONG, " " * LONG + "x"],
}


class WordingTests(SimpleTestCase):
    def test_each_rule_finds_what_it_should_and_nothing_else(self):
        for code, (hits, misses) in WORDING.items():
            for text in hits:
                with self.subTest(code, text=text):
                    self.assertEqual([one.code for one in wording.findings(text) if one.code == code], [code])
            for text in misses:
                with self.subTest(code, text=text):
                    self.assertEqual([one for one in wording.findings(text) if one.code == code], [])

    def test_a_clean_text_has_nothing(self):
        text = "Chefen berättade om läget.\n\n- taket\n- låsen\n\n[Vision](party:1) tackade för beskedet."
        self.assertEqual(wording.findings(text), [])

    def test_promises(self):
        hits, misses = PROMISES
        for text in hits:
            with self.subTest(text):
                self.assertEqual(wording.promises(text), [text.replace("[V](party:1)", "V")])
        for text in misses:
            with self.subTest(text):
                self.assertEqual(wording.promises(text), [])

    def test_numbers_typed_by_hand(self):
        for text, expected in LOOSE.items():
            with self.subTest(text):
                self.assertEqual([(one.kind, one.number) for one in wording.loose_references(text)], expected)

    def test_privacy(self):
        for code, (hits, misses) in PRIVATE.items():
            for text in hits:
                with self.subTest(code, text=text):
                    self.assertEqual([one.code for one in wording.delicate(text)], [code])
            for text in misses:
                with self.subTest(code, text=text):
                    self.assertEqual([one.code for one in wording.delicate(text)], [])

    def test_an_identity_number_is_not_repeated(self):
        self.assertNotIn("811218", str(wording.delicate("Nummer 19811218-9876.")))

    def test_names_of_persons(self):
        text = "Anna Svensson mötte Ulla Ek vid Stora Torget. [Rut Ek](party:1) teg. Ulf-Göran Alms fråga. Kvarn Kvist kom."
        names = wording.full_names(text)
        self.assertEqual(names, ["Anna Svensson", "Ulla Ek", "Stora Torget", "Ulf-Göran Alms", "Kvarn Kvist"])
        found = wording.strangers(names, here=["Ulla Ek", "Ulf-Göran Alm"], registered=["Kvarn Kvist"])
        self.assertEqual(found, ["Anna Svensson", "Kvarn Kvist"])

    @tag("slow")
    def test_the_patterns_never_look_far_back_or_ahead(self):
        """More hostile characters than a text may hold pass every rule; one that looked all over would not end."""
        for rule, texts in HOSTILE.items():
            for text in texts:
                self.assertGreaterEqual(len(text), LONG * 0.99)
                self.assertIsInstance(rule(text), list)
