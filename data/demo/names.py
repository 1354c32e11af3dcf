"""Names people have in the countries of the demo's customers, each with its spelling in an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Naming:
    """Family and given names as (written, in an address); `pattern` says in which order they are written."""

    family: tuple[tuple[str, str], ...]
    given: tuple[tuple[str, str], ...]
    pattern: str

    def draw(self, rng: Random) -> tuple[str, str]:
        """Somebody's name and the part of their address before the @."""
        family, given = rng.choice(self.family), rng.choice(self.given)
        return self.pattern.format(family=family[0], given=given[0]), f"{given[1]}.{family[1]}"


def _pairs(written: str, spelled: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(written.split(), spelled.split(), strict=True))


def _plain(names: str) -> tuple[tuple[str, str], ...]:
    return _pairs(names, names.lower())


_KOREAN = Naming(
    _pairs(
        "김 이 박 최 정 강 조 윤 장 임 한 오 서 신", "kim lee park choi jung kang cho yoon jang lim han oh seo shin"
    ),
    _pairs(
        "민준 서준 도윤 예준 시우 하준 지호 서연 서윤 지우 하은 수아 지민 채원 은서 현우",
        "minjun seojun doyun yejun siwoo hajun jiho seoyeon seoyun jiwoo haeun sua jimin chaewon eunseo hyunwoo",
    ),
    "{family}{given}",
)
_JAPANESE = Naming(
    _pairs(
        "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田",
        "sato suzuki takahashi tanaka ito watanabe yamamoto nakamura kobayashi kato yoshida yamada",
    ),
    _pairs(
        "蓮 陽翔 湊 樹 悠真 大和 陽葵 凛 結菜 葵 美咲 彩香",
        "ren haruto minato itsuki yuma yamato himari rin yuna aoi misaki ayaka",
    ),
    "{family} {given}",
)
_CHINESE = Naming(
    _pairs("王 李 张 刘 陈 杨 黄 赵 周 吴", "wang li zhang liu chen yang huang zhao zhou wu"),
    _pairs("伟 芳 娜 敏 静 磊 洋 艳 勇 雨桐 子涵 浩然", "wei fang na min jing lei yang yan yong yutong zihan haoran"),
    "{family}{given}",
)
_INDONESIAN = Naming(
    _plain("Santoso Wijaya Pratama Saputra Hidayat Nugroho Kusuma Lestari Rahayu Permata"),
    _plain("Budi Agus Dewi Siti Rizky Putri Andi Indah Yusuf Ratna Bayu Citra"),
    "{given} {family}",
)
_FILIPINO = Naming(
    _plain("Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Torres Villanueva Ramos"),
    _plain("Maria Jose Andrea Miguel Angelica Paolo Grace Ramon Liza Carlo Joy Rafael"),
    "{given} {family}",
)
_INDIAN = Naming(
    _plain("Sharma Patel Iyer Nair Reddy Gupta Deshmukh Kulkarni Rao Mehta"),
    _plain("Aarav Ananya Rohan Priya Vikram Neha Arjun Kavya Rahul Meera Sanjay Divya"),
    "{given} {family}",
)
_INTERNATIONAL = Naming(
    _plain("Carter Novak Lindqvist Okafor Tan Lim Moreau Walsh Becker Hughes Srisai Rahman"),
    _plain("Alex Nora Daniel Sofia Ethan Chloe Marcus Hana Leo Priscilla Omar Ingrid"),
    "{given} {family}",
)

_BY_COUNTRY = {
    "KR": _KOREAN,
    "JP": _JAPANESE,
    "CN": _CHINESE,
    "ID": _INDONESIAN,
    "PH": _FILIPINO,
    "IN": _INDIAN,
}


def naming(country: str) -> Naming:
    return _BY_COUNTRY.get(country, _INTERNATIONAL)
