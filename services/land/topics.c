// See topic.h: a new topic is one line here.
#include "services/land/files.h"
#include "services/land/ledger/topic.h"

#include "services/land/yard/yard.h"

#include <stdlib.h>
#include <string.h>

const struct land_topic *const LAND_TOPICS[] = {
    &LAND_BASE_TOPIC,   //
    &LAND_LEDGER_TOPIC, //
    &LAND_SURVEY_TOPIC, //
    &LAND_NOTICE_TOPIC, //
    &LAND_WORKS_TOPIC,  //
    &LAND_YARD_TOPIC,   //
    &LAND_TENDER_TOPIC, //
    NULL,
};

const struct land_action *land_action_find(const ProtobufCMessageDescriptor *request) {
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic; topic++) {
    for (const struct land_action *action = (*topic)->actions; action->name; action++) {
      if (action->request == request) return action;
    }
  }
  return NULL;
}

const struct land_timer *land_timer_find(int kind) {
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic; topic++) {
    for (const struct land_timer *timer = (*topic)->timers; timer && timer->kind; timer++) {
      if (timer->kind == kind) return timer;
    }
  }
  return NULL;
}

const struct land_shape *land_shape_find(int kind) {
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic; topic++) {
    for (const struct land_shape *shape = (*topic)->shapes; shape && shape->kind; shape++) {
      if (shape->kind == kind) return shape;
    }
  }
  return NULL;
}

const struct wg_method *land_methods(void) {
  static struct wg_method methods[256];
  size_t count = 0;
  if (methods[0].name) return methods;
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic; topic++) {
    for (const struct wg_method *method = (*topic)->methods; method->name; method++) {
      if (count + 1 == sizeof methods / sizeof *methods) abort();
      methods[count] = *method;
      if (method->kind == WG_METHOD_WRITE && land_names_files(method->request)) {
        methods[count].asks = land_files_asks;
        methods[count].ask = land_files_ask;
      }
      count++;
    }
  }
  return methods;
}
