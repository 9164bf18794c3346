"""Arrays and words in, plotly figures out. Nothing here knows torch or Streamlit."""
