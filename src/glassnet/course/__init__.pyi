from glassnet.course import check as check
from glassnet.course.catalog import find as find
from glassnet.course.lesson import Lesson as Lesson, Mutant as Mutant, CourseError as CourseError
from glassnet.course.report import Report as Report, Row as Row
