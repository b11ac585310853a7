"""The forms in which a verification is told: text, JSON, Markdown, HTML."""
