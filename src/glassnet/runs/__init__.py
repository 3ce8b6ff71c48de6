"""A training run as a whole: data, network, training, judgement, pictures, one folder.

``recipes``   what suits each data set
``samples``   what is learned from, watched and held out
``network``   the network for a data set
``folder``    the files of a run
``work``      train, resume
``judge``     how good it is on data that it has not seen
``pictures``  the plots that fit the data

Nothing is imported here: the command line reads the recipes without NumPy.
"""
