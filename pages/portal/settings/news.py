"""Settings, what I am told, and how: for each topic the way by which its news arrive."""

from __future__ import annotations

import streamlit as st

from data.engines import app_engine
from data.preferences import channels, choose_channel
from pages.portal.settings.telling import say
from rules.principal import Principal
from rules.topics import Channel, Topic, channels_of
from ui import look
from ui.text import _, term


def news(principal: Principal) -> None:
    """Each choice is kept at once."""
    now = channels(app_engine(), principal)
    with look.card(_("What I am told, and how"), key="news"):
        _what_they_mean()
        for topic, channel in now.items():
            chosen = _way(topic, channel)
            if chosen is not channel:
                choose_channel(app_engine(), principal, topic, chosen)
                way = term("preference.channel", chosen)
                say(_("Kept: {topic}, {way}.", topic=term("news.topic", topic), way=way))
        st.caption(
            _(
                "Mail about your sign-in and your rights, and mail that asks something of you or confirms what you "
                "did, is always sent."
            )
        )


def _what_they_mean() -> None:
    meanings = {
        Channel.PORTAL: _("behind the bell or on its page, by no mail"),
        Channel.MAIL: _("at once, and in the portal"),
        Channel.DIGEST: _("one mail a day at 8:00 in your time zone, and in the portal"),
        Channel.OFF: _("by no mail, and not counted by the bell; it stays in the list"),
    }
    lines = (f"**{term('preference.channel', channel)}**: {words}" for channel, words in meanings.items())
    st.markdown("  \n".join(f":small[{line}]" for line in lines))


def _way(topic: Topic, now: Channel) -> Channel:
    """The key names what is chosen now: what was changed elsewhere, by a link in a mail, is shown as it is."""
    chosen = st.segmented_control(
        term("news.topic", topic),
        channels_of(topic),
        default=now,
        required=True,
        format_func=lambda channel: term("preference.channel", channel),
        key=f"news.{topic}.{now}",
        width="stretch",
    )
    return now if chosen is None else chosen
