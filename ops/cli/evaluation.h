// The figures of evaluation as a table to reckon with: every figure a column of its own, every rate beside its part and
// its whole, plain numbers. For files; what a terminal shows is narrower (evaluation.c).
#pragma once

#include "ops/cli/output.h"

#include "wangge/v1/evaluation.pb-c.h"

// cli_evaluation_headings: key, name, month; the fields of wangge.v1.Figures by their names; of each rate its
// percentage and its part and whole; the rest of wangge.v1.EvaluationRow, `tier` last. Built once, never freed before
// the end.
const char *const *cli_evaluation_headings(void);
// cli_evaluation_cells adds a row of them; what has no value is an empty cell.
void cli_evaluation_cells(struct cli_table *table, const Wangge__V1__EvaluationRow *row, const char *name);
