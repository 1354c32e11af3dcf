"""The customers of the demo beside the cast, all invented: who they are, where they are with us, and how big."""

from __future__ import annotations

from dataclasses import dataclass

from data.demo.cast import DemoAccount, DemoPerson


@dataclass(frozen=True)
class DemoCompany:
    """An account, the sites it uses (its main one first), and its size: roughly its share of all that happens."""

    account: DemoAccount
    sites: tuple[str, ...]
    size: int
    domain: str


def _company(
    code: str, name: str, home: tuple[str, str, str, str], sites: str, size: int, parent: str | None = None
) -> DemoCompany:
    country, currency, language, time_zone = home
    account = DemoAccount(code, name, country, currency, language, time_zone, parent)
    return DemoCompany(account, tuple(sites.split()), size, f"{code.lower()}.example")


KR = ("KR", "KRW", "ko", "Asia/Seoul")
JP = ("JP", "JPY", "ja", "Asia/Tokyo")
PH = ("PH", "PHP", "en", "Asia/Manila")
ID = ("ID", "IDR", "id", "Asia/Jakarta")
IN = ("IN", "INR", "en", "Asia/Kolkata")
CN = ("CN", "CNY", "zh_Hans", "Asia/Shanghai")
SG = ("SG", "SGD", "en", "Asia/Singapore")
MY = ("MY", "MYR", "en", "Asia/Kuala_Lumpur")
TH = ("TH", "THB", "en", "Asia/Bangkok")
US = ("US", "USD", "en", "America/Los_Angeles")
GB = ("GB", "USD", "en", "Europe/London")

#: The cast's own companies stand in cast.py; here is where they are and how big.
CAST_COMPANIES: dict[str, tuple[tuple[str, ...], int, str]] = {
    "ACME": (("SEL1", "OSA1"), 3, "acme.example"),
    "ACME-SEOUL": (("SEL1", "SEL1", "SEL1", "ICN1"), 8, "acme.example"),
    "ACME-OSAKA": (("OSA1", "OSA1", "TYO1"), 6, "acme.example"),
    "BOLT": (("BIN1", "BIN1", "JKT1"), 7, "bolt.example"),
}

COMPANIES: tuple[DemoCompany, ...] = (
    _company("MORAEBIT", "모래빛게임즈", KR, "SEL1 ICN1", 12),
    _company("MORAEBIT-LIVE", "모래빛게임즈 라이브", KR, "ICN1", 5, "MORAEBIT"),
    _company("GUREUMOK", "구르목 커머스", KR, "SEL1 PUS1", 9),
    _company("NORUDAL", "노루달페이", KR, "PUS1 SEL1", 7),
    _company("TIRABYEOL", "티라별반도체", KR, "ICN1", 6),
    _company("HWANSAE", "환새물류", KR, "PUS1", 4),
    _company("DOLNABI", "돌나비미디어", KR, "SEL1", 2),
    _company("HOSHINAGI", "星凪システム", JP, "TYO1 OSA1", 12),
    _company("HOSHINAGI-WEST", "星凪システム 西日本", JP, "OSA1", 5, "HOSHINAGI"),
    _company("YUKIMORI", "雪杜ネットワークス", JP, "TYO1", 8),
    _company("KAZAHANE", "風羽根ロジ", JP, "OSA1 TYO1", 5),
    _company("AOTSUKI", "碧月ゲームス", JP, "TYO1", 4),
    _company("MINAZUKAWA", "水無津川証券", JP, "TYO1 OSA1", 7),
    _company("TALAHIB", "Talahib Payments", PH, "BIN1", 6),
    _company("TALAHIB-SOUTH", "Talahib Payments South", PH, "BIN1", 2, "TALAHIB"),
    _company("KALAWIRAN", "Kalawiran Contact Services", PH, "BIN1", 4),
    _company("LUNTIANO", "Luntiano Retail", PH, "BIN1", 2),
    _company("OMBAKILA", "PT Ombakila Data", ID, "JKT1 BKS1", 8),
    _company("TERALINDI", "PT Teralindi Logistik", ID, "BKS1", 5),
    _company("TERALINDI-EAST", "PT Teralindi Timur", ID, "BKS1", 2, "TERALINDI"),
    _company("WAYANGKATA", "PT Wayangkata Media", ID, "JKT1", 3),
    _company("MEGHDORU", "Meghdoru Cloud", IN, "BOM1", 9),
    _company("MEGHDORU-EDGE", "Meghdoru Edge", IN, "BOM1", 3, "MEGHDORU"),
    _company("SURAJEETO", "Surajeeto Payments", IN, "BOM1", 5),
    _company("KAVERIYANA", "Kaveriyana Analytics", IN, "BOM1", 2),
    _company("YUNHEQIAO", "云鹤桥跨境电商", CN, "TYO1 SEL1", 5),
    _company("LANSHAYOU", "澜砂游戏", CN, "SEL1 JKT1", 4),
    _company("MERLAZON", "Merlazon Exchange", SG, "JKT1 BKS1 BIN1", 6),
    _company("PELAGORANE", "Pelagorane Shipping", SG, "JKT1 PUS1", 4),
    _company("PELAGORANE-JP", "Pelagorane Shipping Japan", JP, "TYO1", 2, "PELAGORANE"),
    _company("RIMBATEKA", "Rimbateka Software", MY, "JKT1", 3),
    _company("SELATIKA", "Selatika Foods", MY, "BKS1", 1),
    _company("CHAOFAHNA", "Chaofahna Media", TH, "BIN1 JKT1", 2),
    _company("KESTROLANE", "Kestrolane Cloud", US, "TYO1 SEL1 BOM1 JKT1", 14),
    _company("KESTROLANE-KR", "Kestrolane Korea", KR, "SEL1 ICN1", 6, "KESTROLANE"),
    _company("KESTROLANE-IN", "Kestrolane India", IN, "BOM1", 4, "KESTROLANE"),
    _company("ORVANTIS", "Orvantis Card Services", US, "TYO1 SEL1", 6),
    _company("QUILLMOOR", "Quillmoor Insurance", GB, "OSA1 BOM1", 3),
    _company("VANTARROW", "Vantarrow Delivery Network", US, "TYO1 OSA1 SEL1 PUS1 BIN1 JKT1 BOM1", 10),
)

#: Who else works for the companies of the cast; the password is everybody's.
MORE_PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("group-it@acme.example", "Minji Acme", member_of="ACME", preset="full_user"),
    DemoPerson("seoyeon.kim@acme.example", "김서연", member_of="ACME-SEOUL", preset="full_user"),
    DemoPerson("jiho.park@acme.example", "박지호", member_of="ACME-SEOUL", preset="full_user"),
    DemoPerson("hayun.choi@acme.example", "최하윤", member_of="ACME-SEOUL", preset="finance"),
    DemoPerson("doyun.lee@acme.example", "이도윤", member_of="ACME-SEOUL", preset="remote_hands_only", sites=("ICN1",)),
    DemoPerson("paa-osaka@acme.example", "佐藤 遥", paa_of="ACME-OSAKA", phone="+81 90 5550 0003"),
    DemoPerson("ren.tanaka@acme.example", "田中 蓮", member_of="ACME-OSAKA", preset="full_user"),
    DemoPerson("yui.mori@acme.example", "森 結衣", member_of="ACME-OSAKA", preset="remote_hands_only", sites=("OSA1",)),
    DemoPerson("noc@bolt.example", "Marco Bolt", member_of="BOLT", preset="full_user"),
    DemoPerson("hands@bolt.example", "Lia Bolt", member_of="BOLT", preset="remote_hands_only", sites=("BIN1",)),
    DemoPerson("finance@bolt.example", "Paolo Bolt", member_of="BOLT", preset="finance"),
)
