"""Gates: what a candidate must show before an alias moves to it.

A *policy* lists checks. *Evidence* is what two models showed. A *verdict* follows from the two by a
pure function (`policy`, `evidence`, `outcomes`, `statistics`, `checks`, `evaluate`, `verdict`,
`report`), so it can be computed again. A *promotion* collects evidence, weighs it and moves the
alias in one decision of the registry (`collect`, `archive`, `promotion`, `proposal`, `approval`).
"""
