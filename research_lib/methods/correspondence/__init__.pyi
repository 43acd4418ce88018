from research_lib.methods.correspondence.correspondence_transformer import (
    CorrespondenceTransformer as CorrespondenceTransformer,
)
from research_lib.methods.correspondence.group_ellipses import ellipses as ellipses
from research_lib.methods.correspondence.group_ellipses import outlines as outlines
from research_lib.methods.correspondence.group_ellipses import person_coordinates as person_coordinates
from research_lib.methods.correspondence.multiple_correspondence import Correspondence as Correspondence
from research_lib.methods.correspondence.multiple_correspondence import CountsCorrespondence as CountsCorrespondence
from research_lib.methods.correspondence.multiple_correspondence import correspondence as correspondence
from research_lib.methods.correspondence.multiple_correspondence import (
    correspondence_of_counts as correspondence_of_counts,
)
