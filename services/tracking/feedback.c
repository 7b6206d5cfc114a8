// Handling and feedback (反馈): progress, contact with the resident, the feedback and its review.
#include "services/tracking/moves.h"
#include "services/tracking/responses.h"
#include "services/tracking/timers.h"

wg_status tracking_progress(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                            struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  (void)rules;
  (void)error;
  const Wangge__V1__ProgressRequest *request = message;
  tracking_take_call(subject, step, "progress", caller, request->note);
  return WG_OK;
}

wg_status tracking_contact(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                           struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__ContactRequest *request = message;
  const int64_t at = request->at ? request->at : caller->now;
  if (at > caller->now) return wg_fail(error, WG_INVALID_ARGUMENT, "at", "lies in the future");
  if (at < subject->row.first_dispatched_at)
    return wg_fail(error, WG_INVALID_ARGUMENT, "at", "lies before the first dispatch of the order");
  const Wangge__V1__Contact *before = subject->row.contact;
  Wangge__V1__Contact *contact = wg_arena_alloc(rules->arena, sizeof *contact);
  wangge__v1__contact__init(contact);
  if (before) *contact = *before;
  if (!request->reached) contact->tries++;
  else if (!contact->contacted_at) contact->contacted_at = at;
  subject->row.contact = contact;
  Wangge__V1__ContactTry *made = wg_arena_alloc(rules->arena, sizeof *made);
  wangge__v1__contact_try__init(made);
  made->reached = request->reached;
  made->channel = request->channel;
  made->at = at;
  tracking_take_call(subject, step, request->reached ? "contacted" : "contact_tried", caller, request->note);
  step->detail = TRACKING_DETAIL(CONTACT);
  step->part = made;
  return WG_OK;
}

static wg_status must_have_contact(const struct tracking_case *subject, const struct tracking_rules *rules,
                                   struct wg_error *error) {
  const Wangge__V1__Contact *contact = subject->row.contact;
  const int tries = contact ? contact->tries : 0;
  if ((contact && contact->contacted_at) || tries >= rules->clocks->contact_tries) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                 "the resident was not contacted: note that he or she was reached, or %d tries (so far %d), by "
                 "Tracking/Contact",
                 rules->clocks->contact_tries, tries);
}

wg_status tracking_resolve(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                           struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__ResolveRequest *request = message;
  const char *reply = request->public_reply;
  wg_status status = must_have_contact(subject, rules, error);
  if (status == WG_OK && *request->standard_response)
    status = tracking_responses_reply(rules->responses, &subject->row, request->standard_response, reply, rules->arena,
                                      &reply, error);
  if (status != WG_OK) return status;
  Wangge__V1__Feedback *feedback = wg_arena_alloc(rules->arena, sizeof *feedback);
  wangge__v1__feedback__init(feedback);
  feedback->round = subject->row.round;
  feedback->substantiated = request->substantiated;
  feedback->resolution = request->resolution;
  feedback->public_reply = (char *)(uintptr_t)reply;
  feedback->unresolved_reason = request->unresolved_reason;
  feedback->beyond_duty = request->beyond_duty;
  feedback->beyond_duty_basis = request->beyond_duty_basis;
  feedback->standard_response = request->standard_response;
  feedback->n_evidence = request->n_evidence;
  feedback->evidence = request->evidence;
  tracking_clear_asked(subject);
  tracking_go(subject, TRACKING_RESOLVE, TRACKING_STATE(REVIEW));
  tracking_take_call(subject, step, "resolved", caller, request->result);
  tracking_hand_in(subject, feedback, request->result, tracking_actor(caller, rules->arena), step);
  return WG_OK;
}

void tracking_hand_in(struct tracking_case *subject, Wangge__V1__Feedback *feedback, const char *result,
                      Wangge__V1__CaseActor *handler, struct tracking_step *step) {
  Wangge__V1__Case *row = &subject->row;
  row->feedback = feedback;
  row->resolved_at = step->at;
  if (!row->first_resolved_at) row->first_resolved_at = step->at;
  row->result = (char *)(uintptr_t)result;
  row->late |= row->due_at && step->at > row->due_at;
  tracking_timers_again(subject, TRACKING_CLOCK_BIT(REVIEW) | TRACKING_CLOCK_BIT(FOLLOW_UP));
  subject->facts.handler = handler;
  step->detail = TRACKING_DETAIL(FEEDBACK);
  step->part = feedback;
}

// --- review ---
static wg_status check_beyond_duty(const struct tracking_case *subject, const Wangge__V1__ReviewRequest *request,
                                   struct wg_error *error) {
  const Wangge__V1__Feedback *feedback = subject->row.feedback;
  const bool wanted = request->decision == WANGGE__V1__DECISION__DECISION_APPROVED && feedback && feedback->beyond_duty;
  if (wanted == (request->beyond_duty != 0)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "beyond_duty",
                 wanted ? "the feedback says that the matter is beyond the department's duty: APPROVED or REJECTED"
                        : "must be empty: nothing of the kind is claimed, or it goes back anyway");
}

static void approve(struct tracking_case *subject, const Wangge__V1__ReviewRequest *request,
                    const struct tracking_caller *caller, struct tracking_rules *rules, struct tracking_step *step) {
  tracking_go(subject, TRACKING_APPROVE, TRACKING_STATE(FOLLOW_UP));
  tracking_take_call(subject, step, "approved", caller, request->reason);
  subject->row.reviewed_at = step->at;
  subject->facts.reviewer = tracking_actor(caller, rules->arena);
  if (!request->beyond_duty) return;
  Wangge__V1__Feedback *feedback = wg_arena_alloc(rules->arena, sizeof *feedback);
  *feedback = *subject->row.feedback;
  feedback->beyond_duty_decision = request->beyond_duty;
  subject->row.feedback = feedback;
}

static void send_back(struct tracking_case *subject, const Wangge__V1__ReviewRequest *request,
                      const struct tracking_caller *caller, struct tracking_step *step) {
  tracking_clear_round(subject);
  tracking_go(subject, TRACKING_SEND_BACK, TRACKING_STATE(HANDLING));
  tracking_take_call(subject, step, "sent_back", caller, request->reason);
}

wg_status tracking_review(struct tracking_case *subject, const struct tracking_caller *caller, const void *message,
                          struct tracking_rules *rules, struct tracking_step *step, struct wg_error *error) {
  const Wangge__V1__ReviewRequest *request = message;
  wg_status status = tracking_must_differ(caller, subject->facts.handler, "handed in the feedback", error);
  if (status == WG_OK) status = check_beyond_duty(subject, request, error);
  if (status != WG_OK) return status;
  Wangge__V1__Review *review = wg_arena_alloc(rules->arena, sizeof *review);
  wangge__v1__review__init(review);
  review->round = subject->row.round;
  review->decision = request->decision;
  review->beyond_duty = request->beyond_duty;
  if (request->decision == WANGGE__V1__DECISION__DECISION_APPROVED) approve(subject, request, caller, rules, step);
  else send_back(subject, request, caller, step);
  step->detail = TRACKING_DETAIL(REVIEW);
  step->part = review;
  return WG_OK;
}
