"""What a person reads when something cannot be done: a sentence in their language, never a stack trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import streamlit as st
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from streamlit.runtime.scriptrunner import RerunException, StopException

from rules.errors import Conflict, Forbidden, Invalid, NotFound, NotProven, SignedOut
from rules.words import Phrase, Price, Several, Stored
from ui.terms import term
from ui.text import _, money_text, plain, translated

log = structlog.get_logger("portal.pages")


@contextmanager
def telling() -> Iterator[None]:
    """Around a page, a fragment or a dialog: errors people may meet become a sentence, all others a reference."""
    try:
        yield
    except (RerunException, StopException):
        raise  # how Streamlit itself moves on
    except SignedOut:
        st.rerun()
    except NotFound:
        tell_not_there()
    except NotProven:
        st.warning(_("For this, sign out and sign in again, then repeat it."), icon=":material/verified_user:")
    except Forbidden:
        st.warning(_("You do not have access to this. Ask your administrator."), icon=":material/lock:")
    except Invalid as error:
        st.warning(sentence(error), icon=":material/error:")
    except Conflict as error:
        st.warning(sentence(error), icon=":material/error:")
    except OperationalError as error:
        log.warning("database.away", error=str(error.orig))
        st.warning(
            _("The portal cannot reach its database right now. Nothing was lost; please try again in a moment."),
            icon=":material/cloud_off:",
        )
    except Exception as error:
        reference = uuid4().hex[:12]
        log.exception("page.failed", reference=reference, database=isinstance(error, DBAPIError))
        st.error(_("Something went wrong on our side. Reference: {reference}", reference=reference))


def tell_not_there() -> None:
    """What may not be seen reads as what never was."""
    st.info(_("It does not exist, or it is not available to you."), icon=":material/search_off:")


def sentence(error: Invalid | Conflict) -> str:
    """What is wrong with what was typed or meanwhile changed, in the reader's language."""
    return said(Phrase(error.message, error.values))


def said(phrase: Phrase, written: Callable[[str], str] = plain) -> str:
    """The same of words that stand alone; `written` is how what people wrote is shown there."""
    return translated(phrase.message, **{name: _shown(value, written) for name, value in phrase.values.items()})


def _shown(value: object, written: Callable[[str], str]) -> str:
    match value:
        case Phrase():
            return said(value, written)
        case Several():
            return "; ".join(_shown(item, written) for item in value.items)
        case Stored():
            return term(value.vocabulary, value.value)
        case Price():
            return written(money_text(value.amount, value.currency))
        case _:
            return written(str(value))
