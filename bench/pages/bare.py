"""An empty page of Streamlit's, run without the shell: what one run of a script costs by itself."""
