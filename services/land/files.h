// Papers and photos that a write names: intake keeps them for the village's records before the write is accepted.
// Without the setting `intake` nobody is asked, and the hashes speak of files that are kept elsewhere.
#pragma once

#include "common/stage/stage.h"

// Of every writing call whose request may name files (wg_method). INVALID_ARGUMENT ("breach.photos[0]"): who writes has
// not brought it; UNAVAILABLE: intake does not answer.
bool land_files_asks(const void *service, const ProtobufCMessage *request);
wg_status land_files_ask(const struct wg_read_call *call, struct wg_error *error);

// land_names_files: may a message of this type name files, itself or in what it holds?
bool land_names_files(const ProtobufCMessageDescriptor *type);
// land_file_field: does a text of this name name files? By the names that the .proto files of land have for them.
bool land_file_field(const char *name);
