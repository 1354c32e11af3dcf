"""What is behind the demo's bell and envelope: notices, threads, contracts, feedback, and parcels nobody claimed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from data.demo.draft import Draft
from data.demo.phrases.announcements import ANNOUNCEMENTS, FORMER, Announcement
from data.demo.phrases.talk import Talk, talks_for, talks_with_desks
from data.demo.world import Company, Someone, World
from data.documents.keeping import policy_values
from data.guides import GuideKind, guides_of
from data.models import (
    Document,
    Feedback,
    Invoice,
    Notice,
    NoticeAccount,
    NoticeRead,
    NoticeSite,
    NoticeText,
    NoticeUpdate,
    Parcel,
    Thread,
    ThreadMember,
    ThreadMessage,
    Ticket,
)
from rules.permissions import Permission
from rules.request_types import Carrier

_CONTRACT = """# Service agreement

Between **{company}** and **{issuer}**.

1. The operator provides space, power and connectivity at {sites}.
2. Remote hands requests are answered within 15 minutes, at any hour.
3. Invoices are due 30 days after issue.
4. Terms are renewed by a year unless either side gives notice three months before their end.
"""

_ORDER_FORM = """# Order form

**{company}** orders from **{issuer}**, at {sites}:

| item | quantity |
|---|---|
| cabinet, 47 U, 5 kVA, feeds A and B | 4 |
| cross connect, single mode | 6 |

Installed within 20 working days. Term: 36 months.
"""
_CERTIFICATE = """# ISO/IEC 27001

The information security management of **{issuer}** at {sites} was audited and fulfils ISO/IEC 27001.

This copy is for {company}.
"""

_FEEDBACK = (
    (5, "The list of tickets shows at last what is still running."),
    (4, "Good. I would like to save my filters."),
    (3, "It took me a while to find the report button."),
    (5, "On the phone it works as well as at my desk."),
    (2, "I expected the invoices of all our companies in one list."),
)

_PARCELS = (
    ("SEL1", Carrier.DHL, "JD014600009912", "ACME, Server Team"),
    ("SEL1", Carrier.OTHER, "EX99120044831", "모래빛 인프라"),
    ("TYO1", Carrier.FEDEX, "771204459931", "Network Dept., 4F"),
    ("BIN1", Carrier.UPS, "1Z88120944519", "Bolt NOC"),
    ("JKT1", Carrier.DHL, "JD014600771204", "Gudang lantai 2"),
    ("BOM1", Carrier.OTHER, "EX55012200871", "no name on the label"),
)


@dataclass
class News:
    """Writes everything that is said rather than done."""

    draft: Draft
    world: World
    rng: Random

    def spread(self) -> None:
        self._announcements()
        self._policies()
        for company in self.world.companies:
            self._threads(company)
            self._contract(company)
            self._papers(company)
            self._feedback(company)
        for site, carrier, number, addressee in _PARCELS:
            self.draft.add(
                Parcel,
                site_id=self.world.place(site).id,
                carrier=carrier,
                tracking_number=number,
                addressee=addressee,
                arrived_at=self._ago(self.rng.uniform(3, 96)),
                ticket_id=None,
            )

    def _ago(self, hours: float) -> datetime:
        return (self.world.now - timedelta(hours=hours)).replace(microsecond=0)

    def _announcements(self) -> None:
        former = [self._former(ago) for ago in range(12, 728, 17)]
        for announcement in sorted((*former, *ANNOUNCEMENTS), key=lambda a: -(a.published or 0)):
            self._publish(announcement)

    def _former(self, days_ago: int) -> Announcement:
        category, title, body, hours, impacting = self.rng.choice(FORMER)
        place = self.rng.choice(self.world.places)
        start = -days_ago * 24.0
        return Announcement(
            category,
            title.format(site=place.city),
            body,
            published=days_ago * 24.0 + (1 if category == "incident" else 24.0 * 9),
            sites=(place.code,),
            window=(start, start + hours),
            impacting=impacting,
            resolved=days_ago * 24.0 - hours if category == "incident" else None,
        )

    def _publish(self, said: Announcement) -> None:
        published_at = None if said.published is None else self._ago(said.published)
        window = said.window and (self._ago(-said.window[0]), self._ago(-said.window[1]))
        is_over = said.category != "incident" or said.resolved is not None
        notice_id = self.draft.add(
            Notice,
            category=said.category,
            title=said.title,
            body=said.body,
            language="en",
            everyone=not said.accounts,
            person_id=self._addressee(said),
            function=said.function,
            starts_at=window[0] if window else None,
            ends_at=window[1] if window and is_over else None,  # nobody knows yet when an open incident ends
            service_impacting=said.impacting,
            respond_by=self._ago(-said.respond_in) if said.respond_in else None,
            resolved_at=self._ago(said.resolved) if said.resolved else None,
            link=said.link,
            published_at=published_at,
            updated_at=max((self._ago(later.ago) for later in said.updates), default=None),
            written_by=self.world.company("ACME").manager.id if said.accounts else self.world.desk[0].id,
        )
        for language, (title, body) in said.texts.items():
            self.draft.add(NoticeText, notice_id=notice_id, language=language, title=title, body=body)
        for code in said.sites:
            self.draft.add(NoticeSite, notice_id=notice_id, site_id=self.world.place(code).id)
        for code in said.accounts:
            self.draft.add(NoticeAccount, notice_id=notice_id, account_id=self.world.company(code).id)
        for later in said.updates:
            self.draft.add(
                NoticeUpdate,
                notice_id=notice_id,
                body=later.body,
                texts=later.texts,
                written_at=self._ago(later.ago),
                written_by=self.world.desk[0].id,
            )
        if published_at is not None:
            self._read(notice_id, said, published_at)

    def _addressee(self, said: Announcement) -> int | None:
        people = [person for company in self.world.companies for person in company.people]
        return next((person.id for person in people if person.email == said.to), None)

    def _read(self, notice_id: int, said: Announcement, published_at: datetime) -> None:
        """Old news has been read by most; the last days' by few, so that the bell shows a number."""
        if said.published is None or said.published < 5 * 24:
            return
        readers = {person.id for company in self.world.companies for person in company.people}
        for person_id in sorted(readers):
            if self.rng.random() < 0.9:
                read_at = published_at + timedelta(hours=self.rng.randint(1, 90))
                self.draft.add(
                    NoticeRead, person_id=person_id, notice_id=notice_id, read_at=min(read_at, self.world.now)
                )

    def _threads(self, company: Company) -> None:
        talks = talks_for(company.language)
        people = company.who_may(Permission.MESSAGE_USE, company.places[0])
        count = len(talks) if company.is_featured else min(2, len(talks))
        for turn, talk in enumerate(self.rng.sample(talks, count)):
            days_ago = self.rng.uniform(0.5, 3) if turn == 0 else self.rng.uniform(8, 300)
            self._thread(company, people, talk, days_ago * 24)
        if company.is_featured:
            for talk in talks_with_desks(company.language):
                self._thread(company, people, talk, self.rng.uniform(4, 60))

    def _about(self, company: Company, kind: str | None) -> UUID | None:
        """The last ticket of the account, or the last invoice that was issued."""
        if kind is None:
            return None
        rows = self.draft.rows(Ticket if kind == "ticket" else Invoice)
        hidden = {"draft", "credit_note"}
        ours = [r for r in rows if r["account_id"] == company.id and not hidden & {r.get("state"), r.get("type")}]
        return ours[-1]["uuid"] if ours else None

    def _thread(self, company: Company, people: list[Someone], talk: Talk, hours_ago: float) -> None:
        customer = people[0] if company.is_featured else self.rng.choice(people)
        customers = {customer.id, *(person.id for person in self.rng.sample(people, min(2, len(people))))}
        began = self._ago(hours_ago)
        steps = [began + timedelta(hours=hours_ago * 0.8 * turn / len(talk.lines)) for turn in range(len(talk.lines))]
        ours = {"finance": self.world.finance[0], "service_desk": self.world.desk[0]}.get(talk.desk, company.manager)
        pair = (ours, customer) if talk.manager_begins else (customer, ours)
        about = self._about(company, talk.about)
        sides = ["customer" if pair[turn % 2] is customer else "staff" for turn in range(len(talk.lines))]
        thread_id = self.draft.add(
            Thread,
            account_id=company.id,
            desk=talk.desk,
            about_kind=talk.about if about else None,
            about_uuid=about,
            last_side=sides[-1],
            subject=talk.subject,
            started_by=pair[0].id,
            started_at=began,
            last_at=steps[-1],
        )
        for turn, (body, at) in enumerate(zip(talk.lines, steps, strict=True)):
            author = pair[turn % 2]
            self.draft.add(
                ThreadMessage,
                account_id=company.id,
                thread_id=thread_id,
                side=sides[turn],
                author_id=author.id,
                author_name=author.name,
                body=body,
                written_at=at,
            )
        last_author = pair[(len(talk.lines) - 1) % 2].id
        for person_id in sorted({*customers, ours.id}):
            has_read = person_id == last_author or hours_ago > 7 * 24
            if person_id == ours.id and not has_read and len(talk.lines) == 1:
                continue  # nobody of ours has opened it yet
            self.draft.add(
                ThreadMember,
                account_id=company.id,
                thread_id=thread_id,
                person_id=person_id,
                read_until=steps[-1] if has_read else steps[0],
            )

    def _policies(self) -> None:
        """A real portal leaves publishing them to its operator."""
        for guide in guides_of(GuideKind.POLICIES):
            published_at = datetime.combine(guide.effective_on, time(2), UTC)
            self._document(published_at, policy_values(guide))

    def _papers(self, company: Company) -> None:
        """What was ordered, and how the sites are certified, of those whose people somebody may sign in as."""
        if not company.is_featured:
            return
        issuer, day = company.places[0].issuer.code, self._ago(24 * 200)
        sites = ", ".join(dict.fromkeys(place.city for place in company.places))
        for kind, title, edition, said in (
            ("order_form", "Order form: second cabinet row", "1", _ORDER_FORM),
            ("certificate", "ISO/IEC 27001 certificate", f"{day.year}", _CERTIFICATE),
            ("certificate", "ISO/IEC 27001 certificate", f"{day.year - 1}", _CERTIFICATE),
        ):
            began = day - timedelta(days=365) if edition == f"{day.year - 1}" else day
            words = said.format(company=company.name, issuer=issuer, sites=sites)
            self._paper(company, began, kind=kind, title=title, edition=edition, markdown=words)

    def _paper(self, company: Company, began: datetime, *, kind: str, title: str, **says: str) -> None:
        series = uuid5(UUID(int=company.id), f"{kind} {title}")
        said = {"account_id": company.id, "series": series, "kind": kind, "title": title, **says}
        self._document(began, {"language": "en", "effective_on": began.date(), "must_accept": False, **said})

    def _document(self, published_at: datetime, says: dict[str, Any]) -> None:
        self.draft.add(Document, **says, version=1, created_at=published_at, published_at=published_at)

    def _contract(self, company: Company) -> None:
        began = (self.world.now - timedelta(days=self.rng.randint(740, 900))).replace(hour=2, minute=0, second=0)
        sites = ", ".join(dict.fromkeys(place.city for place in company.places))
        words = _CONTRACT.format(company=company.name, issuer=company.places[0].issuer.code, sites=sites)
        title = f"Service agreement {company.name}"
        self._paper(company, began, kind="contract", title=title, edition="1", markdown=words)

    def _feedback(self, company: Company) -> None:
        if self.rng.random() < 0.5 or company.is_featured:
            rating, body = self.rng.choice(_FEEDBACK)
            author = self.rng.choice(company.people)
            self.draft.add(
                Feedback,
                account_id=company.id,
                person_id=author.id,
                author_name=author.name,
                rating=rating,
                body=body,
                page=self.rng.choice(("/tickets", "/invoices", "/", "/inventory")),
                written_at=self._ago(self.rng.uniform(5, 900)),
            )
