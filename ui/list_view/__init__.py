"""The one shape of every list: filters in the address → table → charts → Generate report → row drawer."""

from ui.list_view.selection import Selection
from ui.list_view.view import list_view

__all__ = ["Selection", "list_view"]
