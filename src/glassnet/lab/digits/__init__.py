"""The room where digits are drawn: what a drawing becomes, what is trained on, what is shown.

``drawing``   strokes, and the small picture that they become
``pictures``  the data sets: the 8×8 digits, and MNIST where its files are
``work``      the network of the room, its training, its mistakes
``showing``   what the network says of a picture, and why, as plain data
"""
