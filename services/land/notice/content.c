// What a posted notice says, as one hash: printed on the sheet, so that the sheet on the wall and the record can be
// held against each other.
//
//   "LANDNOTICE1" ‖ village, 12 digits ‖ kind u32 ‖ days u32 ‖ text(title) ‖ text(text) ‖ count u32 of documents
//   ‖ text(document)… ‖ count u32 of subjects ‖ (text(kind) ‖ text(id) ‖ sha256, 32 bytes)…
//
// text(x) = length u32 ‖ bytes; numbers big-endian; subjects in order of kind and id, documents as they were drafted.
#include "services/land/ledger/hash.h"
#include "services/land/notice/notices.h"

#include <string.h>

#define DOMAIN "LANDNOTICE1"

static void add_number(struct wg_buffer *bytes, size_t number) {
  uint8_t length[4];
  const struct wg_bytes part = land_hash_length((uint32_t)number, length);
  wg_buffer_append(bytes, part.data, part.size);
}

static void add_text(struct wg_buffer *bytes, const char *text) {
  const size_t size = strlen(text);
  add_number(bytes, size);
  wg_buffer_append(bytes, text, size);
}

void land_notice_content(const char *village, const Wangge__V1__Notice *notice, uint8_t out[LAND_SUBJECT_BYTES]) {
  struct wg_buffer bytes = {0};
  wg_buffer_text(&bytes, DOMAIN);
  wg_buffer_text(&bytes, village);
  add_number(&bytes, (size_t)notice->kind);
  add_number(&bytes, (size_t)notice->days);
  add_text(&bytes, notice->title);
  add_text(&bytes, notice->text);
  add_number(&bytes, notice->n_docs);
  for (size_t i = 0; i < notice->n_docs; i++)
    add_text(&bytes, notice->docs[i]);
  add_number(&bytes, notice->n_subjects);
  for (size_t i = 0; i < notice->n_subjects; i++) {
    const Wangge__V1__NoticeSubject *subject = notice->subjects[i];
    add_text(&bytes, subject->kind);
    add_text(&bytes, subject->id);
    wg_buffer_append(&bytes, subject->sha256.data, subject->sha256.len);
  }
  const struct wg_bytes whole = {bytes.data, bytes.size};
  wg_sha256(&whole, 1, out);
  wg_buffer_free(&bytes);
}
