"""Makers of the demo's reference data, by subject; ops/demo/district.py calls them in turn.

book.py       the folder of <kind>.csv files
lattice.py    polygons that tile without gap or overlap
names.py      invented names of places and persons
layout.py     what each of the two districts consists of
net.py        districts down to buildings, households and places
people.py     persons, posts, grades, trainings, party organisations
linkages.py   stations, partner units, agreements, cards, groups
lists.py      duty templates and the three reference lists
catalogue.py  departments, categories, dispatch rules, calendars, from ops/demo/tables
"""
