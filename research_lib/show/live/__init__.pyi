from research_lib.show.live.clusters_page import Clusters as Clusters
from research_lib.show.live.compare_page import Compare as Compare
from research_lib.show.live.live_page import served_study as served_study
from research_lib.show.live.live_page import visitor_language as visitor_language
from research_lib.show.live.what_if_page import WhatIf as WhatIf
