from glassnet.tune.ending import Found as Found
from glassnet.tune.searching import join as join
from glassnet.tune.searching import resume as resume
from glassnet.tune.searching import search as search
