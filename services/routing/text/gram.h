// N-grams: single characters and pairs of neighbours, known by a 32-bit hash. Two different grams of one corpus share a
// hash about once in 40,000; the explanation of a match then shows the wrong one of the two, the score moves by less
// than quantising does.
#pragma once

#include <stdint.h>

// routing_gram gives the hash of `first` alone (second 0) or of the pair; never 0. Stored in databases and models: it
// must never change without ROUTING_TEXT_RULES.
static inline uint32_t routing_gram(uint32_t first, uint32_t second) {
  uint64_t mixed = (uint64_t)first * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)second * UINT64_C(0xc2b2ae3d27d4eb4f);
  mixed ^= mixed >> 29;
  mixed *= UINT64_C(0xbf58476d1ce4e5b9);
  const uint32_t gram = (uint32_t)(mixed >> 32);
  return gram != 0 ? gram : 1;
}
