// Parcels on their way into the ledger: rows of an import, one parcel that is put, parts of a split. Each row is
// checked alone, then all of them together against each other and the parcels of the village.
#pragma once

#include "services/land/survey/check.h"
#include "services/land/survey/fabric.h"
#include "services/land/survey/survey.h"

#include "wangge/v1/land_survey.pb-c.h"

// Where a village's parcels are checked: its plane and boundary, and the task that coordinates come from.
struct land_site {
  const Wangge__V1__VillageInfo *village;
  const Wangge__V1__SurveyTask *task; // NULL: no coordinates come in
  const char *task_id;
  struct land_plane *plane, *from;  // from: of the coordinates; NULL: they are degrees
  struct land_territory *territory; // NULL: boundary not known
  struct land_system system;
};
// land_site_open refuses when the village is not set up or the task is unknown: write->refused is set then. `task_id`
// NULL: none is needed. land_site_close frees the boundary; always call it.
wg_status land_site_open(struct land_write *write, const char *task_id, struct land_site *site, struct wg_error *error);
void land_site_close(struct land_site *site);

struct land_candidate {
  const Wangge__V1__ParcelInput *input;
  const char *pointer;         // "/parcels/3"
  struct land_faults faults;   // not yet findings of the write
  struct land_drawing drawing; // plane NULL: none
  Wangge__V1__Parcel *parcel;  // as it will stand
  size_t piece;                // in the fabric; SIZE_MAX: not in it
};
// land_candidate_read checks attributes and geometry of one row and fills drawing and parcel. `stands` is the parcel as
// it is, or NULL.
void land_candidate_read(struct land_write *write, const struct land_site *site, const Wangge__V1__Parcel *stands,
                         struct land_candidate *candidate);
// land_candidates_settle checks candidates against the village's boundary, each other and the parcels in force but
// those in `gone` (ended by NULL), and computes neighbours. Faulty candidates take no part. Parcels in force that are
// not yet SIGNED and lie beside a candidate get their neighbours anew (changed in the write) unless the write is
// refused.
wg_status land_candidates_settle(struct land_write *write, const struct land_site *site,
                                 struct land_candidate *candidates, size_t count, const char *const *gone,
                                 struct wg_error *error);
// land_candidates_tell makes findings of the faults; `as_warning`: of ERRORs too, whose rows are left out. At most
// LAND_FINDINGS, then one that says how many there are.
enum { LAND_FINDINGS = 1000 };
void land_candidates_tell(struct land_write *write, struct land_candidate *candidates, size_t count, bool as_warning);

// land_parcel_copy shares nothing with the parcel. What goes into the book may not point into records of the book: they
// are freed when the book takes up the change.
Wangge__V1__Parcel *land_parcel_copy(const Wangge__V1__Parcel *parcel, struct wg_arena *arena);

// Flags of a parcel that is not in the book yet; land_flag_drop those of a code.
void land_flag_set(Wangge__V1__Parcel *parcel, const char *code, const char *detail, struct wg_arena *arena);
void land_flag_drop(Wangge__V1__Parcel *parcel, const char *code);

// neighbour.c
// land_neighbours_write fills the parcel's neighbours from the fabric; what was signed stays where the neighbour is the
// same. `parcel_of` gives the parcel of a piece (id and body).
struct land_beside_parcel {
  const char *id;
  const Wangge__V1__Parcel *parcel;
};
void land_neighbours_write(struct land_write *write, const struct land_fabric *fabric, size_t piece,
                           const struct land_site *site, const struct land_beside_parcel *pieces,
                           const Wangge__V1__ParcelInput *input, Wangge__V1__Parcel *parcel);
