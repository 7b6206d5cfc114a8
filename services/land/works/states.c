// States of works, sites and outcomes. What was accepted can be taken back: it counts until then.
#include "services/land/works/works.h"

#define WORK(FROM, TO) WORK_STATE(FROM), WORK_STATE(TO)
#define SITE(FROM, TO) SITE_STATE(FROM), SITE_STATE(TO)
#define OUTCOME(FROM, TO) OUTCOME_STATE(FROM), OUTCOME_STATE(TO)

const struct land_move LAND_WORK_MOVES[] = {
    {"plan", WORK(PLANNED, PLANNED)},     {"approve", WORK(PLANNED, APPROVED)}, {"begin", WORK(APPROVED, WORKING)},
    {"finish", WORK(WORKING, DONE)},      {"accept", WORK(DONE, ACCEPTED)},     {"rework", WORK(DONE, REWORK)},
    {"begin", WORK(REWORK, WORKING)},     {"cancel", WORK(PLANNED, CANCELLED)}, {"cancel", WORK(APPROVED, CANCELLED)},
    {"cancel", WORK(WORKING, CANCELLED)}, {"rework", WORK(ACCEPTED, REWORK)},
};
const size_t LAND_WORK_MOVE_COUNT = sizeof LAND_WORK_MOVES / sizeof *LAND_WORK_MOVES;

const struct land_move LAND_SITE_MOVES[] = {
    {"propose", SITE(PROPOSED, PROPOSED)}, {"admit", SITE(PROPOSED, ADMITTED)}, {"refuse", SITE(PROPOSED, REFUSED)},
    {"open", SITE(ADMITTED, OPENED)},      {"close", SITE(ADMITTED, CLOSED)},   {"close", SITE(OPENED, CLOSED)},
};
const size_t LAND_SITE_MOVE_COUNT = sizeof LAND_SITE_MOVES / sizeof *LAND_SITE_MOVES;

const struct land_move LAND_OUTCOME_MOVES[] = {
    {"accept", OUTCOME(REPORTED, ACCEPTED)},
    {"reject", OUTCOME(REPORTED, REJECTED)},
    {"reject", OUTCOME(ACCEPTED, REJECTED)},
};
const size_t LAND_OUTCOME_MOVE_COUNT = sizeof LAND_OUTCOME_MOVES / sizeof *LAND_OUTCOME_MOVES;

#define TABLE(KIND, MOVES)                                                                                             \
  { LAND_KIND(KIND), MOVES, sizeof(MOVES) / sizeof *(MOVES), NULL, 0 }
const struct land_states LAND_WORKS_STATES[] = {
    TABLE(LAND_WORK, LAND_WORK_MOVES),
    TABLE(SITE_PLAN, LAND_SITE_MOVES),
    TABLE(OUTCOME, LAND_OUTCOME_MOVES),
    {0},
};
