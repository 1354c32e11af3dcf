"""Tickets in Japanese."""

from __future__ import annotations

from data.demo.phrases.form import Phrases, Request
from rules.request_types import FaultCategory, TaskType

JAPANESE = Phrases(
    remote_hands={
        TaskType.EQUIPMENT_INSTALL: (
            Request(
                "ラック{cabinet}へのサーバー{count}台設置",
                "{cabinet}のU12から上にサーバー{count}台を搭載してください。レールとケーブルは箱に入っています。電源はA系とB系に1本ずつ接続し、"
                "コンセント番号をお知らせください。",
            ),
            Request(
                "{device}のメモリ増設",
                "{cabinet}の{device}は停止済みです。先週届いたメモリ{count}枚を空きスロットに取り付け、起動後の画面をお知らせください。",
            ),
        ),
        TaskType.RESTART: (
            Request(
                "{device}の電源再投入",
                "{cabinet}の{device}が管理ポートを含めて応答しません。電源ボタンを10秒長押しして停止し、再起動後に前面ランプをご確認ください。",
            ),
            Request(
                "{cabinet}のスイッチ再起動",
                "ファームウェア更新後、{cabinet}のスイッチが停止しました。A系とB系の電源を1分間抜いてから再接続してください。",
            ),
        ),
        TaskType.CABLE_INSTALL: (
            Request(
                "{device}とポート{port}の光配線",
                "{cabinet}の{device}からパネルのポート{port}までシングルモードLCケーブルを敷設し、両端にラベルを貼って光レベルをお知らせください。",
            ),
            Request(
                "{cabinet}内LANケーブル{count}本の敷設",
                "{cabinet}内のパッチパネルから{device}まで、カテゴリ6Aケーブル{count}本をポート{port}から順に接続してください。色は青です。",
            ),
        ),
        TaskType.CABLE_MOVE: (
            Request(
                "{device}のアップリンクをポート{port}へ移動",
                "{device}のアップリンクを{cabinet}の2台目スイッチのポート{port}へ移してください。短時間の断は問題ありません。",
            ),
        ),
        TaskType.CABLE_REMOVAL: (
            Request(
                "{cabinet}の未使用ケーブル撤去",
                "{cabinet}背面の未使用ケーブル{count}本を撤去し、作業前後の写真をお送りください。",
            ),
        ),
        TaskType.UNPACK_SHIPMENT: (
            Request(
                "荷物{count}箱の開梱",
                "届いた{count}箱を開梱し、破損の有無を確認して機器を{cabinet}の前に置いてください。梱包材は廃棄して構いません。",
            ),
        ),
        TaskType.LOCATE_PACKAGE: (
            Request(
                "荷物の所在確認",
                "運送会社によると昨日{site}に{count}個の荷物が配達済みです。倉庫にあるか確認し、ラベルをお知らせください。",
            ),
        ),
        TaskType.PICTURES: (
            Request(
                "ラック{cabinet}の写真撮影",
                "{cabinet}の前面と背面、{device}のラベルの写真をお送りください。監査で必要です。",
            ),
        ),
        TaskType.CAGE_CLEANUP: (
            Request(
                "{cabinet}周辺の片付け", "{cabinet}の前に段ボールとパレットが2枚あります。撤去と清掃をお願いします。"
            ),
        ),
        TaskType.ESCORT: (
            Request(
                "{cabinet}での作業立会い",
                "保守会社の技術者が{device}のディスクを交換します。{cabinet}まで1時間ほど立ち会ってください。",
            ),
        ),
        TaskType.OTHER: (
            Request("{cabinet}の電力計確認", "{cabinet}の両系統の電力計と、前面・背面の温度をお知らせください。"),
            Request(
                "{device}のバックアップテープ交換",
                "ラベル{port}のテープを{device}に入れ、古いテープは金庫に保管してください。",
            ),
        ),
    },
    faults={
        FaultCategory.POWER: (
            Request(
                "{cabinet}のA系電源断",
                "数分前から{cabinet}の全機器がB系のみで動作しています。ブレーカーが落ちた可能性があります。至急ご確認ください。",
            ),
            Request("{cabinet}の電力値異常", "機器は無負荷ですが、{cabinet}の電力が数秒で{count}kW変動します。"),
        ),
        FaultCategory.COOLING: (
            Request(
                "{cabinet}の温度上昇",
                "{cabinet}前面のセンサーが31 °Cを超え上昇中です。{device}の性能が低下し始めました。",
            ),
        ),
        FaultCategory.CROSS_CONNECT: (
            Request(
                "{cabinet}ポート{port}のクロスコネクト断",
                "当社側の変更なしに{cabinet}のポート{port}がリンクダウンしました。対向側も光を受信していません。",
            ),
            Request(
                "{cabinet}のクロスコネクトでエラー増加",
                "昨夜からポート{port}でCRCエラーが増えています。両端コネクタの清掃と測定をお願いします。",
            ),
        ),
        FaultCategory.NETWORK: (
            Request(
                "{site}方面のパケットロス",
                "今朝から{cabinet}のインターネットポートで約{count}%のパケットロスがあります。経路情報を提供できます。",
            ),
        ),
        FaultCategory.PHYSICAL_SECURITY: (
            Request(
                "{cabinet}の扉が施錠できない",
                "{cabinet}背面の扉が施錠できません。対処のうえ、最後の入室者をお知らせください。",
            ),
        ),
        FaultCategory.OTHER: (
            Request("{cabinet}付近の水滴", "{cabinet}から2mほどの床に水滴があります。上部の配管をご確認ください。"),
        ),
    },
    inbound=(
        Request("サーバー{count}台の入荷", "仕入先からサーバー{count}台が届きます。来週の設置まで保管してください。"),
        Request("{device}の予備部品", "{device}用のディスクと電源の小箱です。{cabinet}まで運んでください。"),
        Request(
            "ネットワークカードとケーブル",
            "ネットワークカード{count}枚とパッチケーブル1箱、保険付きです。重量をお知らせください。",
        ),
    ),
    outbound=(
        Request(
            "{device}のメーカー返送",
            "{device}は{cabinet}の棚に梱包済みです。運送会社が集荷します。返送ラベルは貼付済みです。",
        ),
        Request("旧サーバー{count}台の搬出", "{cabinet}の停止済みサーバー{count}台を1パレットに梱包してください。"),
    ),
    visits=(
        Request("{cabinet}の保守訪問", "{device}のディスクと電源を交換します。台車とモニターが必要です。"),
        Request("監査人の見学", "監査人2名が入退室管理と{cabinet}を見学します。機器の作業はありません。"),
        Request("サーバー{count}台の設置訪問", "3名で{cabinet}にサーバー{count}台を設置します。工具は持参します。"),
    ),
    acknowledged=(
        "ご依頼を受け付けました。まもなく担当者が{cabinet}へ向かいます。",
        "受け付けました。準備が整い次第、作業開始をお知らせします。",
        "詳細をありがとうございます。{site}の当番の作業一覧に登録しました。",
    ),
    scheduled=(
        "ご希望の時間に担当者を確保しました。",
        "予約しました。作業後の確認のため機器へ接続できるようにしておいてください。",
    ),
    working=(
        "ただいま{cabinet}におります。",
        "作業を開始しました。結果をお知らせします。",
        "担当者が場所を確認し作業中です。",
    ),
    questions=(
        "{cabinet}に同じ名前の機器が2台あります。製造番号を教えていただけますか。",
        "{device}の接続を5分ほど切断してもよろしいでしょうか。",
        "同梱のケーブルが短いようです。有償で当社のものを使用してよろしいですか。",
        "ポート{port}は使用中です。番号をご確認ください。",
    ),
    answers=(
        "緑のラベルの下側の機器です。進めてください。",
        "はい、サービスは退避済みですので進めてください。",
        "有償で構いませんので御社のケーブルをご使用ください。",
        "失礼しました。ポート{port}が正しいです。ご確認ありがとうございます。",
    ),
    finished=(
        "ご依頼どおり完了しました。写真は{site}の当番が保管していますので、追加が必要でしたらお知らせください。",
        "{cabinet}の作業が終わりました。ご確認ください。",
        "作業完了です。不足があればお知らせください。",
        "完了しました。周辺を片付け、{cabinet}を施錠しました。",
    ),
    repaired=(
        "原因を特定し修理しました。30分観察し安定しています。",
        "{cabinet}付近の部品を交換し、すべての値が正常に戻りました。",
        "修理しました。{device}の状態をご確認ください。",
        "コネクタを清掃・測定し、その後エラーはありません。",
    ),
    received=(
        "お荷物{count}個が到着しました。外観に破損はなく、{site}の倉庫で保管しています。",
        "本日入荷しました。1箱にへこみがあり写真を撮りました。開封の要否をお知らせください。",
    ),
    approved=(
        "ご訪問を承認しました。身分証をお持ちください。入館証は受付にあります。",
        "承認しました。{site}の入館リストに登録済みです。",
    ),
    not_solved=("1時間前から同じ警報が再発しています。", "申し訳ありませんが、夜間に{device}が再び停止しました。"),
    thanks=(
        "ありがとうございます。すべて正常です。",
        "迅速なご対応ありがとうございました。",
        "当方でも確認しました。ありがとうございます。",
    ),
    internal=(
        "{cabinet}の鍵は当番責任者が保管。",
        "慎重を要するお客様のため2名で作業すること。",
        "自社在庫の予備品を使用、請求予定。",
        "夜勤へ引継ぎ、お客様の回答待ち。",
        "設備に確認済み、バスダクトの警報なし。",
    ),
    praise=("早くて親切でした。", "写真付きで助かりました。", "夜間の対応に感謝します。"),
    complaints=("約束より時間がかかりました。", "結果を二度尋ねる必要がありました。"),
    reasons={
        "cancelled": "自社で解決したため不要になりました。",
        "rejected": "他社の機器のため対応できません。",
        "refused": "荷物が破損していたため受け取りませんでした。",
        "returned": "保管期限内に引き取りがなく返送しました。",
        "no_show": "訪問者が来ませんでした。",
        "waiting_customer": "ご回答をいただくまで作業を進められません。",
        "on_hold_customer": "ご希望により保守時間まで保留します。",
        "on_hold_operator": "仕入先からの予備部品を待っています。",
        "reopened": "同じ問題が再発しました。",
        "severity": "影響を受けるシステムが当初より多いと判明しました。",
        "closed": "作業完了から5日後に自動的に終了しました。",
    },
)
