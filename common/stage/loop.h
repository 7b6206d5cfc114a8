// The poll loop of a service; see loop.c.
#pragma once

#include "common/stage/internal.h"

// wg_loop_signals blocks TERM, INT and HUP for all threads and has them read by the loop. Call it before any thread.
wg_status wg_loop_signals(struct wg_stage *stage, struct wg_error *error);
// wg_loop_run runs until TERM or INT came and the batch under way has ended.
wg_status wg_loop_run(struct wg_stage *stage, struct wg_error *error);
