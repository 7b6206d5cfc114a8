// States of notices and objections: what leads from where to where. Everything else is refused with what is possible.
#include "services/land/notice/notices.h"

#define NOTICE(FROM, TO) NOTICE_STATE(FROM), NOTICE_STATE(TO)
#define OBJECTION(FROM, TO) OBJECTION_STATE(FROM), OBJECTION_STATE(TO)

const struct land_move LAND_NOTICE_MOVES[] = {
    {"draft", NOTICE(DRAFT, DRAFT)},
    {"post", NOTICE(DRAFT, POSTED)},
    {"photograph", NOTICE(POSTED, POSTED)},
    {"photograph", NOTICE(ENDED_CLEAR, ENDED_CLEAR)},
    {"photograph", NOTICE(ENDED_OPEN, ENDED_OPEN)},
    {"take_down", NOTICE(POSTED, VOID)}, // before the period is over
    {"take_down", NOTICE(ENDED_CLEAR, ENDED_CLEAR)},
    {"take_down", NOTICE(ENDED_OPEN, ENDED_OPEN)},
    {"withdraw", NOTICE(DRAFT, VOID)},
    {"withdraw", NOTICE(POSTED, VOID)},
    {"object", NOTICE(POSTED, POSTED)},
    {"object", NOTICE(ENDED_CLEAR, ENDED_CLEAR)}, // too late: kept, not admitted
    {"object", NOTICE(ENDED_OPEN, ENDED_OPEN)},
};
const size_t LAND_NOTICE_MOVE_COUNT = sizeof LAND_NOTICE_MOVES / sizeof *LAND_NOTICE_MOVES;

const struct land_move LAND_OBJECTION_MOVES[] = {
    {"accept", OBJECTION(FILED, ACCEPTED)},       {"dismiss", OBJECTION(FILED, INADMISSIBLE)},
    {"uphold", OBJECTION(ACCEPTED, UPHELD)},      {"reject", OBJECTION(ACCEPTED, REJECTED)},
    {"withdraw", OBJECTION(FILED, WITHDRAWN)},    {"withdraw", OBJECTION(ACCEPTED, WITHDRAWN)},
    {"withdraw", OBJECTION(APPEALED, WITHDRAWN)}, {"appeal", OBJECTION(INADMISSIBLE, APPEALED)},
    {"appeal", OBJECTION(REJECTED, APPEALED)},    {"uphold", OBJECTION(APPEALED, UPHELD)},
    {"reject", OBJECTION(APPEALED, REJECTED)},
};
const size_t LAND_OBJECTION_MOVE_COUNT = sizeof LAND_OBJECTION_MOVES / sizeof *LAND_OBJECTION_MOVES;

static const struct land_move NOTICES_BY_TIME[] = {
    {"its period is over, no objection is open or was upheld", NOTICE(POSTED, ENDED_CLEAR)},
    {"its period is over, an objection is open or was upheld", NOTICE(POSTED, ENDED_OPEN)},
    {"the last objection is decided, none upheld", NOTICE(ENDED_OPEN, ENDED_CLEAR)},
    {"a decision is appealed", NOTICE(ENDED_CLEAR, ENDED_OPEN)},
    {"what it is about changes", NOTICE(POSTED, VOID)},
};
const struct land_states LAND_NOTICE_STATES[] = {
    {LAND_KIND(NOTICE), LAND_NOTICE_MOVES, sizeof LAND_NOTICE_MOVES / sizeof *LAND_NOTICE_MOVES, NOTICES_BY_TIME,
     sizeof NOTICES_BY_TIME / sizeof *NOTICES_BY_TIME},
    {LAND_KIND(OBJECTION), LAND_OBJECTION_MOVES, sizeof LAND_OBJECTION_MOVES / sizeof *LAND_OBJECTION_MOVES, NULL, 0},
    {0},
};

int land_notice_move(struct land_write *write, const char *id, const Wangge__V1__Notice *notice, const char *event) {
  return land_move_to(write, LAND_KIND(NOTICE), id, (int)notice->state, LAND_NOTICE_MOVES, LAND_NOTICE_MOVE_COUNT,
                      event, "/notice_id");
}

int land_objection_move(struct land_write *write, const char *id, const Wangge__V1__Objection *objection,
                        const char *event) {
  return land_move_to(write, LAND_KIND(OBJECTION), id, (int)objection->state, LAND_OBJECTION_MOVES,
                      LAND_OBJECTION_MOVE_COUNT, event, "/objection_id");
}
