"""Documents: guides and policies for everybody, an account's own papers, and who accepted what."""

from data.documents.accepting import AcceptPolicy, policies_to_accept, stream_acceptances
from data.documents.keeping import (
    AddDocument,
    PublishDocument,
    RemoveDocument,
    TakeOverPolicies,
    WithdrawDocument,
    accounts_to_choose,
    documents_to_follow,
)
from data.documents.reading import Text, account_documents, general_documents, get_text, take_document

__all__ = [
    "AcceptPolicy", "AddDocument", "PublishDocument", "RemoveDocument", "TakeOverPolicies", "Text", "WithdrawDocument",
    "account_documents", "accounts_to_choose", "documents_to_follow", "general_documents", "get_text",
    "policies_to_accept", "stream_acceptances", "take_document",
]  # fmt: skip
