"""A contact centre in virtual time: what a day, or a changed policy, would bring, before anybody tries it on
people.

A `Plan` (who comes, who is at work, which policies) is made from a scenario or from recorded days, and run
with the real router and the real state machines.
"""
