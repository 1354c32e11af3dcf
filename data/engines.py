"""The pools of this process, one for each login it uses, opened at their first use."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Engine

from data.database import engine_for
from data.instance import Login, login_url
from data.settings import settings

REPORTS = 3
SMALL = 5  # signing in is a handful of short calls, and the worker does one thing at a time


@lru_cache
def app_engine() -> Engine:
    """For pages and routes."""
    return engine_for(login_url(settings(), Login.APP))


@lru_cache
def report_engine() -> Engine:
    """For reports alone, so that a few long ones leave the pages their connections."""
    return engine_for(login_url(settings(), Login.APP), REPORTS)


@lru_cache
def auth_engine() -> Engine:
    """For signing in, and for asking who somebody is."""
    return engine_for(login_url(settings(), Login.AUTH), SMALL)


@lru_cache
def jobs_engine() -> Engine:
    """For the worker."""
    return engine_for(login_url(settings(), Login.JOBS), SMALL)
