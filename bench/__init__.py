"""What the portal costs, as ratios measured in one run: against a bare Streamlit page, a small database, a floor."""
