"""The pictures on the pages of the findings: `python -m docs.pictures` draws them all anew."""
