// Topic: notices and objections. Who may call what; the decide functions are in notice.c and objection.c.
#include "services/land/notice/notices.h"
#include "services/land/notice/sheet.h"
#include "services/land/topic.h"

#define REQUEST(NAME) &wangge__v1__##NAME##_request__descriptor
static const struct land_action ACTIONS[] = {
    {"draft_notice", REQUEST(draft_notice), land_draft_notice},
    {"post_notice", REQUEST(post_notice), land_post_notice},
    {"photograph_notice", REQUEST(photograph_notice), land_photograph_notice},
    {"take_down_notice", REQUEST(take_down_notice), land_take_down_notice},
    {"withdraw_notice", REQUEST(withdraw_notice), land_withdraw_notice},
    {"file_objection", REQUEST(file_objection), land_file_objection},
    {"admit_objection", REQUEST(admit_objection), land_admit_objection},
    {"decide_objection", REQUEST(decide_objection), land_decide_objection},
    {"withdraw_objection", REQUEST(withdraw_objection), land_withdraw_objection},
    {"appeal_objection", REQUEST(appeal_objection), land_appeal_objection},
    {NULL},
};

enum {
  HEARERS = LAND_KEEPERS | WG_ROLE_TOWNSHIP, // hear objections
  ANYBODY = HEARERS | WG_ROLE_SOURCE,        // bring them
};
static const struct wg_method METHODS[] = {
    LAND_METHOD_WRITE("LandNotice/Draft", draft_notice, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandNotice/Post", post_notice, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandNotice/Photograph", photograph_notice, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandNotice/TakeDown", take_down_notice, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandNotice/Withdraw", withdraw_notice, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandNotice/Object", file_objection, ANYBODY),
    LAND_METHOD_WRITE("LandNotice/Admit", admit_objection, HEARERS),
    LAND_METHOD_WRITE("LandNotice/Decide", decide_objection, HEARERS),
    LAND_METHOD_WRITE("LandNotice/WithdrawObjection", withdraw_objection, ANYBODY),
    LAND_METHOD_WRITE("LandNotice/Appeal", appeal_objection, ANYBODY),
    {.name = "wangge.v1.LandNotice/Sheet",
     .request = &wangge__v1__sheet_request__descriptor,
     .response = &wangge__v1__sheet_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .check = land_check_sheet,
     .read = land_read_sheet},
    {.name = NULL},
};

static const struct land_timer TIMERS[] = {{LAND_KIND(NOTICE), land_notice_end}, {0, NULL}};

const struct land_topic LAND_NOTICE_TOPIC = {
    .methods = METHODS, .actions = ACTIONS, .timers = TIMERS, .states = LAND_NOTICE_STATES, .after = land_notice_touch};
