"""How good the answers are: question sets asked, judged, counted, compared, and kept from getting worse."""
