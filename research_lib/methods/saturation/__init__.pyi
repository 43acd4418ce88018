from research_lib.methods.saturation.saturation_thresholds import incidence as incidence
from research_lib.methods.saturation.saturation_thresholds import saturation as saturation
from research_lib.methods.saturation.unseen_codes import accumulation as accumulation
from research_lib.methods.saturation.unseen_codes import coverage as coverage
from research_lib.methods.saturation.unseen_codes import unseen as unseen
