// bench-bare: the limit. Three connections, one of each service's role, write the rows of the services in batches as
// fast as PostgreSQL takes them. No network, no validation, no decision, nobody who waits for anybody.
//
//   bench-bare --dsn "host=… dbname=wangge" --spread FILE --orders N --run R --batch-intake 500 …
#include "tests/bench/rig.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct work {
  const char *dsn;
  const struct rig_samples *samples;
  enum rig_stage stage;
  int64_t orders, batch, run;
  double seconds;
};

static void *write_all(void *argument) {
  struct work *work = argument;
  int64_t next = 1;
  struct rig_writer *writer = rig_writer_open(work->dsn, work->stage, true, work->samples, &next);
  struct rig_row *rows = wg_zalloc(sizeof *rows * (size_t)work->batch);
  const int64_t start = wg_monotonic_us();
  for (int64_t done = 0; done < work->orders;) {
    size_t count = 0;
    for (; count < (size_t)work->batch && done < work->orders; count++, done++, next++) {
      rows[count].order_id = next;
      rows[count].sample = rig_sample(work->samples, next);
      if (work->stage == RIG_INTAKE) rig_external_id(rows[count].external_id, work->run, done);
    }
    rig_writer_write(writer, rows, count);
  }
  work->seconds = (double)(wg_monotonic_us() - start) / 1e6;
  free(rows);
  rig_writer_close(writer);
  return NULL;
}

int main(int argc, char **argv) {
  const struct rig_samples *samples = rig_samples(rig_text(argc, argv, "--spread", NULL));
  struct work work[RIG_STAGES];
  pthread_t threads[RIG_STAGES];
  for (int i = 0; i < RIG_STAGES; i++) {
    char name[32];
    snprintf(name, sizeof name, "--batch-%s", RIG_STAGE_NAMES[i]);
    work[i] = (struct work){.dsn = rig_text(argc, argv, "--dsn", NULL),
                            .samples = samples,
                            .stage = (enum rig_stage)i,
                            .orders = rig_number(argc, argv, "--orders", 100000),
                            .batch = rig_number(argc, argv, name, 500),
                            .run = rig_number(argc, argv, "--run", 1)};
    if (work[i].batch == 0) rig_die("%s must be at least 1", name);
  }
  const int64_t start = wg_monotonic_us();
  for (int i = 0; i < RIG_STAGES; i++)
    if (pthread_create(&threads[i], NULL, write_all, &work[i])) rig_die("no thread");
  for (int i = 0; i < RIG_STAGES; i++)
    pthread_join(threads[i], NULL);
  printf("{\"orders\": %lld, \"seconds\": %.6f", (long long)work[0].orders, (double)(wg_monotonic_us() - start) / 1e6);
  for (int i = 0; i < RIG_STAGES; i++)
    printf(", \"%s_seconds\": %.6f", RIG_STAGE_NAMES[i], work[i].seconds);
  printf("}\n");
  return 0;
}
