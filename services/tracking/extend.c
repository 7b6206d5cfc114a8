// Extension (延期): the department asks before the deadline, the resident has been told, another person decides. The
// new deadline counts from the old one.
#include "services/tracking/moves.h"

#include "common/base/clock.h"

#include <assert.h>

static wg_status may_extend(const struct tracking_case *subject, const Wangge__V1__ExtendRequest *request, int64_t now,
                            const struct tracking_clocks *clocks, struct wg_error *error) {
  const Wangge__V1__Case *row = &subject->row;
  char text[32];
  if (request->working_days > clocks->extension.working_days)
    return wg_fail(error, WG_INVALID_ARGUMENT, "working_days", "at most %d working days are possible, not %d",
                   clocks->extension.working_days, request->working_days);
  if (now > row->due_at)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "the deadline has passed at %s: an extension is asked for before it does",
                   wg_civil_format(row->due_at, text));
  if (row->extensions >= clocks->extensions)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "it was extended %d times; at most %d are possible",
                   row->extensions, clocks->extensions);
  return tracking_must_not_be_asked(row->extension, row->extension ? row->extension->decision : 0, "an extension",
                                    error);
}

wg_status tracking_extend(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                          struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__ExtendRequest *request = message;
  const wg_status status = may_extend(subject, request, caller->now, rules->clocks, error);
  if (status != WG_OK) return status;
  Wangge__V1__Extension *extension = wg_arena_alloc(rules->arena, sizeof *extension);
  wangge__v1__extension__init(extension);
  tracking_take_call(subject, step, "extension_asked", caller, request->reason);
  extension->working_days = request->working_days;
  extension->reason = request->reason;
  extension->asked_at = step->at;
  extension->old_due_at = subject->row.due_at;
  subject->row.extension = extension;
  subject->facts.asked_extension = tracking_actor(caller, rules->arena);
  step->detail = TRACKING_DETAIL(EXTENSION);
  step->part = extension;
  return WG_OK;
}

// grant moves the deadline. A deadline is the end of its last day, which is the day the extension counts from.
static void grant(struct tracking_case *subject, Wangge__V1__Extension *extension, struct tracking_rules *rules) {
  const int64_t old = subject->row.due_at;
  extension->old_due_at = old;
  subject->row.extensions++;
  subject->facts.due_from = old - 1;
  tracking_set_due(subject, "extension", extension->working_days, old - 1, rules);
}

wg_status tracking_decide_extension(struct tracking_case *subject, const struct tracking_caller *caller,
                                    const void *message, struct tracking_rules *rules, struct tracking_step *step,
                                    struct wg_error *error) {
  const Wangge__V1__DecideRequest *request = message;
  const Wangge__V1__Extension *asked = subject->row.extension;
  wg_status status = tracking_must_be_asked(asked, asked ? asked->decision : 0, "extension", error);
  if (status == WG_OK)
    status = tracking_must_differ(caller, subject->facts.asked_extension, "asked for the extension", error);
  if (status != WG_OK) return status;
  const bool approved = request->decision == WANGGE__V1__DECISION__DECISION_APPROVED;
  Wangge__V1__Extension *extension = wg_arena_alloc(rules->arena, sizeof *extension);
  assert(asked && "what was asked for is there");
  *extension = *asked;
  extension->decision = request->decision;
  subject->row.extension = extension;
  subject->facts.asked_extension = NULL;
  if (approved) grant(subject, extension, rules);
  tracking_take_call(subject, step, approved ? "extended" : "extension_refused", caller, request->reason);
  if (approved) step->due_at = subject->row.due_at;
  step->detail = TRACKING_DETAIL(EXTENSION);
  step->part = extension;
  return WG_OK;
}
