// What every unit test includes: cmocka and the headers it needs before itself.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#ifdef __clang_analyzer__ // which does not see that a failed test goes no further
#include <stdlib.h>
#undef fail_msg
#define fail_msg(...) (printf(__VA_ARGS__), abort())
#endif
