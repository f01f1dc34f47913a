"""What keeps a script to its own: layers, each applied where the machine offers it.

The warm parent builds the cage once (`building`), tries it out (`trial`) and reports which layers
hold and why others do not (`report`). Every case's process enters it before any of its script runs
(`cell`). Whether what holds is enough to run at all is decided by `policy`.
"""
