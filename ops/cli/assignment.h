// What tables show of an assignment.
#pragma once

#include "ops/cli/cli.h"

#include "wangge/v1/routing.pb-c.h"

// cli_with gives the units that work on it beside the lead: "+traffic" assists, "↓street" has it handed down.
const char *cli_with(struct cli *cli, const Wangge__V1__Assignment *assignment);
