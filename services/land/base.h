// Topic: villages, policy, parties, erasure.
#pragma once

#include "services/land/action.h"

#define LAND_VILLAGE_ID "village" // id of the one record of kind village_info

LAND_MEMBER(VillageInfo, village_info)
LAND_MEMBER(LandParty, party)
LAND_MEMBER(LandPolicy, policy)
