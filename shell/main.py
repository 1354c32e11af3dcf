"""The entry script: Streamlit runs it from its first line at every click, so all it says is where to begin."""

from shell.run import main

main()
