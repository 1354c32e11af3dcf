"""The notices of the demo, as words and hours from now; the newest are still going on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Later:
    """What became known so many hours ago, and the same in other languages."""

    ago: float
    body: str
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Announcement:
    """A notice: published so many hours ago (None: a draft); its window, counted from now, in hours; nobody named means everyone.

    Its other languages are (title, body); `resolved` says how long ago an incident ended."""

    category: str
    title: str
    body: str
    published: float | None
    sites: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    window: tuple[float, float] | None = None
    impacting: bool = False
    respond_in: float | None = None
    resolved: float | None = None
    function: str | None = None
    to: str | None = None
    link: str | None = None
    updates: tuple[Later, ...] = ()
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)


DAY = 24.0

ANNOUNCEMENTS: tuple[Announcement, ...] = (
    Announcement(
        "incident",
        "Cooling unit 4 at Seoul 1 runs on its reserve",
        "One of six cooling units on floor 3 stopped. The reserve carries the load; temperatures are within limits. Work goes on.",
        published=2.5,
        sites=("SEL1",),
        window=(-3, 0),
        impacting=False,
        updates=(
            Later(
                1.5,
                "The maker's technician is on site.",
                {"ko": "제조사 기술자가 현장에 도착했습니다.", "ja": "メーカーの技術者が現地に到着しました。"},
            ),
            Later(
                0.5,
                "A pump is being replaced; we expect two more hours.",
                {"ko": "펌프를 교체하고 있으며 두 시간 정도 더 걸릴 것으로 예상합니다."},
            ),
        ),
        texts={
            "ko": (
                "서울 1센터 냉방기 4호기 예비 운전",
                "3층 냉방기 6대 중 1대가 정지했습니다. 예비기가 부하를 감당하고 있으며 온도는 기준 이내입니다. 작업이 진행 중입니다.",
            ),
            "ja": (
                "ソウル1の空調4号機が予備運転中",
                "3階の空調6台のうち1台が停止しました。予備機が負荷を担い、温度は基準内です。作業を続けています。",
            ),
        },
    ),
    Announcement(
        "maintenance",
        "Yearly test of the generators at Seoul 1",
        "Both feeds stay up; the change to generator power takes milliseconds. Please make sure your devices use both feeds.",
        published=6 * DAY,
        sites=("SEL1",),
        window=(4 * DAY, 4 * DAY + 4),
        respond_in=2 * DAY,
        texts={
            "ko": (
                "서울 1센터 연간 발전기 시험",
                "양쪽 피드는 유지되며 발전기 전환은 수 밀리초가 걸립니다. 장비가 양쪽 피드에 연결되어 있는지 확인해 주세요.",
            ),
        },
    ),
    Announcement(
        "maintenance",
        "Replacement of UPS batteries, feed B, at Osaka 1",
        "Feed B of floors 2 and 3 has no battery support during the work. Feed A is not touched.",
        published=9 * DAY,
        sites=("OSA1",),
        window=(-1, 5),
        impacting=True,
        texts={
            "ja": (
                "大阪1 B系UPSバッテリー交換",
                "作業中、2階と3階のB系はバッテリーによる保護がありません。A系には影響ありません。",
            ),
        },
    ),
    Announcement(
        "maintenance",
        "Network maintenance at Tokyo 1 and Osaka 1",
        "Internet ports are moved to new routers, one after the other. Each port is down for up to two minutes.",
        published=3 * DAY,
        sites=("TYO1", "OSA1"),
        window=(7 * DAY, 7 * DAY + 6),
        impacting=True,
        respond_in=4 * DAY,
    ),
    Announcement(
        "maintenance",
        "Floor cleaning under the raised floor at Biñan 1",
        "Cage by cage over three nights. No influence on power or cooling.",
        published=2 * DAY,
        sites=("BIN1",),
        window=(DAY, 4 * DAY),
    ),
    Announcement(
        "maintenance",
        "New access control at Navi Mumbai 1",
        "Badges issued before this year must be exchanged at the reception until the end of the month.",
        published=12 * DAY,
        sites=("BOM1",),
        window=(10 * DAY, 20 * DAY),
    ),
    Announcement(
        "incident",
        "Packet loss on one carrier at Jakarta 1",
        "One of our carriers reports a cut fibre between Jakarta and Bekasi. Traffic takes another path and may be slower.",
        published=5,
        sites=("JKT1", "BKS1"),
        window=(-6, 0),
        impacting=True,
        updates=(Later(3, "Splicing has begun.", {"id": "Penyambungan serat sudah dimulai."}),),
    ),
    Announcement(
        "advisory",
        "Check the firmware of your power strips",
        "The maker of a common switched power strip warns of a fault that turns outlets off after 497 days. Please update.",
        published=30,
        texts={
            "ko": (
                "멀티탭 펌웨어 확인 안내",
                "널리 쓰이는 전원 분배 장치에서 497일 후 콘센트가 꺼지는 결함이 보고되었습니다. 업데이트해 주세요.",
            ),
            "ja": (
                "電源タップのファームウェア確認のお願い",
                "広く使われる電源タップで497日後にコンセントが切れる不具合が報告されています。更新してください。",
            ),
        },
    ),
    Announcement(
        "advisory",
        "Deliveries during the public holidays",
        "Parcels are taken in around the clock, carriers may be late. Please announce shipments two days ahead.",
        published=4 * DAY,
        texts={
            "ko": (
                "연휴 기간 배송 안내",
                "물품은 24시간 접수하지만 택배사가 지연될 수 있습니다. 이틀 전에 배송 요청을 등록해 주세요.",
            ),
            "ja": (
                "連休中の配送について",
                "荷物は24時間受け付けますが、運送会社が遅れることがあります。2日前までにご連絡ください。",
            ),
        },
    ),
    Announcement(
        "billing",
        "Three invoices are past due",
        "Please look at the invoices marked overdue, or tell local finance when we can expect the payment.",
        published=20,
        accounts=("ACME-SEOUL", "ACME-OSAKA", "BOLT"),
        function="invoice.view",
        link="/invoices?status=overdue",
    ),
    Announcement(
        "order",
        "Your new cabinets are ready",
        "Power is on and tested; the keys are at the reception.",
        published=40,
        accounts=("ACME-SEOUL",),
        function="order.view",
        link="/orders?status=installed",
        texts={"ko": ("신규 캐비닛 준비 완료", "전원 시험을 마쳤으며 열쇠는 안내 데스크에 있습니다.")},
    ),
    Announcement(
        "order",
        "Your order waits for your decision",
        "The cabinet position you asked for is taken; please choose one of the two others in the order.",
        published=60,
        accounts=("BOLT",),
        function="order.view",
        link="/orders?status=on_hold",
    ),
    Announcement(
        "ticket",
        "We need your answer",
        "A question is open in one of your requests; its clock is paused until you answer.",
        published=3,
        accounts=("ACME-SEOUL",),
        function="ticket.view_own",
        to="hands@acme.example",
        link="/tickets?status=waiting_customer",
        texts={"ko": ("답변이 필요합니다", "요청 중 하나에 질문이 있습니다. 답변하실 때까지 시간이 멈춥니다.")},
    ),
    Announcement(
        "advisory",
        "Visit of your account manager",
        "Mia will be in Seoul next week and would like to walk through your capacity plans.",
        published=26,
        accounts=("ACME", "ACME-SEOUL"),
    ),
    Announcement(
        "maintenance",
        "Work on the cooling water at Busan 1",
        "Half of the cooling towers are cleaned. Temperatures stay within limits.",
        published=None,
        sites=("PUS1",),
        window=(9 * DAY, 9 * DAY + 8),
        texts={"ko": ("부산 1센터 냉각수 작업", "냉각탑 절반을 청소합니다. 온도는 기준 이내로 유지됩니다.")},
    ),
    Announcement(
        "advisory",
        "Prices of cross connects from next year",
        "The price list for next year is attached to your contract; please tell me by the end of the month what you would change.",
        published=None,
        accounts=("ACME", "ACME-SEOUL", "ACME-OSAKA"),
        respond_in=14 * DAY,
    ),
)

#: What happened over the two years: (category, title, body, hours it took, service-impacting); `{site}` is filled in.
FORMER: tuple[tuple[str, str, str, float, bool], ...] = (
    ("maintenance", "Inspection of feed A at {site}", "Feed A was off for the yearly inspection; feed B carried the load.", 4, True),
    ("maintenance", "Test of the fire alarm at {site}", "Bells sounded for a minute; no gas was released.", 2, False),
    ("maintenance", "Exchange of air filters at {site}", "Done without influence on temperature.", 6, False),
    ("maintenance", "Router software at {site}", "Routers were restarted one after the other.", 3, True),
    ("incident", "Short voltage dip at {site}", "The utility's voltage dipped for 80 ms; UPS carried the load, no feed was lost.", 1, False),
    ("incident", "Reception closed at {site}", "The reception was closed for an hour after a water pipe broke; entry by the loading dock.", 2, False),
    ("incident", "Cross connects in meet-me room 2 of {site} disturbed", "A ladder touched a fibre tray; eleven links were re-seated.", 3, True),
    ("advisory", "Heavy rain expected around {site}", "Please allow more time for visits and deliveries.", 24, False),
)  # fmt: skip
