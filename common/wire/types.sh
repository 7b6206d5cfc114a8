#!/bin/sh
# types.sh OUT HEADER...: writes a table of every message descriptor that the generated headers declare. protobuf-c has
# no registry of its own, and a list kept by hand would forget the next message.
set -eu
out=$1
shift
{
  for header in "$@"; do echo "#include \"wangge/v1/$(basename "$header")\""; done
  echo '#include "common/wire/types.h"'
  echo 'const ProtobufCMessageDescriptor *const wg_message_types[] = {'
  sed -n 's/^extern const ProtobufCMessageDescriptor \([a-z0-9_]*\);.*/    \&\1,/p' "$@"
  echo '    NULL,'
  echo '};'
} > "$out"
