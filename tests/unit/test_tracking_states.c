// Generated from the table: whatever no row of it permits is refused in every state, with the list of what is legal,
// and changes nothing; whatever a row permits of routing's events happens.
#include "tests/unit/tracking_calls.h"

#include <stdio.h>
#include <stdlib.h>

// call_of makes a call: the table must refuse it before anybody looks at what is asked.
static wg_status call_of(enum tracking_event event, unsigned part) {
  char method[64];
  snprintf(method, sizeof method, "wangge.v1.Tracking/%s", tracking_event_name(event));
  const struct tracking_call *call = tracking_call_of(method);
  if (!call) fail_msg("no call is known for %s", tracking_event_name(event));
  bed.step = (struct tracking_step){0};
  return tracking_may(&bed.subject, call->event, part, &bed.error);
}

static wg_status cause(enum tracking_event event, unsigned part) {
  return event <= TRACKING_BESIDE ? bed_event(event) : call_of(event, part);
}

static void what_the_table_does_not_permit_is_refused_and_changes_nothing(void **state) {
  (void)state;
  int refused = 0;
  for (int from = 0; from < TRACKING_STATES; from++) {
    for (int event = 0; event < TRACKING_SIGN_OVERDUE; event++) {
      for (unsigned part = 1; part <= TRACKING_BY_CLOCK; part <<= 1) {
        const bool routing = event <= TRACKING_BESIDE;
        if (routing != (part == TRACKING_BY_ROUTING) || part == TRACKING_BY_CLOCK) continue;
        if (tracking_possible((Wangge__V1__CaseState)from, (enum tracking_event)event, part)) continue;
        bed_bring((Wangge__V1__CaseState)from);
        struct tracking_case before;
        memcpy(&before, &bed.subject, sizeof before); // with its padding
        const wg_status status = cause((enum tracking_event)event, part);
        // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): nothing at all may have changed
        if (status != WG_FAILED_PRECONDITION || memcmp(&before, &bed.subject, sizeof before) != 0 || bed.step.kind)
          fail_msg("%s in %s: %s", tracking_event_name((enum tracking_event)event),
                   tracking_state_name((Wangge__V1__CaseState)from), wg_status_name(status));
        char legal[512];
        tracking_legal_text((Wangge__V1__CaseState)from, routing ? TRACKING_BY_ROUTING : TRACKING_BY_PEOPLE, legal,
                            sizeof legal);
        if (from && !strstr(bed.error.message, legal)) fail_msg("%s does not list %s", bed.error.message, legal);
        refused++;
      }
    }
  }
  assert_true(refused > 200);
}

static void what_routing_may_say_is_followed(void **state) {
  (void)state;
  for (int from = 0; from < TRACKING_STATES; from++) {
    for (int at = 0; at <= TRACKING_BESIDE; at++) {
      const enum tracking_event event = (enum tracking_event)at;
      const Wangge__V1__CaseState before = (Wangge__V1__CaseState)from;
      if (!tracking_possible(before, event, TRACKING_BY_ROUTING)) continue;
      bed_bring(before);
      const int32_t steps = bed.subject.steps;
      if (bed_event(event) != WG_OK)
        fail_msg("%s in %s: %s", tracking_event_name(event), tracking_state_name(before), bed.error.message);
      assert_true(tracking_leads_to(before, event, bed.subject.row.state));
      assert_true(bed.step.kind && bed.subject.steps > steps && bed.step.state == bed.subject.row.state);
    }
  }
}

static void every_state_but_the_ends_can_be_left_and_every_one_reached(void **state) {
  (void)state;
  for (int at = 1; at < TRACKING_STATES; at++) {
    const Wangge__V1__CaseState one = (Wangge__V1__CaseState)at;
    char legal[512];
    tracking_legal_text(one, TRACKING_BY_PEOPLE | TRACKING_BY_ROUTING, legal, sizeof legal);
    const bool end = one == TRACKING_STATE(WITHDRAWN) || one == TRACKING_STATE(ARCHIVED) || one == TRACKING_STATE(VOID);
    assert_true(end == (strcmp(legal, "nothing") == 0));
    assert_true(strlen(legal) < sizeof legal - 1);
  }
}

static void the_document_is_what_the_table_prints(void **state) {
  (void)state;
  char *printed = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&printed, &size);
  tracking_print_states(out);
  fclose(out);
  FILE *document = fopen(WANGGE_SHARE "/docs/tracking-states.md", "r");
  if (!document)
    fail_msg("docs/tracking-states.md is missing: wangge-tracking --print-states > docs/tracking-states.md");
  char *text = calloc(1, size + 2);
  const size_t length = fread(text, 1, size + 1, document);
  fclose(document);
  if (length != size || memcmp(text, printed, size) != 0)
    fail_msg("docs/tracking-states.md is old: wangge-tracking --print-states > docs/tracking-states.md");
  free(text);
  free(printed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_set_up, bed_tear_down)
      TEST(what_the_table_does_not_permit_is_refused_and_changes_nothing),
      TEST(what_routing_may_say_is_followed),
      TEST(every_state_but_the_ends_can_be_left_and_every_one_reached),
      TEST(the_document_is_what_the_table_prints),
  };
  return cmocka_run_group_tests_name("tracking_states", tests, bed_set_up_group, bed_tear_down_group);
}
