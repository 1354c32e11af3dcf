"""Tickets in Korean."""

from __future__ import annotations

from data.demo.phrases.form import Phrases, Request
from rules.request_types import FaultCategory, TaskType

KOREAN = Phrases(
    remote_hands={
        TaskType.EQUIPMENT_INSTALL: (
            Request(
                "{cabinet} 캐비닛에 서버 {count}대 설치 요청",
                "{cabinet} 캐비닛 U12부터 서버 {count}대를 장착해 주세요. 레일과 케이블은 박스 안에 있습니다. 전원은 A피드와 B피드에 하나씩 연결하고 "
                "콘센트 번호를 알려 주세요.",
            ),
            Request(
                "{device} 메모리 증설",
                "{cabinet}의 {device} 장비는 종료해 두었습니다. 지난주 입고된 메모리 {count}개를 빈 슬롯에 장착한 뒤 전원을 켜고 화면 상태를 알려 주세요.",
            ),
        ),
        TaskType.RESTART: (
            Request(
                "{device} 전원 재시작 요청",
                "{cabinet}의 {device} 장비가 관리 포트까지 응답하지 않습니다. 전원 버튼을 10초간 눌러 종료한 뒤 다시 켜고 전면 표시등을 확인해 주세요.",
            ),
            Request(
                "{cabinet} 스위치 재시작",
                "펌웨어 업데이트 후 {cabinet} 스위치가 멈췄습니다. A피드와 B피드를 1분간 분리한 뒤 다시 연결해 주세요.",
            ),
        ),
        TaskType.CABLE_INSTALL: (
            Request(
                "{device} – {port}번 포트 광케이블 연결",
                "{cabinet}의 {device}에서 패널 {port}번 포트까지 싱글모드 LC 패치 케이블을 연결하고 양쪽에 라벨을 붙인 뒤 광 레벨을 알려 주세요.",
            ),
            Request(
                "{cabinet} UTP 케이블 {count}개 포설",
                "{cabinet} 내부 패치 패널에서 {device}까지 카테고리 6A 케이블 {count}개를 {port}번 포트부터 연결해 주세요. 색상은 파란색입니다.",
            ),
        ),
        TaskType.CABLE_MOVE: (
            Request(
                "{device} 업링크를 {port}번 포트로 이동",
                "{device}의 업링크를 {cabinet} 두 번째 스위치 {port}번 포트로 옮겨 주세요. 짧은 순단은 괜찮습니다.",
            ),
        ),
        TaskType.CABLE_REMOVAL: (
            Request(
                "{cabinet} 미사용 케이블 제거",
                "{cabinet} 후면에 늘어진 미사용 케이블 {count}개를 제거하고 작업 전후 사진을 보내 주세요.",
            ),
        ),
        TaskType.UNPACK_SHIPMENT: (
            Request(
                "박스 {count}개 개봉 요청",
                "입고된 박스 {count}개를 개봉해 파손 여부를 확인하고 장비를 {cabinet} 앞에 놓아 주세요. 포장재는 폐기해도 됩니다.",
            ),
        ),
        TaskType.LOCATE_PACKAGE: (
            Request(
                "택배 위치 확인 요청",
                "어제 {site} 센터로 박스 {count}개가 배송 완료된 것으로 나옵니다. 창고에 있는지 확인하고 송장 번호를 알려 주세요.",
            ),
        ),
        TaskType.PICTURES: (
            Request(
                "{cabinet} 캐비닛 사진 요청",
                "{cabinet} 전면과 후면, {device} 라벨 사진을 보내 주세요. 내부 감사에 필요합니다.",
            ),
        ),
        TaskType.CAGE_CLEANUP: (
            Request(
                "{cabinet} 주변 정리 요청", "{cabinet} 앞에 종이 박스와 팔레트 두 개가 있습니다. 치우고 청소해 주세요."
            ),
        ),
        TaskType.ESCORT: (
            Request(
                "{cabinet} 작업자 동행 요청",
                "유지보수 업체 기사가 {device} 디스크를 교체합니다. {cabinet}까지 약 한 시간 동행해 주세요.",
            ),
        ),
        TaskType.OTHER: (
            Request("{cabinet} 전력계 확인", "{cabinet} 양쪽 피드의 전력계를 읽고 전면과 후면 온도를 알려 주세요."),
            Request(
                "{device} 백업 테이프 교체",
                "라벨 {port}번 테이프를 {device}에 넣고 기존 테이프는 금고에 보관해 주세요.",
            ),
        ),
    },
    faults={
        FaultCategory.POWER: (
            Request(
                "{cabinet} A피드 전원 차단",
                "몇 분 전부터 {cabinet}의 모든 장비가 B피드로만 동작합니다. 차단기가 떨어진 것 같으니 즉시 확인 부탁드립니다.",
            ),
            Request(
                "{cabinet} 전력 수치 이상", "장비 부하가 없는데도 {cabinet}의 전력이 수 초 사이에 {count}kW씩 변합니다."
            ),
        ),
        FaultCategory.COOLING: (
            Request(
                "{cabinet} 온도 상승",
                "{cabinet} 전면 센서가 31 °C를 넘어 계속 오르고 있습니다. {device} 성능이 저하되기 시작했습니다.",
            ),
        ),
        FaultCategory.CROSS_CONNECT: (
            Request(
                "{cabinet} {port}번 크로스 커넥트 단절",
                "저희 쪽 변경 없이 {cabinet} {port}번 포트 링크가 내려갔습니다. 반대편에서도 광 신호가 보이지 않습니다.",
            ),
            Request(
                "{cabinet} 크로스 커넥트 오류 증가",
                "어젯밤부터 {port}번 포트에 CRC 오류가 쌓입니다. 양쪽 커넥터 청소와 측정 부탁드립니다.",
            ),
        ),
        FaultCategory.NETWORK: (
            Request(
                "{site} 구간 패킷 손실",
                "오늘 아침부터 {cabinet} 인터넷 포트에서 약 {count}%의 패킷이 손실됩니다. 경로 추적 결과를 드릴 수 있습니다.",
            ),
        ),
        FaultCategory.PHYSICAL_SECURITY: (
            Request(
                "{cabinet} 문 잠금 불량",
                "{cabinet} 후면 문이 잠기지 않습니다. 조치해 주시고 마지막 출입자를 알려 주세요.",
            ),
        ),
        FaultCategory.OTHER: (
            Request(
                "{cabinet} 근처 누수 의심",
                "{cabinet}에서 약 2m 떨어진 바닥에 물방울이 있습니다. 위쪽 배관을 확인해 주세요.",
            ),
        ),
    },
    inbound=(
        Request("서버 {count}대 입고", "공급사에서 서버 {count}대가 도착합니다. 다음 주 설치 전까지 보관해 주세요."),
        Request(
            "{device} 예비 부품 입고", "{device}용 디스크와 전원 장치가 든 소형 박스입니다. {cabinet}으로 옮겨 주세요."
        ),
        Request(
            "네트워크 카드와 케이블 입고",
            "네트워크 카드 {count}개와 패치 케이블 한 박스이며 보험에 가입되어 있습니다. 무게를 알려 주세요.",
        ),
    ),
    outbound=(
        Request(
            "{device} 제조사 반품",
            "{device}는 {cabinet} 선반에 포장되어 있습니다. 택배사가 수거하며 반품 라벨은 부착했습니다.",
        ),
        Request("구형 서버 {count}대 반출", "{cabinet}의 전원이 꺼진 서버 {count}대를 팔레트 하나에 포장해 주세요."),
    ),
    visits=(
        Request("{cabinet} 유지보수 방문", "{device}의 디스크와 전원 장치를 교체합니다. 카트와 모니터가 필요합니다."),
        Request("감사인 현장 방문", "감사인 두 명이 출입 통제와 {cabinet}을 둘러봅니다. 장비 작업은 없습니다."),
        Request("서버 {count}대 설치 방문", "세 명이 {cabinet}에 서버 {count}대를 설치합니다. 공구는 직접 가져갑니다."),
    ),
    acknowledged=(
        "요청을 접수했습니다. 곧 담당자가 {cabinet}으로 이동합니다.",
        "접수되었습니다. 준비가 끝나는 대로 작업 시작을 알려 드리겠습니다.",
        "자세한 내용 감사합니다. {site} 근무조 작업 목록에 등록했습니다.",
    ),
    scheduled=(
        "요청하신 시간에 담당자를 배정했습니다.",
        "예약되었습니다. 작업 후 점검할 수 있도록 장비 접속을 유지해 주세요.",
    ),
    working=(
        "지금 {cabinet} 앞에 있습니다.",
        "작업을 시작했습니다. 결과를 알려 드리겠습니다.",
        "담당자가 위치를 확인하고 작업 중입니다.",
    ),
    questions=(
        "{cabinet}에 같은 이름의 장비가 두 대 있습니다. 일련번호를 알려 주시겠습니까?",
        "{device} 연결을 약 5분간 끊어도 되겠습니까?",
        "박스에 든 케이블이 짧습니다. 유상으로 저희 케이블을 사용해도 될까요?",
        "{port}번 포트는 이미 사용 중입니다. 포트 번호를 다시 확인해 주세요.",
    ),
    answers=(
        "초록색 라벨이 붙은 아래쪽 장비입니다. 진행해 주세요.",
        "네, 서비스를 옮겨 두었으니 진행하셔도 됩니다.",
        "네, 유상 케이블을 사용해 주세요.",
        "죄송합니다. {port}번 포트가 맞습니다. 확인 감사합니다.",
    ),
    finished=(
        "요청하신 대로 완료했습니다. 사진은 {site} 근무조가 보관하고 있으니 더 필요하시면 말씀해 주세요.",
        "{cabinet} 작업을 마쳤습니다. 확인 부탁드립니다.",
        "작업이 끝났습니다. 빠진 부분이 있으면 알려 주세요.",
        "완료했습니다. 주변을 정리하고 {cabinet} 문을 잠갔습니다.",
    ),
    repaired=(
        "원인을 찾아 조치했습니다. 30분간 지켜본 결과 안정적입니다.",
        "{cabinet} 근처의 부품을 교체했으며 모든 수치가 정상입니다.",
        "조치했습니다. {device} 상태를 확인해 주세요.",
        "커넥터를 청소하고 측정했으며 이후 오류가 없습니다.",
    ),
    received=(
        "물품 {count}개가 파손 없이 도착했습니다. {site} 창고에 보관 중입니다.",
        "오늘 입고되었습니다. 박스 하나가 찌그러져 사진을 남겼습니다. 개봉 여부를 알려 주세요.",
    ),
    approved=(
        "방문이 승인되었습니다. 신분증을 지참해 주세요. 출입증은 안내 데스크에 있습니다.",
        "승인되었습니다. {site} 출입 명단에 등록했습니다.",
    ),
    not_solved=("한 시간 전부터 같은 경보가 다시 발생합니다.", "죄송하지만 밤사이 {device}가 다시 내려갔습니다."),
    thanks=("감사합니다. 모두 정상입니다.", "빠른 처리 감사합니다.", "저희 쪽에서도 확인했습니다. 감사합니다."),
    internal=(
        "{cabinet} 열쇠는 근무 책임자에게 있음.",
        "고객이 민감한 캐비닛이므로 2인 작업할 것.",
        "자사 창고 예비품 사용, 청구 예정.",
        "야간조에 인계, 고객 답변 전까지 추가 작업 없음.",
        "시설팀 확인: 버스덕트 경보 없음.",
    ),
    praise=("빠르고 친절했습니다.", "사진까지 보내 주셔서 좋았습니다.", "야간에도 큰 도움이 되었습니다."),
    complaints=("약속보다 오래 걸렸습니다.", "결과를 두 번이나 물어봐야 했습니다."),
    reasons={
        "cancelled": "자체적으로 해결되어 더 이상 필요하지 않습니다.",
        "rejected": "다른 회사 소유의 장비라 진행할 수 없습니다.",
        "refused": "박스가 파손되어 인수를 거절했습니다.",
        "returned": "보관 기간 안에 수령하지 않아 발송인에게 반송했습니다.",
        "no_show": "방문자가 오지 않았습니다.",
        "waiting_customer": "답변을 받아야 계속할 수 있습니다.",
        "on_hold_customer": "고객 요청에 따라 점검 시간까지 보류합니다.",
        "on_hold_operator": "공급사의 예비 부품을 기다리고 있습니다.",
        "reopened": "같은 문제가 다시 발생했습니다.",
        "severity": "영향을 받는 시스템이 처음 생각보다 많습니다.",
        "closed": "작업 완료 5일 후 자동으로 종료되었습니다.",
    },
)
