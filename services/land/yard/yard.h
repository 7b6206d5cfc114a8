// Topic: yards (房前屋后) and homesteads (闲置宅基地). Pure.
//
//   yard.c       plots, village rules, responsibilities, plantings, costs, purchases: Puts by tables
//   street.c     evaluation of streets: totals, ranks of a round
//   breach.c     breaches of the three bans and of village rules, and what becomes of them
//   homestead.c  homesteads, houses, beds, homestays, operation agreements
//   service.c    remote services for tenants of beds
//   figures.c    sums of accepted records (reading)
#pragma once

#include "services/land/topic.h"
#include "services/land/yard/spec.h"

#include "wangge/v1/land_yard.pb-c.h"

LAND_MEMBER(YardPlot, yard_plot)
LAND_MEMBER(VillageRule, village_rule)
LAND_MEMBER(RuleBreach, rule_breach)
LAND_MEMBER(StreetEvaluation, street_evaluation)
LAND_MEMBER(Homestead, homestead)
LAND_MEMBER(OperationAgreement, operation_agreement)
LAND_MEMBER(GardenBed, garden_bed)
LAND_MEMBER(ServiceOrder, service_order)

// yard.c
// yard_accepted_on gives the day that a record is accepted since; `before`: of the version before, "" when it was not.
char *yard_accepted_on(const struct land_write *write, bool accepted, const char *before);
// street.c
wg_status yard_street(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                      struct wg_error *error);
wg_status yard_close_round(struct land_write *write, struct wg_error *error);
// breach.c
wg_status yard_report_breach(struct land_write *write, struct wg_error *error);
wg_status yard_advance_breach(struct land_write *write, struct wg_error *error);
extern const struct land_states YARD_STATES[];
wg_status yard_breach_news(struct land_write *write, const struct land_news *news, struct wg_error *error);
wg_status yard_breach_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error);
// yard_transferred_privately: is there a breach PRIVATE_TRANSFER of this homestead that is neither fixed nor dismissed?
// Gives its id, or NULL.
const char *yard_transferred_privately(const struct land_write *write, const char *homestead);
// homestead.c
wg_status yard_sign_agreement(struct land_write *write, struct wg_error *error);
wg_status yard_end_agreement(struct land_write *write, struct wg_error *error);
wg_status yard_agreement_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error);
wg_status yard_homestead(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                         struct wg_error *error);
wg_status yard_homestay(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                        struct wg_error *error);
wg_status yard_bed(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                   struct wg_error *error);
// service.c
wg_status yard_place_service(struct land_write *write, struct wg_error *error);
wg_status yard_advance_service(struct land_write *write, struct wg_error *error);
// figures.c
wg_status yard_check_figures(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error);
wg_status yard_read_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

extern const struct land_topic LAND_YARD_TOPIC;
