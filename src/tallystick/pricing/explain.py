"""
A charge explained: as text for a person, as a document for a program.

    cpu: 130 hour
      allowance               1 hour                 included
      tier 1: up to 100     100 hour x 0.05              5.00
      tier 2: above 100      29 hour x 0.04              1.16
      exact                                              6.16 USD
      settled                                            6.16 USD

Both show every digit of the exact numbers; only the settled amount is rounded.
"""
