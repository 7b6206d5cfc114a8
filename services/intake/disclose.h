// What leaves intake of an order's texts: events and what others than its source are shown. The one place where texts
// are masked on their way to departments, grid workers and lists; pure.
#pragma once

#include "common/base/arena.h"

#include "wangge/v1/intake.pb-c.h"

// Stands for a text of a held order that handlers may not read.
#define INTAKE_HELD_NOTE "（保密或举报件：内容由派单员改写后另行提供）"

// intake_held (保密件、举报件): nobody but its source and a dispatcher who gives a reason reads what it says; handlers
// get what a dispatcher wrote for them (Rewrite).
bool intake_held(bool confidential, Wangge__V1__OrderKind kind);
// intake_disclose makes of an order what may be shown: telephone and identity numbers in title, text and address are
// starred, and the reporter's name where `reporter` has one; of a held order text and attachments go.
void intake_disclose(Wangge__V1__Order *order, const Wangge__V1__Reporter *reporter, struct wg_arena *arena);
// intake_disclose_text: another text that belongs to the order, a supplement or the reason of a withdrawal.
const char *intake_disclose_text(bool held, const char *text, struct wg_arena *arena);
