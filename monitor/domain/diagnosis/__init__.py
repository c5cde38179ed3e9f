"""What all evidence about one server means: one cause (DESIGN §4.6).

`diagnose` weighs a `Case`; `rules/` hold what makes each cause hold, `cause`
the table they come from, `memory/` what one look alone cannot show,
`following` when a new diagnosis is believed, `paging` who is woken.
"""
