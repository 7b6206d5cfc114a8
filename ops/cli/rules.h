// What the commands of the dispatch catalogue share. Their words are Chinese: they show the field's own terms.
#pragma once

#include "ops/cli/cli.h"

#include "wangge/v1/routing.pb-c.h"

// A catalogue that is proposed: the records of --file FOLDER; none without that option.
struct cli_proposal {
  Wangge__V1__Record **records;
  size_t count;
};
// cli_proposal reads dispatch_rule.csv of the folder, and category.csv and department.csv where they are. false: the
// files are wrong, that was told, and *code is the exit code.
bool cli_proposal(struct cli *cli, struct cli_proposal *proposal, int *code);

// --- commands of their own files ---
int cli_rules_replay(struct cli *cli);
