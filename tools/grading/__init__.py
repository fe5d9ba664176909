"""Homework: student versions, and the grading of what comes back.

==============  ==================================================================
module          what it knows
==============  ==================================================================
``master``      an assignment: its cells, tasks and points; the student version
``submission``  finding what students handed in, and reading it with suspicion
``sandbox``     a process for code that nobody trusts, and its limits
``worker``      the loop inside that process
``wire``        answers as data, the only thing that leaves the sandbox
``check``       one submission: run its cells there, test its answers here
``gradebook``   a class: many submissions, resumed where it stopped
``table``       the table of grades, and the marks that a person fills in
``feedback``    the pages for students and for the person who marks
==============  ==================================================================

The wall between a student's code and the tests is a process boundary. Cells of a
submission run in the sandbox, which has never seen a test. The tests of the master run
outside, in a process that has never run a student's line, on answers that came over
as data.
"""
