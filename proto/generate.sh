#!/bin/sh
# generate.sh PROTO_DIR OUT_DIR NAME: protoc-c for one file. A method named Return gives a struct member that is a word
# of C; it gets an underscore.
set -eu
protoc-c --proto_path="$1" --c_out="$2" "wangge/v1/$3.proto"
sed -i 's/(\*return)(/(*return_)(/' "$2/wangge/v1/$3.pb-c.h"
