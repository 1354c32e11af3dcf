"""The message threads of the demo: who writes to whom about what, in the language of the company."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Talk:
    """A subject and what is said in turn; the customer begins unless the manager does."""

    subject: str
    lines: tuple[str, ...]
    manager_begins: bool = False
    #: Whom they write to, and what about.
    desk: str = "account_manager"
    about: str | None = None


_ENGLISH = (
    Talk(
        "Two more cabinets next quarter",
        (
            "We plan two more cabinets from January, near the ones we have. Is there room?",
            "Yes, there are four free positions in the same row. I can reserve two for thirty days.",
            "Please do. We will send the order after our budget meeting.",
        ),
    ),
    Talk(
        "Power report",
        (
            "Could we have the measured power of all our circuits of the last month?",
            "I have asked the site; you will have it by Friday.",
        ),
    ),
    Talk(
        "Our meeting in the spring",
        (
            "I would like to go through your growth plans with you. Would the second week of the month suit you?",
            "Wednesday afternoon is fine. Please send an invitation.",
            "Sent. I will bring the capacity numbers of the last year.",
        ),
        manager_begins=True,
    ),
    Talk(
        "Change of our billing contact",
        (
            "From next month please send questions about invoices to our new colleague in finance.",
            "Thank you, noted. The account is updated.",
        ),
    ),
    Talk(
        "Renewal of your contract",
        (
            "Three of your cabinets come to the end of their term in the next months. Shall I prepare a renewal?",
            "Yes please, for two of them. We would like to give the third back.",
        ),
        manager_begins=True,
    ),
)
_KOREAN = (
    Talk(
        "다음 분기 캐비닛 2개 추가",
        (
            "1월부터 기존 캐비닛 근처에 2개를 더 쓰려고 합니다. 자리가 있을까요?",
            "같은 열에 네 자리가 비어 있습니다. 두 자리를 30일간 예약해 드릴 수 있습니다.",
            "예약 부탁드립니다. 예산 회의 후 주문서를 보내겠습니다.",
        ),
    ),
    Talk(
        "전력 사용량 보고서 요청",
        ("지난달 전체 회로의 전력 사용량을 받을 수 있을까요?", "센터에 요청했습니다. 금요일까지 보내 드리겠습니다."),
    ),
    Talk(
        "계약 갱신 안내",
        (
            "캐비닛 세 개의 계약이 몇 달 안에 만료됩니다. 갱신 견적을 준비할까요?",
            "두 개는 갱신하고 한 개는 반납하겠습니다.",
        ),
        manager_begins=True,
    ),
    Talk(
        "정기 미팅 일정",
        ("이번 달 둘째 주에 증설 계획을 함께 검토하고 싶습니다.", "수요일 오후가 좋습니다. 초대 메일 부탁드립니다."),
        manager_begins=True,
    ),
)
_JAPANESE = (
    Talk(
        "来期のラック2本追加",
        (
            "1月から既存ラックの近くに2本追加したいのですが、空きはありますか。",
            "同じ列に4か所空きがあります。2か所を30日間仮押さえできます。",
            "お願いします。予算会議の後に注文書をお送りします。",
        ),
    ),
    Talk(
        "電力レポートのお願い",
        ("先月の全回路の電力実績をいただけますか。", "センターに依頼しました。金曜日までにお送りします。"),
    ),
    Talk(
        "契約更新のご案内",
        (
            "ラック3本の契約期間がまもなく終了します。更新のお見積りをご用意しましょうか。",
            "2本は更新し、1本は返却します。",
        ),
        manager_begins=True,
    ),
)
_CHINESE = (
    Talk(
        "下季度增加两个机柜",
        (
            "我们计划从一月起在现有机柜附近再加两个，有位置吗？",
            "同一列还有四个空位，可以为您预留两个，为期三十天。",
            "请预留。预算会议之后我们发订单。",
        ),
    ),
    Talk("用电报告", ("能否提供上个月全部电路的实测功率？", "已请数据中心准备，周五前发给您。")),
    Talk(
        "合同续签",
        ("您有三个机柜的合同将在几个月内到期，需要准备续签报价吗？", "请准备，其中两个续签，第三个退还。"),
        manager_begins=True,
    ),
)
_INDONESIAN = (
    Talk(
        "Dua kabinet lagi triwulan depan",
        (
            "Mulai Januari kami perlu dua kabinet lagi di dekat yang sekarang. Apakah ada tempat?",
            "Ada empat posisi kosong di baris yang sama. Dua bisa saya pesankan selama tiga puluh hari.",
            "Silakan. Pesanan kami kirim setelah rapat anggaran.",
        ),
    ),
    Talk(
        "Laporan daya",
        (
            "Bolehkah kami minta daya terukur semua sirkuit bulan lalu?",
            "Sudah saya mintakan ke pusat data; Anda terima sebelum Jumat.",
        ),
    ),
    Talk(
        "Perpanjangan kontrak",
        (
            "Masa tiga kabinet Anda berakhir dalam beberapa bulan. Perlu saya siapkan perpanjangannya?",
            "Ya, untuk dua di antaranya. Yang ketiga kami kembalikan.",
        ),
        manager_begins=True,
    ),
)


_BY_LANGUAGE = {"en": _ENGLISH, "id": _INDONESIAN, "ja": _JAPANESE, "ko": _KOREAN, "zh_Hans": _CHINESE}

#: What is written to finance and to the service desk, about one thing each; the first is not answered yet.
_TO_DESKS = {
    "en": (
        Talk("Purchase order on the invoice", ("Please put our purchase order number on this invoice.",),
             desk="finance", about="invoice"),
        Talk("Photos of the finished work", ("Could you add two photos of the rear side?", "Both are in the ticket now."),
             desk="service_desk", about="ticket"),
    ),
    "ko": (
        Talk("인보이스 구매 주문 번호", ("이 인보이스에 당사 구매 주문 번호를 넣어 주시겠습니까?",), desk="finance", about="invoice"),
        Talk("작업 완료 사진", ("후면 사진 두 장을 더 부탁드립니다.", "티켓에 올려 드렸습니다."), desk="service_desk", about="ticket"),
    ),
    "ja": (
        Talk("請求書の注文番号", ("この請求書に弊社の注文番号を記載していただけますか。",), desk="finance", about="invoice"),
        Talk("作業完了の写真", ("背面の写真を2枚追加していただけますか。", "チケットに添付しました。"), desk="service_desk", about="ticket"),
    ),
    "zh_Hans": (
        Talk("账单上的采购订单号", ("请在这张账单上注明我们的采购订单号。",), desk="finance", about="invoice"),
        Talk("完工照片", ("能再拍两张背面的照片吗？", "已放在工单里。"), desk="service_desk", about="ticket"),
    ),
    "id": (
        Talk("Nomor pesanan pada invoice", ("Mohon cantumkan nomor pesanan kami pada invoice ini.",),
             desk="finance", about="invoice"),
        Talk("Foto pekerjaan yang selesai", ("Boleh tambah dua foto sisi belakang?", "Keduanya sudah ada di tiket."),
             desk="service_desk", about="ticket"),
    ),
}  # fmt: skip


def talks_with_desks(language: str) -> tuple[Talk, ...]:
    return _TO_DESKS.get(language, _TO_DESKS["en"])


def talks_for(language: str) -> tuple[Talk, ...]:
    return _BY_LANGUAGE.get(language, _ENGLISH)
