// Every message type of the contract, ended by NULL; the table is made by types.sh when the project is built.
#pragma once

#include <protobuf-c/protobuf-c.h>

extern const ProtobufCMessageDescriptor *const wg_message_types[];
