// The tables of states as a document. See topic.h.
#include "common/wire/wire.h"
#include "services/land/topic.h"

static void print_moves(FILE *out, const ProtobufCEnumDescriptor *states, const struct land_move *moves, size_t count,
                        const char *mark) {
  for (size_t i = 0; i < count; i++) {
    char from[32], to[32];
    fprintf(out, "| %s | %s%s%s |", wg_enum_name(states, moves[i].from, from), mark, moves[i].event, mark);
    fprintf(out, " %s |\n", wg_enum_name(states, moves[i].to, to));
  }
}

static void print_kind(FILE *out, const struct land_states *one) {
  const ProtobufCEnumDescriptor *states =
      protobuf_c_message_descriptor_get_field_by_name(land_body_type(one->kind), "state")->descriptor;
  fprintf(out, "\n## %s\n\n| from | event | to |\n|---|---|---|\n", land_kind_name(one->kind));
  print_moves(out, states, one->calls, one->call_count, "`");
  print_moves(out, states, one->follows, one->follow_count, "");
}

void land_print_states(FILE *out) {
  fputs(
      "# States of the land ledger\n\nPrinted by `wangge-land --print-states`. Events in code type are calls or what a "
      "call is told to do;\nthe others follow of the day, or of a call that is about something else. What is not here "
      "is refused.\n",
      out);
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic; topic++) {
    for (const struct land_states *one = (*topic)->states; one && one->kind; one++)
      print_kind(out, one);
  }
}
