"""A union's unfiled draft is read by that union alone: its words stand in no page, mail or admin screen of anybody else."""

from django.core import mail
from django.test import TestCase, tag
from django.urls import reverse

from motions import written
from motions.actions import drafting, filing
from motions.models import Answer, Claim, Motion
from people.models import Letter
from tests import factories as make
from tests.cast import Cast

CANARY = "kanariefågel"
WORDS = {name: f"Skrivet {CANARY}" for name in written.WORDED}
OTHERS = ("chair", "secretary", "employer", "other_rep", "safety_rep", "hr", "auditor", "admin", "stranger")
OWN = ("union_rep", "adjuster", "substitute")
PAGES = (
    "motion",
    "edit",
    "preview",
    "file",
    "discard",
    "withdraw",
    "change",
    "versions",
    "supporters",
    "assign",
    "attach",
    "detach",
    "attachment",
)
CLAIM_PAGES = ("support", "unsupport", "answer")


@tag("walk")
class CanaryTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in (*OTHERS, *OWN):
            getattr(cls.cast, name)
        cls.draft = make.make_motion(
            cls.cast.group, cls.cast.union, by=cls.cast.union_rep, filed=False, claims=(f"att {CANARY}.",), **WORDS
        )
        cls.claim = cls.draft.claims.get()
        cls.discarded = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.union_rep, filed=False, **WORDS)
        cls.discarded_claim = cls.discarded.claims.get().pk
        cls.discarded_pk = cls.discarded.pk
        drafting.discard(cls.discarded, by=cls.cast.union_rep)
        # What is filed now was a draft once: what it said then is still the union's own.
        cls.filed = make.make_motion(
            cls.cast.group, cls.cast.union, by=cls.cast.union_rep, filed=False, claims=(f"att {CANARY}.",), **WORDS
        )
        fields = dict.fromkeys(written.WORDED, "") | {"title": "Inlämnat", "background": "Bakgrund"}
        drafting.save_draft(cls.filed, fields=fields, claims=[{"text": "att det görs."}], version=2, by=cls.cast.union_rep)
        filing.file(cls.filed, by=cls.cast.union_rep)

    def addresses(self) -> list[str]:
        """Every page of the room and of its admin that could hold the words."""
        urls = [reverse("motions:list") + query for query in ("", "?status=draft", "?egna=on", f"?grupp={self.cast.group.pk}")]
        urls.append(reverse("motions:draft", args=[self.cast.group.pk]))
        for motion in (self.draft.pk, self.discarded_pk, self.filed.pk):
            urls += [reverse(f"motions:{name}", args=[motion]) for name in PAGES]
        claims = (self.claim.pk, self.discarded_claim, self.filed.claims.get().pk)
        urls += [reverse(f"motions:{name}", args=[claim]) for name in CLAIM_PAGES for claim in claims]
        urls.append(reverse("admin:index"))
        for model, pks in ((Motion, (self.draft.pk, self.discarded_pk, self.filed.pk)), (Claim, claims), (Answer, ())):
            name = f"admin:motions_{model._meta.model_name}"
            urls += [reverse(f"{name}_changelist"), reverse(f"{name}_changelist") + f"?q={CANARY}"]
            for pk in pks:
                urls += [reverse(f"{name}_{page}", args=[pk]) for page in ("change", "history", "delete")]
                for row in model.history.filter(id=pk):
                    urls.append(reverse(f"{name}_simple_history", args=[pk, row.history_id]))
        query = f"?app_label=motions&model_name=claim&field_name=motion&term={CANARY}"
        urls.append(reverse("admin:autocomplete") + query)
        return urls

    def seen(self, who: str, addresses: list[str]) -> list[tuple[str, str]]:
        self.client.force_login(getattr(self.cast, who))
        leaks = []
        for url in addresses:
            for verb in ("get", "post"):
                answer = getattr(self.client, verb)(url, {"title": "x"} if verb == "post" else None)
                # What the user typed in the address is no leak.
                body = answer.content.decode().replace(f'value="{CANARY}"', "").replace(f"q={CANARY}", "")
                if CANARY in body or any(CANARY in part for part in answer.headers.values() if "q=" not in part):
                    leaks.append((verb, url))
        return leaks

    def test_nobody_else_reads_it_anywhere(self) -> None:
        addresses = [url for url in self.addresses() if "admin" not in url or "term" not in url]
        self.assertEqual({who: self.seen(who, addresses) for who in OTHERS}, {who: [] for who in OTHERS})
        self.assertEqual(Motion.objects.get(pk=self.draft.pk).title, WORDS["title"])

    def test_not_even_the_own_union_meets_it_in_the_administration(self) -> None:
        make.make_mandate(self.cast.union_rep, self.cast.other_group, "secretary")  # opens the administration
        addresses = [url for url in self.addresses() if url.startswith("/admin/")]
        self.assertEqual(self.seen("union_rep", addresses), [])

    def test_the_own_union_reads_it(self) -> None:
        for who in OWN:
            self.client.force_login(getattr(self.cast, who))
            self.assertContains(self.client.get(reverse("motions:motion", args=[self.draft.pk])), CANARY)
            self.assertContains(self.client.get(reverse("motions:list")), CANARY)

    def test_letters_hold_neither_words_nor_unions(self) -> None:
        letters = list(Letter.objects.all())
        self.assertEqual(sorted(letter.kind for letter in letters), ["motion_filed", "motion_filed", "motion_receipt"])
        told = [letter.subject + letter.body for letter in letters] + [message.subject + message.body for message in mail.outbox]
        for word in (CANARY, "Inlämnat", "att det görs", "Lövförbundet", "LF"):
            self.assertEqual([text for text in told if word in text], [], word)


class AdminTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = (cls.cast.secretary, cls.cast.hr, cls.cast.admin, cls.cast.stranger, cls.cast.chair, cls.cast.employer)
        cls.filed = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.union_rep)
        cls.answer = make.make_answer(cls.filed.claims.get(), by=cls.cast.employer, released=False)

    def statuses(self, who: str, page: str) -> list[int]:
        self.client.force_login(getattr(self.cast, who))
        things = (self.filed, self.filed.claims.get(), self.answer)
        return [
            self.client.get(reverse(f"admin:motions_{thing._meta.model_name}_{page}", args=[thing.pk])).status_code
            for thing in things
        ]

    def test_those_who_may_read_it_do_so_and_nothing_more(self) -> None:
        self.assertEqual(self.statuses("secretary", "change"), [200, 200, 200])
        self.assertEqual(self.statuses("secretary", "history"), [200, 200, 200])
        self.assertEqual(self.statuses("secretary", "delete"), [403, 403, 403])
        for thing in (self.filed, self.filed.claims.get(), self.answer):
            name = f"admin:motions_{thing._meta.model_name}"
            self.assertEqual(self.client.get(reverse(f"{name}_add")).status_code, 403)
            self.assertEqual(
                self.client.post(reverse(f"{name}_change", args=[thing.pk]), {"title": "x", "text": "x"}).status_code, 403
            )

    def test_others_find_nothing(self) -> None:
        for who in ("hr", "stranger", "admin"):
            self.assertNotIn(200, self.statuses(who, "change"), who)
            self.assertNotIn(200, self.statuses(who, "history"), who)

    def test_the_history_begins_with_the_filing(self) -> None:
        self.client.force_login(self.cast.secretary)
        page = self.client.get(reverse("admin:motions_motion_history", args=[self.filed.pk]))
        self.assertEqual([row.history_verb for row in page.context["page_obj"]], ["file_motion"])
