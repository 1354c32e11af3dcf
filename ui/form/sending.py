"""Sending a form once: the button says that it is on its way, and a second click finds it sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import streamlit as st
from sqlalchemy.exc import OperationalError

from data.commands import Done
from rules.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Problems
from ui.drafts import Draft
from ui.errors import sentence
from ui.state import Remembered
from ui.text import _


@dataclass
class Sending(Remembered):
    """How far one form is in this tab. What was done is written here before anything else is drawn: a click in
    between ends the run, and the next one finds it."""

    is_asked: bool = False
    #: How often sending was tried; after the first time problems are shown, and go as soon as they are corrected.
    turns: int = 0
    #: What only the database could say, such as about a file; it holds until the next try.
    refused: tuple[Invalid, ...] = ()
    said: str = ""
    done: Mapping[str, Any] | None = field(default=None)

    def ask(self) -> None:
        """The button was clicked."""
        if not self.is_asked and self.done is None:
            self.is_asked, self.turns, self.refused, self.said = True, self.turns + 1, (), ""

    def finish(self, done: Mapping[str, Any]) -> None:
        self.done, self.is_asked = done, False

    def fail(self, *refused: Invalid, said: str = "") -> None:
        self.is_asked, self.refused, self.said = False, refused, said

    def begin_anew(self) -> None:
        self.is_asked, self.turns, self.refused, self.said, self.done = False, 0, (), "", None


def send_button(sending: Sending, label: str, *, key: str, icon: str = "send") -> None:
    """The one primary button of a form. Only the button is disabled while it is on its way: what changed in the same
    click, such as the text one was still in, would be thrown away by Streamlit for a field that is.

    A file that is still on its way here would not be sent along, and nobody would know: as long as one is, words stand
    in the button's place. The browser alone knows of it (ui/look.css)."""
    with st.container(key=f"sending-{key}", width="content"):
        st.button(
            _("Sending…") if sending.is_asked else label,
            key=key,
            type="primary",
            icon=f":material/{'hourglass_top' if sending.is_asked else icon}:",
            disabled=sending.is_asked,
            on_click=sending.ask,
        )
        with st.container(key=f"uploading-{key}", width="content"):
            st.markdown(f":material/hourglass_top: {_('A file is still being uploaded: then it can be sent.')}")


def send(sending: Sending, draft: Draft, deed: Callable[[UUID], Done]) -> None:
    """Do it under the draft's key and draw the form anew; what could not be accepted stands in it, with everything
    that was typed."""
    try:
        done = deed(draft.key_of_deed())
    except Problems as refused:
        sending.fail(*refused.all)
    except Invalid as refused:
        sending.fail(refused)
    except Busy as busy:
        sending.fail(said=sentence(busy))
    except Conflict as conflict:
        draft.forget_key()  # who sends it again after reading this means it
        sending.fail(said=sentence(conflict))
    except (Forbidden, NotFound):
        sending.fail(said=_("You do not have access to this. Ask your administrator."))
    except OperationalError:
        away = _("The portal cannot reach its database right now. Nothing was lost; please try again in a moment.")
        sending.fail(said=away)
    except BaseException:
        sending.fail()
        raise
    else:
        sending.finish(done.result)
    st.rerun()
