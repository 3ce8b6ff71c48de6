"""Lessons and levels beside the rooms: a lesson is a Markdown file, and needs no code.

``lessons/<name>/<language>.md`` is one of glassnet's own; a teacher's file has the same form
(``glassnet lab --lesson FILE``), and a lesson of the course is read from where the course keeps it.

    # What is a gradient                         the title, on the first line that has text
    > **How does a network know ...?**           a question at the top
    ## Take one weight                           a step begins
    % state: room=playground&layers=4.tanh       opened with the step: what stands behind the #
    % light: layers                              what is lit: fields, or a part of PARTS
    % until: epoch >= 5 and test_loss < 0.2      when the step is done
    Text in Markdown, with $y = x + F(x)$ as a formula.
    ### A question?
    - [x] right choice

      its reason, indented
    - [ ] wrong choice

      its reason

Lines that begin with ``%`` are comments to MyST, so the same file is a page of a site.  At the top
``% number: 3`` gives a lesson its place, and ``% level: yes`` makes a level of it: the best
(parameters × epochs, the fewest) is kept on the machine.

``reading``     a file taken apart, errors with their lines; ``course``, the course's lessons
``conditions``  when a step is done; ``blocks``, Markdown as the page builds it
``catalog``     which lessons there are
"""
