"""What a person has set for themselves: the language and the clock in which pages and mails speak to them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from data.audit import Deed, record
from data.database import reading, writing
from data.models import AccountChoice, NotificationPreference, Person
from rules.errors import Invalid, NotFound
from rules.looks import Theme
from rules.permissions import Permission
from rules.principal import Principal
from rules.topics import Channel, Topic, channels_of, topics_for, usual_channel
from rules.words import N_

#: They belong to the person, not to a function: any hat they may put on will do.
ANY = tuple(Permission)


def save_preferences(
    engine: Engine, principal: Principal, *, language: str | None, time_zone: str | None, theme: Theme | None = None
) -> None:
    """None: as the browser says, and in mails as their account has it."""
    if time_zone is not None:
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Invalid(N_("There is no time zone of this name."), "time_zone") from None
    before = {"language": principal.language, "time_zone": principal.time_zone, "theme": principal.theme}
    after = {"language": language, "time_zone": time_zone, "theme": theme}
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    was, now = ({name: side[name] for name in changed} for side in (before, after))
    deed = Deed("person.preferences", "person", str(principal.person_uuid), before=was, after=now)
    with writing(engine, principal, *ANY) as connection:
        connection.execute(update(Person).where(Person.id == principal.person_id).values(after))
        record(connection, principal, deed)


def channels(engine: Engine, principal: Principal) -> dict[Topic, Channel]:
    """By which way news of each topic that can reach them reach this person now."""
    chosen = select(NotificationPreference.topic, NotificationPreference.channel)
    with reading(engine, principal, *ANY) as connection:
        kept = {Topic(topic): Channel(channel) for topic, channel in connection.execute(chosen)}
    return {topic: kept.get(topic, usual_channel(topic)) for topic in topics_for(principal)}


def choose_channel(engine: Engine, principal: Principal, topic: Topic, channel: Channel) -> None:
    """For their own news alone. What is on its way already comes by the way it went."""
    before = channels(engine, principal).get(topic)
    if before is None:
        raise NotFound(topic)
    if channel not in channels_of(topic):
        raise Invalid(N_("This cannot be chosen here."), "channel")
    if channel is before:
        return
    mine = {"person_id": principal.person_id, "topic": topic, "channel": channel}
    keep = insert(NotificationPreference).values(mine)
    keep = keep.on_conflict_do_update(index_elements=["person_id", "topic"], set_={"channel": keep.excluded.channel})
    with writing(engine, principal, *ANY) as connection:
        connection.execute(keep)
        said = {"topic": topic, "channel": before}, {"topic": topic, "channel": channel}
        deed = Deed("person.news", "person", str(principal.person_uuid), before=said[0], after=said[1])
        record(connection, principal, deed)


def remember_accounts(engine: Engine, principal: Principal) -> None:
    """The accounts in view are where this person's next sign-in begins; all of them are kept as no choice, so that an
    account that is added later is seen."""
    if principal.is_staff or not any(map(principal.may, ANY)):
        return
    choice = insert(AccountChoice).values(person_id=principal.person_id, account_ids=list(principal.chosen))
    keep = choice.on_conflict_do_update(index_elements=["person_id"], set_={"account_ids": choice.excluded.account_ids})
    forget = delete(AccountChoice).where(AccountChoice.person_id == principal.person_id)
    sees_all = len(principal.chosen) == len(principal.accounts)
    with writing(engine, principal, *ANY) as connection:
        connection.execute(forget if sees_all else keep)
