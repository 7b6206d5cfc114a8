// Topic: works, site plans, rules of use, outcomes, figures. Who may call what.
#include "services/land/topic.h"
#include "services/land/works/works.h"

#define REQUEST(NAME) &wangge__v1__##NAME##_request__descriptor
static const struct land_action ACTIONS[] = {
    {"plan_work", REQUEST(plan_work), land_plan_work},
    {"move_work", REQUEST(move_work), land_move_work},
    {"accept_work", REQUEST(accept_work), land_accept_work},
    {"propose_site", REQUEST(propose_site), land_propose_site},
    {"admit_site", REQUEST(admit_site), land_admit_site},
    {"move_site", REQUEST(move_site), land_move_site},
    {"put_use_rule", REQUEST(put_use_rule), land_put_use_rule},
    {"report_outcome", REQUEST(report_outcome), land_report_outcome},
    {"accept_outcome", REQUEST(accept_outcome), land_accept_outcome},
    {NULL},
};

#define READ(NAME, REQUEST_MESSAGE, RESPONSE_MESSAGE, FUNCTION)                                                        \
  {                                                                                                                    \
    .name = "wangge.v1.LandWorks/" NAME, .request = REQUEST(REQUEST_MESSAGE),                                          \
    .response = &wangge__v1__##RESPONSE_MESSAGE##_response__descriptor, .kind = WG_METHOD_READ, .roles = WG_ROLE_ANY,  \
    .check = land_check_##FUNCTION, .read = land_read_##FUNCTION                                                       \
  }
enum { APPROVERS = WG_ROLE_TOWNSHIP | WG_ROLE_REGISTRAR };
static const struct wg_method METHODS[] = {
    LAND_METHOD_WRITE("LandWorks/PlanWork", plan_work, LAND_KEEPERS),
    {.name = "wangge.v1.LandWorks/MoveWork",
     .request = REQUEST(move_work),
     .response = &wangge__v1__land_reply__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = LAND_KEEPERS | APPROVERS,
     .check = land_check_move_work},
    LAND_METHOD_WRITE("LandWorks/AcceptWork", accept_work, APPROVERS),
    LAND_METHOD_WRITE("LandWorks/ProposeSite", propose_site, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandWorks/AdmitSite", admit_site, APPROVERS),
    LAND_METHOD_WRITE("LandWorks/MoveSite", move_site, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandWorks/PutUseRule", put_use_rule, WG_ROLE_REGISTRAR),
    LAND_METHOD_WRITE("LandWorks/ReportOutcome", report_outcome, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandWorks/AcceptOutcome", accept_outcome, APPROVERS),
    READ("UseRules", use_rules, use_rules, use_rules),
    READ("Figures", land_figures, land_figures, figures),
    {.name = NULL},
};

const struct land_topic LAND_WORKS_TOPIC = {.methods = METHODS, .actions = ACTIONS, .states = LAND_WORKS_STATES};
