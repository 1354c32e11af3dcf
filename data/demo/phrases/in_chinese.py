"""Tickets in Chinese."""

from __future__ import annotations

from data.demo.phrases.form import Phrases, Request
from rules.request_types import FaultCategory, TaskType

CHINESE = Phrases(
    remote_hands={
        TaskType.EQUIPMENT_INSTALL: (
            Request(
                "在机柜{cabinet}安装{count}台服务器",
                "请在{cabinet}从U12起向上安装{count}台服务器，导轨和线缆在箱内。两个电源分别接A路和B路，并告知插座编号。",
            ),
            Request(
                "为{device}增加内存",
                "{cabinet}中的{device}已关机。请把上周到货的{count}条内存装入空插槽，开机后告知屏幕显示内容。",
            ),
        ),
        TaskType.RESTART: (
            Request(
                "重新加电{device}",
                "{cabinet}中的{device}没有响应，管理口也不通。请长按电源键十秒关机，再开机并确认前面板指示灯为绿色。",
            ),
            Request(
                "重启{cabinet}的交换机",
                "固件升级后{cabinet}的交换机卡死。请将A路和B路电源断开一分钟后重新接上。",
            ),
        ),
        TaskType.CABLE_INSTALL: (
            Request(
                "{device}到端口{port}的光纤跳线",
                "请从{cabinet}的{device}布放一根单模LC跳线到配线架端口{port}，两端贴标签，并告知光功率。",
            ),
            Request(
                "在{cabinet}布放{count}根网线",
                "请在{cabinet}内从配线架到{device}布放{count}根六类A网线，从端口{port}起依次连接，颜色为蓝色。",
            ),
        ),
        TaskType.CABLE_MOVE: (
            Request(
                "将{device}的上联移到端口{port}",
                "请把{device}的上联从当前端口移到{cabinet}第二台交换机的端口{port}，可以短暂中断。",
            ),
        ),
        TaskType.CABLE_REMOVAL: (
            Request("清理{cabinet}的闲置线缆", "请拆除{cabinet}背面悬空的{count}根线缆，并发来前后对比照片。"),
        ),
        TaskType.UNPACK_SHIPMENT: (
            Request(
                "拆箱{count}件货物",
                "我们的{count}个箱子已到。请拆箱检查有无破损，把设备放在{cabinet}前，包装可以丢弃。",
            ),
        ),
        TaskType.LOCATE_PACKAGE: (
            Request("查找包裹", "承运商称昨天已向{site}送达{count}件包裹。请查看是否在库房，并告知标签内容。"),
        ),
        TaskType.PICTURES: (
            Request("拍摄机柜{cabinet}的照片", "请发来{cabinet}正面、背面以及{device}标签的照片，审计需要。"),
        ),
        TaskType.CAGE_CLEANUP: (Request("清理{cabinet}周围的地面", "{cabinet}前有纸箱和两个托盘，请搬走并清扫。"),),
        TaskType.ESCORT: (
            Request(
                "陪同技术人员到{cabinet}",
                "维保厂商的技术人员前来更换{device}的硬盘，请陪同他到{cabinet}，大约一小时。",
            ),
        ),
        TaskType.OTHER: (
            Request("抄读{cabinet}的电表", "请抄读{cabinet}两路电表，并告知前后温度。"),
            Request("更换{device}的备份磁带", "请把标签为{port}的磁带放入{device}，旧磁带存入保险柜。"),
        ),
    },
    faults={
        FaultCategory.POWER: (
            Request(
                "{cabinet}的A路断电",
                "几分钟前起，{cabinet}的全部设备只靠B路运行，断路器可能跳闸。请立即检查。",
            ),
            Request("{cabinet}的功率读数异常", "设备空闲，但{cabinet}的功率在几秒内变化{count} kW。"),
        ),
        FaultCategory.COOLING: (
            Request("{cabinet}温度过高", "{cabinet}正面的传感器显示31 °C并仍在上升，{device}已开始降频。"),
        ),
        FaultCategory.CROSS_CONNECT: (
            Request(
                "{cabinet}端口{port}的交叉连接中断",
                "我方没有任何变更，{cabinet}端口{port}的链路中断，对端也收不到光。",
            ),
            Request("{cabinet}的交叉连接出现误码", "昨晚起端口{port}的CRC错误不断增加，请清洁并测量两端连接器。"),
        ),
        FaultCategory.NETWORK: (
            Request("{site}方向丢包", "今天早上起{cabinet}的互联网端口丢包约{count}%，可提供路由跟踪。"),
        ),
        FaultCategory.PHYSICAL_SECURITY: (
            Request("{cabinet}的门无法上锁", "我们的技术人员无法锁上{cabinet}的后门。请处理，并告知最后是谁靠近过。"),
        ),
        FaultCategory.OTHER: (Request("{cabinet}附近有水滴", "距{cabinet}约两米的地面上有水滴，请检查上方管道。"),),
    },
    inbound=(
        Request("{count}台服务器到货", "供应商将送来{count}台服务器，请保管到下周安装。"),
        Request("{device}的备件", "一小箱{device}用的硬盘和电源，请送到{cabinet}。"),
        Request("网卡和线缆", "一箱{count}块网卡和跳线，已投保，请告知重量。"),
    ),
    outbound=(
        Request("将{device}返厂", "{device}已打包放在{cabinet}的层板上，由我们的承运商取件，退货标签已贴好。"),
        Request("运走{count}台旧服务器", "请把{cabinet}中已关机的{count}台服务器装到一个托盘上待取。"),
    ),
    visits=(
        Request("{cabinet}的维护来访", "更换{device}的硬盘和电源，需要推车和显示器。"),
        Request("审计人员参观", "两位审计人员参观门禁和{cabinet}，不操作设备。"),
        Request("安装{count}台服务器", "三人在{cabinet}安装{count}台服务器，自带工具。"),
    ),
    acknowledged=(
        "您的请求已收到，技术人员很快会到{cabinet}。",
        "已收到。我们正在准备，开始时会通知您。",
        "感谢您提供的详情，已列入{site}当班的工作清单。",
    ),
    scheduled=(
        "已按您要求的时间安排技术人员。",
        "已预约，我们会准时开始。请保持设备可连接，以便之后测试。",
    ),
    working=(
        "我们现在在{cabinet}。",
        "工作已开始，稍后告知结果。",
        "技术人员已找到位置，正在处理。",
    ),
    questions=(
        "{cabinet}有两台同名设备，请问正确的序列号是哪一个？",
        "可以中断{device}的连接约五分钟吗？",
        "箱内的线缆太短，可以使用我们的（另行收费）吗？",
        "请确认端口：{port}已被占用。",
    ),
    answers=(
        "是下面那台，贴绿色标签。请继续。",
        "可以，业务已迁走，请继续。",
        "请使用你们的线缆，费用没有问题。",
        "抱歉，应为端口{port}，感谢询问。",
    ),
    finished=(
        "已按要求完成。照片由{site}当班保存，需要更多请告知。",
        "{cabinet}的工作已完成，请从您那边确认。",
        "工作已完成，如有遗漏请告知。",
        "全部完成，现场已清理，{cabinet}已上锁。",
    ),
    repaired=(
        "原因已查明并修复，观察半小时稳定。",
        "已更换{cabinet}附近的部件，所有读数恢复正常。",
        "已修复，请从您那边检查{device}。",
        "已清洁并测量连接器，之后没有新的错误。",
    ),
    received=(
        "您的货物已到，共{count}件，外观无损，存放在{site}的库房。",
        "今天已收到，其中一箱有凹痕，当班已拍照。请告知是否开箱。",
    ),
    approved=(
        "您的来访已批准。请携带身份证件，通行证在前台领取。",
        "已批准，来访人员已列入{site}的名单。",
    ),
    not_solved=("一小时前同样的告警又出现了。", "抱歉，{device}夜里又停机了。"),
    thanks=("谢谢，一切正常。", "非常好，感谢快速处理。", "我方已确认，谢谢。"),
    internal=(
        "{cabinet}的钥匙在值班长处。",
        "该客户对此机柜很敏感，请两人操作。",
        "使用了自有库存备件，待开票。",
        "已交接给夜班，等待客户答复。",
        "已与动力部门确认：母线无告警。",
    ),
    praise=("又快又友好。", "完全按要求完成，还附了照片。", "夜间的帮助很及时。"),
    complaints=("比承诺的时间长很多。", "问了两次才知道结果。"),
    reasons={
        "cancelled": "已自行解决，不再需要。",
        "rejected": "无法按描述处理：该设备属于其他公司。",
        "refused": "包裹已损坏，司机不愿等待。",
        "returned": "保管期内无人认领，已退回寄件人。",
        "no_show": "来访人员没有到场。",
        "waiting_customer": "需要您的答复才能继续。",
        "on_hold_customer": "按您的要求，等待您的维护窗口。",
        "on_hold_operator": "正在等待供应商的备件。",
        "reopened": "问题再次出现。",
        "severity": "受影响的系统比最初预计的多。",
        "closed": "工作完成五天后自动关闭。",
    },
)
