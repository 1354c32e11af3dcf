"""Invoices that customers of the demo question, and what local finance answers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from data.demo.draft import Draft, Row
from data.demo.world import Company, Someone, World
from data.models import Dispute, DisputeLine, DisputeMessage, Invoice, InvoiceLine
from rules.disputes import GOING_ON, DisputeReason, DisputeState, Side
from rules.money import OPEN_STATES, InvoiceState, InvoiceType
from rules.permissions import Permission

_RUNNING = (DisputeState.OPEN, DisputeState.ANSWERED)
_OVER = (DisputeState.ACCEPTED, DisputeState.REJECTED, DisputeState.CLOSED)


@dataclass(frozen=True)
class Quarrel:
    """What the customer says, what finance says, in the customer's language."""

    reason: DisputeReason
    question: str
    answer: str


_ENGLISH = (
    Quarrel(
        DisputeReason.QUANTITY,
        "We count fewer cross connects than the invoice. Two of them were cancelled last quarter.",
        "Thank you. We are checking the order history with the site and will come back within three days.",
    ),
    Quarrel(
        DisputeReason.TWICE,
        "This line stands on last month's invoice as well. Please correct it.",
        "You are right, the line was invoiced twice. A credit note is on its way.",
    ),
    Quarrel(
        DisputeReason.PRICE,
        "The unit price is not the one of our order form. We attached nothing yet; tell us what you need.",
        "The price rose with the renewal in section 4. We sent the signed page to your administrator.",
    ),
)
_KOREAN = (
    Quarrel(
        DisputeReason.QUANTITY,
        "청구된 크로스 커넥트 수량이 실제보다 많습니다. 지난 분기에 두 건을 해지했습니다.",
        "확인 감사합니다. 주문 이력을 센터와 대조한 뒤 3일 이내에 회신드리겠습니다.",
    ),
    Quarrel(
        DisputeReason.TWICE,
        "지난달 인보이스와 같은 항목이 다시 청구되었습니다. 정정 부탁드립니다.",
        "중복 청구가 맞습니다. 크레딧 노트를 발행하겠습니다.",
    ),
)
_JAPANESE = (
    Quarrel(
        DisputeReason.QUANTITY,
        "クロスコネクトの数量が実際より多く請求されています。前四半期に2本解約しました。",
        "ご連絡ありがとうございます。注文履歴を確認し、3日以内に回答いたします。",
    ),
    Quarrel(
        DisputeReason.TWICE,
        "先月の請求書と同じ明細が再度請求されています。訂正をお願いします。",
        "重複を確認しました。クレジットノートを発行いたします。",
    ),
)
_BY_LANGUAGE = {"ko": _KOREAN, "ja": _JAPANESE}
_LAST_WORDS = {
    "en": {
        DisputeState.ACCEPTED: "We credit the amount in full and send you the credit note.",
        DisputeState.REJECTED: "We checked it against the contract and the order history: the amount stands.",
        DisputeState.CLOSED: "Thank you, that answers our question.",
    },
    "ko": {
        DisputeState.ACCEPTED: "해당 금액을 전액 조정하고 크레딧 노트를 보내드리겠습니다.",
        DisputeState.REJECTED: "계약서와 주문 이력을 확인한 결과 청구 금액이 맞습니다.",
        DisputeState.CLOSED: "답변 감사합니다. 확인했습니다.",
    },
    "ja": {
        DisputeState.ACCEPTED: "全額を調整し、クレジットノートをお送りいたします。",
        DisputeState.REJECTED: "契約書と注文履歴を確認しましたが、請求額に誤りはございません。",
        DisputeState.CLOSED: "ご回答ありがとうございます。確認できました。",
    },
}


@dataclass
class Disputes:
    """Opens disputes over invoices that are in the draft already."""

    draft: Draft
    world: World
    rng: Random
    _lines: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def open(self) -> None:
        for line in self.draft.rows(InvoiceLine):
            self._lines[line["invoice_id"]].append(line)
        by_company: dict[int, list[Row]] = defaultdict(list)
        for invoice in self.draft.rows(Invoice):
            if invoice["type"] is InvoiceType.INVOICE and invoice["state"] in (*OPEN_STATES, InvoiceState.PAID):
                by_company[invoice["account_id"]].append(invoice)
        for company in self.world.companies:
            asking = company.who_may(Permission.INVOICE_DISPUTE, company.places[0])
            if asking:
                self._of(company, asking, by_company[company.id])

    def _of(self, company: Company, asking: list[Someone], invoices: list[Row]) -> None:
        unpaid = [invoice for invoice in invoices if invoice["state"] in OPEN_STATES]
        settled = [invoice for invoice in invoices if invoice["state"] is InvoiceState.PAID]
        running = self.rng.sample(unpaid, min(len(unpaid), 3 if company.is_featured else self.rng.randint(0, 1)))
        over = self.rng.sample(settled, min(len(settled), max(1, company.size // 4)))
        for turn, invoice in enumerate(running):
            self._dispute(company, self.rng.choice(asking), invoice, _RUNNING[turn % 2])
        for invoice in over:
            self._dispute(company, self.rng.choice(asking), invoice, self.rng.choice(_OVER))

    def _dispute(self, company: Company, asker: Someone, invoice: Row, state: DisputeState) -> None:
        quarrel = self.rng.choice(_BY_LANGUAGE.get(company.language, _ENGLISH))
        line = self.rng.choice(self._lines[invoice["id"]])
        room = self.world.now - invoice["created_at"]
        opened_at = invoice["created_at"] + min(room * 0.5, timedelta(days=self.rng.uniform(1, 12)))
        answered_at = opened_at + min((self.world.now - opened_at) * 0.5, timedelta(hours=self.rng.uniform(3, 60)))
        decided_at = answered_at + min((self.world.now - answered_at) * 0.8, timedelta(days=self.rng.uniform(1, 9)))
        is_closed, is_open = state is DisputeState.CLOSED, state is DisputeState.OPEN
        about = {"account_id": company.id, "invoice_id": invoice["id"]}
        amount = line["amount"] + line["tax"]
        dispute_id = self.draft.add(
            Dispute,
            **about,
            number=invoice["number"],
            reason=quarrel.reason,
            amount=amount,
            agreed=amount if state is DisputeState.ACCEPTED else None,
            state=state,
            opened_by=asker.id,
            opened_at=opened_at,
            updated_at=decided_at if state in _OVER else opened_at if is_open else answered_at,
            closed_at=decided_at if is_closed else None,
            version=1 + (state in _OVER) + (not is_open),
        )
        self.draft.add(DisputeLine, **about, dispute_id=dispute_id, line_id=line["id"])
        finance = self.rng.choice(self.world.finance)
        self._says(company, dispute_id, asker, quarrel.question, opened_at, DisputeState.OPEN)
        if not is_open:
            self._says(company, dispute_id, finance, quarrel.answer, answered_at, DisputeState.ANSWERED)
        if state in _OVER:
            words = _LAST_WORDS.get(company.language, _LAST_WORDS["en"])[state]
            self._says(company, dispute_id, asker if is_closed else finance, words, decided_at, state)
        invoice["disputed"] = state in GOING_ON

    def _says(
        self, company: Company, dispute_id: int, author: Someone, body: str, at: datetime, brought: DisputeState
    ) -> None:
        self.draft.add(
            DisputeMessage,
            account_id=company.id,
            dispute_id=dispute_id,
            side=Side.FINANCE if author in self.world.finance else Side.CUSTOMER,
            author_id=author.id,
            author_name=author.name,
            body=body,
            brought=brought,
            written_at=at,
        )
