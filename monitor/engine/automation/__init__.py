"""What alerts and diagnoses set off, through the gates that people go."""
