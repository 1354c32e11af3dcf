"""The invoice to take along: the document itself, and as data for accounting software; finance keeps its original."""

from __future__ import annotations

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.invoicing import InvoiceDetail, KeepOriginal, RemoveOriginal
from rules.files import LARGEST, Upload
from rules.money import InvoiceState
from rules.permissions import Permission
from rules.principal import Principal
from ui.errors import telling
from ui.news import show_news, tell
from ui.text import _, plain, time_text

_MB = 1024 * 1024


def show_documents(principal: Principal, detail: InvoiceDetail) -> None:
    address, invoice = f"/invoices/{detail.invoice.uuid}", detail.invoice
    links = [f"[:material/picture_as_pdf: {_('PDF')}]({address}.pdf)"]
    if detail.lines and invoice.state not in (InvoiceState.DRAFT, InvoiceState.VOID):
        links.append(f"[:material/data_object: {_('E-invoice (XML)')}]({address}.xml)")
    show_news(_place(detail))
    st.markdown(" ".join(links))
    if principal.may(Permission.INVOICE_MANAGE):
        _original(principal, detail)


def _place(detail: InvoiceDetail) -> str:
    return f"original.{detail.invoice.uuid}"


def _original(principal: Principal, detail: InvoiceDetail) -> None:
    """Folded: finance needs it rarely, and everybody else never. The keyboard enters no popover from a drawer."""
    document, invoice = detail.document, detail.invoice
    label = _("Original: {name}", name=plain(document.name)) if document else _("Upload the original")
    with st.expander(label, icon=":material/upload_file:", key=f"{_place(detail)}.open"):
        if document:
            said = _("Uploaded {time}. It downloads in place of our PDF.", time=time_text(document.uploaded_at))
            st.markdown(said)
        else:
            st.markdown(_("It downloads in place of our PDF from then on."))
        version = document.version if document else None
        with st.form(f"{_place(detail)}.{version}", border=False):
            file = st.file_uploader(_("PDF, at most 10 MB"), type="pdf", max_upload_size=LARGEST // _MB)
            sent = st.form_submit_button(_("Replace") if document else _("Upload"), type="primary")
        if sent and file is not None:
            _do(principal, detail, KeepOriginal(invoice.uuid, version, Upload(file.name, file.getvalue())))
        elif sent:
            st.warning(_("Choose a file first."), icon=":material/error:")
        if document and st.button(_("Remove it"), icon=":material/delete:", key=f"{_place(detail)}.remove"):
            _do(principal, detail, RemoveOriginal(invoice.uuid, version))


def _do(principal: Principal, detail: InvoiceDetail, command: KeepOriginal | RemoveOriginal) -> None:
    with telling():
        execute(app_engine(), principal, command)
        kept = isinstance(command, KeepOriginal)
        words = _("The original is kept.") if kept else _("The original is removed.")
        tell(_place(detail), words)
        st.rerun()
